package io.trustedlaunch.agent.tpm;

import java.util.Arrays;

/**
 * The passphrase that encrypts a VM's TPM state: printable ASCII (hex of a derived key), because swtpm and libvirt both
 * read it as a line of text. {@link #toString()} does not reveal it.
 */
public final class TpmSecret implements AutoCloseable {
    private static final int MINIMUM_LENGTH = 32;

    private final byte[] passphrase;

    private TpmSecret(byte[] passphrase) {
        this.passphrase = passphrase;
    }

    /** Copies the bytes; the caller can wipe its own. */
    public static TpmSecret of(byte[] printableAscii) {
        if (printableAscii.length < MINIMUM_LENGTH) {
            throw new IllegalArgumentException(
                    "the TPM passphrase must have at least " + MINIMUM_LENGTH + " characters");
        }
        for (byte b : printableAscii) {
            if (b <= ' ' || b > '~') {
                throw new IllegalArgumentException("the TPM passphrase must be printable ASCII without spaces");
            }
        }
        return new TpmSecret(printableAscii.clone());
    }

    /** A copy, which the caller wipes. */
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
