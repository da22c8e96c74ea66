/** The run that writes the disks and the guest state of a backup into the folder of a VM. */
package io.trustedlaunch.api.restore;
