/**
 * Backups in a folder of a local or shared file system: one folder a VM, in it one a backup.
 *
 * <p>The storage's administrator may put anything there at any time. So each step is from an open folder into the next, without
 * following links, and nothing that is there is overwritten or taken for a file of ours but by its digest.
 */
package io.trustedlaunch.backup.folder;
