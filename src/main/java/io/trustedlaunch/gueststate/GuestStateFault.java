package io.trustedlaunch.gueststate;

import io.trustedlaunch.api.Reason;

/** Why a file is not the guest state that its name says. */
public enum GuestStateFault {
    EMPTY(Reason.GuestStateWrongLength),
    /** Larger than any file that is written; it is not parsed. */
    TOO_LARGE(Reason.GuestStateWrongLength),
    /** Shorter than the length in its first bytes: a copy that was interrupted. */
    TRUNCATED(Reason.GuestStateWrongLength),
    /** Longer than the length in its first bytes. */
    TRAILING_BYTES(Reason.GuestStateWrongLength),
    /** Something else, or altered around the ciphertext. */
    NOT_SEALED(Reason.GuestStateUnrecognized),
    OTHER_VM(Reason.GuestStateOfOtherVm),
    /** The state is of this VM, under another protection key than it has now. */
    OTHER_KEY(Reason.GuestStateUnderOtherKey),
    /** The state is of this VM under its key, with an altered label. */
    LABEL_ALTERED(Reason.GuestStateAltered),
    WRAPPED_KEY_ALTERED(Reason.GuestStateAltered),
    /** The ciphertext, the nonce or the tag was altered. */
    CONTENT_ALTERED(Reason.GuestStateAltered),
    /** Whole, but in a later format than this version reads. */
    UNSUPPORTED_FORMAT(Reason.GuestStateUnsupported),
    /** Whole, but another version than its name says: most likely an older file that was renamed. */
    NOT_WHAT_IT_IS_NAMED(Reason.GuestStateRenamed),
    /** It verifies but contradicts itself: only a holder of the key can make such a file. */
    CONTENT_DAMAGED(Reason.GuestStateContradictory);

    private final Reason reason;

    GuestStateFault(Reason reason) {
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
