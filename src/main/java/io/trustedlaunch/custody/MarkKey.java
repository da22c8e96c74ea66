package io.trustedlaunch.custody;

import static java.nio.charset.StandardCharsets.US_ASCII;

/** Issues and verifies {@link Mark marks}. */
public final class MarkKey {
    private final ProofKey key;

    private MarkKey(ProofKey key) {
        this.key = key;
    }

    /** The same for the same secret, so that it is restored with the secret. */
    public static MarkKey derivedFrom(byte[] secret) {
        return new MarkKey(new ProofKey(secret, "mark"));
    }

    public Mark issue(long number) {
        return new Mark(number, key.prove(message(number)));
    }

    public boolean hasIssued(Mark mark) {
        return key.hasProved(message(mark.number()), mark.proof());
    }

    private static byte[] message(long number) {
        return Long.toString(number).getBytes(US_ASCII);
    }
}
