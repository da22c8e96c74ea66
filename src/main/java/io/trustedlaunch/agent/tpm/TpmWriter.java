package io.trustedlaunch.agent.tpm;

import java.io.ByteArrayOutputStream;

/** Writes values in a TPM's encoding: big-endian, without padding (TPM 2.0 Part 1, clause "Data Encoding"). */
final class TpmWriter {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    TpmWriter u8(int value) {
        out.write(value);
        return this;
    }

    TpmWriter u16(int value) {
        return u8(value >>> 8).u8(value);
    }

    TpmWriter u32(int value) {
        return u16(value >>> 16).u16(value);
    }

    TpmWriter raw(byte[] bytes) {
        out.writeBytes(bytes);
        return this;
    }

    /** A sized buffer (TPM2B): its size in two bytes, then the bytes. */
    TpmWriter sized(byte[] bytes) {
        return u16(bytes.length).raw(bytes);
    }

    byte[] bytes() {
        return out.toByteArray();
    }
}
