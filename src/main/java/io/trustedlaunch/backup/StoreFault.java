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
    /** It is not known to be the store that is meant: it has no marker, another one's, or one that cannot be used. */
    UNMARKED,
    /** The store does not accept the credentials, or they do not allow this. */
    REFUSED,
    /** The store does not let the object be removed: it keeps it for a time, or the credentials do not allow it. */
    NOT_REMOVABLE,
    /** The signed URLs for the store are no longer valid. */
    EXPIRED,
    /** It failed in another way; the message has the cause. */
    FAILED;

    /** Nothing is known of the backups in it. */
    public boolean isOfTheWholeStore() {
        return this == UNREACHABLE || this == UNMARKED || this == REFUSED || this == EXPIRED;
    }
}
