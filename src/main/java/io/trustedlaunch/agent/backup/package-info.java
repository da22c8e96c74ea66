/** The disks of VMs, read as they were at one instant for backups, and written back, over NBD that QEMU and its tools serve. */
package io.trustedlaunch.agent.backup;
