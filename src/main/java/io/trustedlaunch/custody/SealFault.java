package io.trustedlaunch.custody;

/** Why a {@link KeyWrappedMessage} or a {@link RecoveryMessage} does not open. */
public enum SealFault {
    EMPTY,
    /** It is shorter than the length in its first bytes. */
    TRUNCATED,
    /** It is longer than the length in its first bytes. */
    TRAILING_BYTES,
    /** It is not such a message, or was altered outside the parts that the keys protect. */
    NOT_SEALED,
    OTHER_VM,
    /** Its label names another key; in a guest state, this VM and another protection key. */
    OTHER_KEY,
    /** It was sealed for this key, but its label names another. */
    LABEL_ALTERED,
    /** Its label is right, but its content key does not unwrap. */
    WRAPPED_KEY_ALTERED,
    /** Its content key unwraps, but its content does not verify. */
    CONTENT_ALTERED
}
