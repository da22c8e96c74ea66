/** The controller of VMConsoles: tells clients which agent serves the console of a VM, and deletes expired consoles. */
package io.trustedlaunch.operator.console;
