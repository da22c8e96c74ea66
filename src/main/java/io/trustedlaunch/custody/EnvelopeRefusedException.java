package io.trustedlaunch.custody;

/** An envelope that must not be used, and why. The message holds nothing confidential. */
public final class EnvelopeRefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Why an envelope was refused. */
    public enum Refusal {
        /** It was sealed to another key pair: another node's, or one that this node lost. */
        WRONG_RECIPIENT,
        /** It was altered or truncated, or is not an envelope. */
        DAMAGED,
        /** It is larger than any envelope that the operator writes. */
        TOO_LARGE,
        WRONG_VM,
        WRONG_EPOCH,
        WRONG_IMAGE_COPY,
        WRONG_BACKUP_RUN,
        WRONG_RESTORE,
        WRONG_NODE
    }

    private final Refusal refusal;

    EnvelopeRefusedException(Refusal refusal, String message) {
        super(message);
        this.refusal = refusal;
    }

    public Refusal refusal() {
        return refusal;
    }
}
