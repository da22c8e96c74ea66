/** The controller of VMConsoles: which agent serves the console of a VM, and when it expires. */
package io.trustedlaunch.operator.console;
