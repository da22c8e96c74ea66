/**
 * The form of a VM's backups: what is written, how it is verified and what is kept. {@code docs/backup-format.md} describes
 * it field by field.
 *
 * <pre>
 *   BackupStore:  &lt;VM UID&gt;/&lt;backup UID&gt;/   data-00000 …  map-00000 …  guest-state  recovery.escrow
 *                                          description.sealed ── binds ──► index.json ──► these, and packs of earlier backups
 * </pre>
 *
 * <p>Pure: bytes in, bytes out, through the port {@link io.trustedlaunch.backup.BackupStore}. Whatever a store returns is
 * hostile input until its digest was compared.
 */
package io.trustedlaunch.backup;
