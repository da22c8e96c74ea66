/**
 * The verbs of {@code kubectl tlvm}, one a file. They write what a user could write with kubectl, under the user's own
 * rights, and then show what comes of it; nothing is decided here.
 */
package io.trustedlaunch.cli.plugin;
