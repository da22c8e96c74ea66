/** The commands below {@code kubectl tlvm catalog}: they work on local files and need no cluster. */
package io.trustedlaunch.cli.plugin.catalog;
