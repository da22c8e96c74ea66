/** Prompts and progress, on a terminal or in a pipe. */
package io.trustedlaunch.cli.plugin.terminal;
