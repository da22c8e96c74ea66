/**
 * Reads disks that QEMU serves over NBD. What the server says is a guest's word, and hostile. Nothing but the trial of the next data
 * path uses it yet.
 */
package io.trustedlaunch.agent.nbd;
