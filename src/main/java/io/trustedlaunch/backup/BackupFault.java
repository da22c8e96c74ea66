package io.trustedlaunch.backup;

/** The fault of a backup, or of a document in it. */
public enum BackupFault {
    // The chain.
    /** The wanted backup has no index: it was removed, or never finished. */
    INDEX_MISSING,
    /** The index is not the one on record. */
    INDEX_ALTERED,
    /** The index is the one on record, but is none that is ever written. */
    INDEX_MALFORMED,
    PARENT_MISSING,
    /** The parent's index is not the one that its child names. */
    PARENT_ALTERED,
    /** A parent follows from itself. */
    CHAIN_LOOP,
    CHAIN_TOO_LONG,
    /** Two backups of a chain are under different protection keys. */
    OTHER_KEY,
    /** Two backups of a chain have different disks. */
    OTHER_DISKS,
    /** A document is in a later format than this version reads. */
    UNSUPPORTED_FORMAT,

    // Files.
    FILE_MISSING,
    TRUNCATED,
    LONGER,
    ALTERED,
    /** It is another file of this chain, or the index of another backup of this VM. */
    SWAPPED,
    /** It is a file of another chain of this VM. */
    OF_OTHER_CHAIN,
    OF_OTHER_VM,
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
