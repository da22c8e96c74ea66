/** Writes a disk as a compact image in the format qcow2: it has the data of the disk, no zeros, and names no other file. Pure. */
package io.trustedlaunch.cli.plugin.qcow2;
