package io.trustedlaunch.agent.tpm;

import java.util.List;

/**
 * The platform configuration registers of a TPM and its counters, at one moment.
 *
 * @param sha256 PCR 0 to 15 of the SHA-256 bank, each in lower-case hexadecimal. The others can be reset without a boot
 * @param resets TPM Resets, which a boot is, since the TPM was made or its owner cleared it (resetCount of TPMS_CLOCK_INFO)
 * @param restarts boots since then that the guest had prepared with TPM2_Shutdown(STATE) (restartCount)
 */
public record TpmRegisters(List<String> sha256, long resets, long restarts) {
    public static final int COUNT = 16;

    public TpmRegisters {
        sha256 = List.copyOf(sha256);
    }
}
