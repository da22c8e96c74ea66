/** A disk of a backup from the agent of a node into a file of the user's. */
package io.trustedlaunch.cli.plugin.download;
