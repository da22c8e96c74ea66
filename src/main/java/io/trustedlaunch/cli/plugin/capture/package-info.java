/** An image from the OS disk of a VM that is off: which VMs and backups give one, and what a user gets of it. */
package io.trustedlaunch.cli.plugin.capture;
