/** Reads and writes disks that QEMU serves over NBD. What the server says can be a guest's word, and hostile. */
package io.trustedlaunch.agent.nbd;
