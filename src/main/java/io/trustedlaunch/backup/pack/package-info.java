/**
 * How disks are kept in backups: blocks sealed into packs, and maps that say where each block of a disk is. A pack is written once;
 * later backups of the VM use what has not changed.
 */
package io.trustedlaunch.backup.pack;
