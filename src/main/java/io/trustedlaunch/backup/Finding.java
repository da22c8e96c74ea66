package io.trustedlaunch.backup;

import java.util.UUID;

/**
 * Something that is wrong with one file of a backup.
 *
 * @param file its name
 * @param message a sentence for people: backup, file, and for an altered file where in it
 */
public record Finding(BackupFault fault, UUID backup, String file, String message) {}
