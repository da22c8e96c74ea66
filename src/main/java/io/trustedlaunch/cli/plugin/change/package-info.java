/**
 * Which operations of a JSON patch change disks and cards of a VM as a command asks, and what the user is told of it. It refuses what
 * the VM's spec and status do not permit, and touches single entries of a list, so that fields that this plugin does not know stay.
 */
package io.trustedlaunch.cli.plugin.change;
