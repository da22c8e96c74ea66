package io.trustedlaunch.backup;

import java.util.UUID;

/**
 * Something that is wrong with one file of a backup.
 *
 * @param backup in whose folder it is
 * @param file its name
 * @param message a sentence for people: file, backup, and what is wrong
 */
public record Finding(BackupFault fault, UUID backup, String file, String message) {
    /** @param predicate what is wrong, after the file's name */
    static Finding of(BackupFault fault, BackupId id, String file, String predicate) {
        return new Finding(
                fault, id.backup(), file, file + " of backup " + id.backup() + " of VM " + id.vm() + " " + predicate);
    }
}
