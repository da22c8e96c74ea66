/** Reads the disks of a guest at one instant into encrypted files, and writes them back, with QEMU's own tools. */
package io.trustedlaunch.agent.backup;
