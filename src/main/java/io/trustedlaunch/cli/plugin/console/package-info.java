/** Sessions with the agent of the VM's node: of the user's terminal with a serial console, of a viewer with a screen. */
package io.trustedlaunch.cli.plugin.console;
