package io.trustedlaunch.backup;

/** Why a store did not do what it was asked. */
public enum StoreFault {
    /** The object exists already, and nothing is overwritten. */
    EXISTS,
    MISSING,
    /** The backup is complete, so its files are not removed as those of a run that was broken off. */
    COMMITTED,
    /** Something that this store never makes is in the place of a file or folder, for example a link. */
    FOREIGN,
    NO_SPACE,
    /** The store itself is not there. */
    UNREACHABLE,
    /** It failed in another way; the message has the cause. */
    FAILED
}
