package io.trustedlaunch.agent.tpm;

import java.util.Arrays;

/**
 * The passphrase that a VM's TPM state is encrypted with: printable ASCII (hex of a derived key), because swtpm and
 * libvirt both take it as text without its end of line. It never leaves through {@link #toString()}.
 */
public final class TpmSecret implements AutoCloseable {
    private static final int MINIMUM_LENGTH = 32;

    private final byte[] passphrase;

    private TpmSecret(byte[] passphrase) {
        this.passphrase = passphrase;
    }

    /** Copies the bytes; the caller may wipe its own. */
    public static TpmSecret of(byte[] printableAscii) {
        if (printableAscii.length < MINIMUM_LENGTH) {
            throw new IllegalArgumentException("a TPM passphrase has at least " + MINIMUM_LENGTH + " characters");
        }
        for (byte b : printableAscii) {
            if (b <= ' ' || b > '~') {
                throw new IllegalArgumentException("a TPM passphrase is printable ASCII without spaces");
            }
        }
        return new TpmSecret(printableAscii.clone());
    }

    /** A copy; the caller wipes it. */
    public byte[] bytes() {
        return passphrase.clone();
    }

    @Override
    public void close() {
        Arrays.fill(passphrase, (byte) 0);
    }

    @Override
    public String toString() {
        return "TpmSecret[hidden]";
    }
}
