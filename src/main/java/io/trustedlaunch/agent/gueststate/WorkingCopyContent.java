package io.trustedlaunch.agent.gueststate;

import io.trustedlaunch.custody.Sha256;
import java.time.Instant;

/**
 * The content of a working copy at one moment.
 *
 * @param tpm swtpm's state file
 * @param variables the UEFI variables' file
 * @param changedAt when the later of the two was written
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared as a record: fingerprint() is for that.
public record WorkingCopyContent(byte[] tpm, byte[] variables, Instant changedAt) {

    /** Equal for equal content, regardless of when it was written. */
    Fingerprint fingerprint() {
        return Fingerprint.of(tpm, variables);
    }

    /** SHA-256 of both files, in hex. */
    record Fingerprint(String tpm, String variables) {
        static Fingerprint of(byte[] tpm, byte[] variables) {
            return new Fingerprint(Sha256.of(tpm), Sha256.of(variables));
        }
    }

    @Override
    public String toString() {
        return "WorkingCopyContent[TPM " + tpm.length + " bytes, variables " + variables.length + " bytes, " + changedAt
                + "]";
    }
}
