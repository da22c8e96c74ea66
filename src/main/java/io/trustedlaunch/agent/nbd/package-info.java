/** Reads disks that QEMU serves over NBD. What the server says is a guest's word, and hostile. */
package io.trustedlaunch.agent.nbd;
