/** Makes a VM's disks from verified images, with the host's qemu-img. */
package io.trustedlaunch.agent.disks;
