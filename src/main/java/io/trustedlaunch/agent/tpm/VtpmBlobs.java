package io.trustedlaunch.agent.tpm;

import java.util.Arrays;
import java.util.List;

/**
 * The whole state of a running TPM as a migration sends it, registers included: three blobs, which swtpm has encrypted with the
 * VM's TPM passphrase. Wiped when closed.
 *
 * @param permanent what the state file has: seeds, keys, counters
 * @param running what ends with the TPM: registers (PCRs), sessions
 * @param suspended of a TPM 1.2 only
 */
public record VtpmBlobs(Blob permanent, Blob running, Blob suspended) implements AutoCloseable {
    /** @param flags of swtpm's control channel (tpm_ioctl.h, PTM_STATE_FLAG): whether it is encrypted */
    public record Blob(int flags, byte[] content) {}

    List<Blob> all() {
        return List.of(permanent, running, suspended);
    }

    /** What is left of it without power. It shares its content with this one. */
    VtpmBlobs switchedOff() {
        Blob none = new Blob(0, new byte[0]);
        return new VtpmBlobs(permanent, none, none);
    }

    @Override
    public void close() {
        all().forEach(blob -> Arrays.fill(blob.content(), (byte) 0));
    }
}
