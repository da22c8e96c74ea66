package io.trustedlaunch.gueststate;

/** Every TLV of a sealed file, in the order in which they stand there. */
enum SealedField {
    MESSAGE,
    MESSAGE_TYPE,
    EXPLICIT_CONTENT,
    ENVELOPE,
    ENVELOPE_VERSION,
    RECIPIENTS,
    RECIPIENT,
    RECIPIENT_VERSION,
    KEY_LABEL,
    IDENTIFIER,
    KEY_WRAP,
    KEY_WRAP_TYPE,
    WRAPPED_KEY,
    CONTENT,
    CONTENT_TYPE,
    CONTENT_CIPHER,
    CIPHER_TYPE,
    CIPHER_PARAMETERS,
    NONCE,
    TAG_LENGTH,
    CIPHER_TEXT,
    TAG;

    /** The expected fault for a changed value of the same length. */
    GuestStateFault whereAltered() {
        return switch (this) {
            case IDENTIFIER -> GuestStateFault.LABEL_ALTERED;
            case WRAPPED_KEY -> GuestStateFault.WRAPPED_KEY_ALTERED;
            case NONCE, CIPHER_TEXT, TAG -> GuestStateFault.CONTENT_ALTERED;
            case MESSAGE,
                    MESSAGE_TYPE,
                    EXPLICIT_CONTENT,
                    ENVELOPE,
                    ENVELOPE_VERSION,
                    RECIPIENTS,
                    RECIPIENT,
                    RECIPIENT_VERSION,
                    KEY_LABEL,
                    KEY_WRAP,
                    KEY_WRAP_TYPE,
                    CONTENT,
                    CONTENT_TYPE,
                    CONTENT_CIPHER,
                    CIPHER_TYPE,
                    CIPHER_PARAMETERS,
                    TAG_LENGTH -> GuestStateFault.NOT_SEALED;
        };
    }

    /** The expected fault for a longer or shorter value, with all the lengths around it right. */
    GuestStateFault whereResized() {
        return this == CIPHER_TEXT ? GuestStateFault.CONTENT_ALTERED : GuestStateFault.NOT_SEALED;
    }

    /** The expected fault for a field of another file, which as a whole has the fault {@code whole}. */
    GuestStateFault whereSwapped(GuestStateFault whole) {
        boolean sameVmAndKey = whole == GuestStateFault.NOT_WHAT_IT_IS_NAMED;
        return switch (this) {
            case MESSAGE, EXPLICIT_CONTENT, ENVELOPE -> whole;
            case RECIPIENTS, RECIPIENT -> sameVmAndKey ? GuestStateFault.CONTENT_ALTERED : whole;
            case KEY_LABEL, IDENTIFIER -> GuestStateFault.LABEL_ALTERED;
            case WRAPPED_KEY -> sameVmAndKey ? GuestStateFault.CONTENT_ALTERED : GuestStateFault.WRAPPED_KEY_ALTERED;
            case CONTENT, CONTENT_CIPHER, CIPHER_PARAMETERS, NONCE, CIPHER_TEXT, TAG -> GuestStateFault.CONTENT_ALTERED;
            case MESSAGE_TYPE,
                    ENVELOPE_VERSION,
                    RECIPIENT_VERSION,
                    KEY_WRAP,
                    KEY_WRAP_TYPE,
                    CONTENT_TYPE,
                    CIPHER_TYPE,
                    TAG_LENGTH -> throw new AssertionError(this + " is the same in every file");
        };
    }
}
