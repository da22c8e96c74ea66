package io.trustedlaunch.gueststate;

import io.trustedlaunch.api.Reason;

/** Why a file is not the guest state that its name says: everything that can be told apart. */
public enum GuestStateFault {
    EMPTY(Reason.GuestStateWrongLength),
    /** Larger than any that is written; not even looked at. */
    TOO_LARGE(Reason.GuestStateWrongLength),
    /** Shorter than its first bytes say: a copy that was broken off. */
    TRUNCATED(Reason.GuestStateWrongLength),
    /** Longer than its first bytes say. */
    TRAILING_BYTES(Reason.GuestStateWrongLength),
    /** Something else, or altered in what frames the ciphertext. */
    NOT_SEALED(Reason.GuestStateUnrecognized),
    OTHER_VM(Reason.GuestStateOfOtherVm),
    /** Of this VM, under another protection key than it has now. */
    OTHER_KEY(Reason.GuestStateUnderOtherKey),
    /** Of this VM under its key, and labelled otherwise: somebody altered the label. */
    LABEL_ALTERED(Reason.GuestStateAltered),
    WRAPPED_KEY_ALTERED(Reason.GuestStateAltered),
    /** Ciphertext, nonce or tag were altered; which of them cannot be told. */
    CONTENT_ALTERED(Reason.GuestStateAltered),
    /** Whole, and in a later form than this version of the software reads. */
    UNSUPPORTED_FORMAT(Reason.GuestStateUnsupported),
    /** Whole, and another version than the name says: an older one that was renamed, most likely. */
    NOT_WHAT_IT_IS_NAMED(Reason.GuestStateRenamed),
    /** It verifies and still contradicts itself: only who has the key can make such a file. */
    CONTENT_DAMAGED(Reason.GuestStateContradictory);

    private final Reason reason;

    GuestStateFault(Reason reason) {
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
