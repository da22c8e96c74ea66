package io.trustedlaunch.agent.tpm;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/** Reads values from a TPM's response; one that is too short is a {@link TpmFailure.ProtocolBroken}. */
final class TpmReader {
    private final ByteBuffer in;

    TpmReader(byte[] bytes) {
        in = ByteBuffer.wrap(bytes);
    }

    int u16() {
        try {
            return Short.toUnsignedInt(in.getShort());
        } catch (BufferUnderflowException e) {
            throw tooShort(e);
        }
    }

    int u32() {
        try {
            return in.getInt();
        } catch (BufferUnderflowException e) {
            throw tooShort(e);
        }
    }

    byte[] raw(int length) {
        try {
            byte[] bytes = new byte[length];
            in.get(bytes);
            return bytes;
        } catch (BufferUnderflowException | NegativeArraySizeException e) {
            throw tooShort(e);
        }
    }

    /** A sized buffer (TPM2B). */
    byte[] sized() {
        return raw(u16());
    }

    private static TpmException tooShort(RuntimeException cause) {
        return new TpmException(new TpmFailure.ProtocolBroken("a response of the TPM is too short"), cause);
    }
}
