package io.trustedlaunch.custody;

/** Why a {@link KeyWrappedMessage} or a {@link RecoveryMessage} does not open: as far as can be told without the content. */
public enum SealFault {
    EMPTY,
    /** It is shorter than its first bytes say. */
    TRUNCATED,
    /** It is longer than its first bytes say. */
    TRAILING_BYTES,
    /** It is no such message: something else, or altered outside of what the keys protect. */
    NOT_SEALED,
    OTHER_VM,
    /** It is labelled with another key; a guest state with this VM, and another protection key. */
    OTHER_KEY,
    /** It is under this key, and labelled otherwise. */
    LABEL_ALTERED,
    /** It is labelled as it should be, and its content key does not unwrap. */
    WRAPPED_KEY_ALTERED,
    /** Its content key unwraps, and its content does not verify. */
    CONTENT_ALTERED
}
