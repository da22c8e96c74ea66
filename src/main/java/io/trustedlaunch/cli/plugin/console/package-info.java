/** A console session between the user's terminal and the agent of the VM's node. */
package io.trustedlaunch.cli.plugin.console;
