/**
 * The filling of VMs' disks from the backups that they were started from at once, as DiskFills request it. The truth about a disk
 * that is not whole is its DiskFill: it is Completed only after QEMU has written down all that it has filled.
 */
package io.trustedlaunch.agent.diskfill;
