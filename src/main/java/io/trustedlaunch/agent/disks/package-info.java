/**
 * Makes a VM's disks from verified images, with the host's qemu-img, which is confined. Files of a storage location are opened
 * without following links.
 */
package io.trustedlaunch.agent.disks;
