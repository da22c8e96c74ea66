/**
 * The form of a VM's backups: what is written, how it is verified and what is kept. {@code docs/backup-format.md} describes
 * it field by field.
 *
 * <pre>
 *   BackupStore:  &lt;VM UID&gt;/&lt;backup UID&gt;/   disk-root.qcow2 …  guest-state  recovery.escrow   (all listed in the index)
 *                                          description.sealed ── binds ──► index.json ──► the parent's index.json
 * </pre>
 *
 * <p>Pure: bytes in, bytes out, through the port {@link io.trustedlaunch.backup.BackupStore}. Whatever a store returns is
 * hostile input until its digest was compared.
 */
package io.trustedlaunch.backup;
