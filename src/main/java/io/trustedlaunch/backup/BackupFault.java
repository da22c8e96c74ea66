package io.trustedlaunch.backup;

/** The fault of a backup, or of a document in it. */
public enum BackupFault {
    /** The wanted backup has no index: it was removed, or never finished. */
    INDEX_MISSING,
    /** The index is not the one on record. */
    INDEX_ALTERED,
    /** The index, or a map, is the one on record, but is none that is ever written. */
    INDEX_MALFORMED,
    /** A document is in a later format than this version reads. */
    UNSUPPORTED_FORMAT,

    // Files.
    FILE_MISSING,
    TRUNCATED,
    LONGER,
    ALTERED,
    /** The store has the file but does not let it be read, or something that is no file is in its place. */
    UNREADABLE,

    // These need the key.
    /** The description does not open with the VM's key. */
    DESCRIPTION_NOT_OPENED,
    /** The description opens, but is of other files than its index lists: files of two backups were recombined. */
    DESCRIPTION_OF_OTHER_FILES,
    /** The description opens, but is none that is ever written: only a holder of the key can make one. */
    DESCRIPTION_MALFORMED
}
