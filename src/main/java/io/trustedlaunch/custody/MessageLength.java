package io.trustedlaunch.custody;

import java.util.Optional;

/**
 * Compares a message with the length in its first bytes (DER). This separates a file that was cut short or appended to,
 * as by a copy that was interrupted, from one that never was a message.
 */
final class MessageLength {
    private static final int SEQUENCE = 0x30;
    private static final int LONG_FORM = 0x80;
    /** No file here needs more. */
    private static final int MAX_LENGTH_BYTES = 4;

    private MessageLength() {}

    /** The fault of a message that does not have the length it states, or states none; empty if it has it. */
    static Optional<Unsealing> faultOf(byte[] message) {
        if (message.length == 0) {
            return refused(SealFault.EMPTY, "it has no bytes");
        }
        if (message[0] != SEQUENCE) {
            return refused(SealFault.NOT_SEALED, "it does not begin like a sealed file");
        }
        if (message.length == 1) {
            return refused(SealFault.TRUNCATED, "it has a single byte");
        }
        int lengthBytes = lengthBytes(message[1] & 0xff);
        if (lengthBytes < 0) {
            return refused(SealFault.NOT_SEALED, "it states its length in a form that sealed files do not use");
        }
        if (message.length < 2 + lengthBytes) {
            return refused(SealFault.TRUNCATED, "it ends within its first bytes");
        }
        long expected = 2L + lengthBytes + valueLength(message, lengthBytes);
        if (message.length < expected) {
            return refused(SealFault.TRUNCATED, "it has " + message.length + " bytes of " + expected);
        }
        return message.length == expected
                ? Optional.empty()
                : refused(
                        SealFault.TRAILING_BYTES,
                        "it ends after " + expected + " bytes, and " + (message.length - expected) + " more follow");
    }

    /** The number of bytes that give the length; negative for a form that DER, or any file here, does not use. */
    private static int lengthBytes(int first) {
        if (first < LONG_FORM) {
            return 0;
        }
        int count = first - LONG_FORM;
        return count >= 1 && count <= MAX_LENGTH_BYTES ? count : -1;
    }

    private static long valueLength(byte[] message, int lengthBytes) {
        if (lengthBytes == 0) {
            return message[1];
        }
        long length = 0;
        for (int index = 2; index < 2 + lengthBytes; index++) {
            length = length << Byte.SIZE | (message[index] & 0xff);
        }
        return length;
    }

    private static Optional<Unsealing> refused(SealFault fault, String message) {
        return Optional.of(new Unsealing.Refused(fault, message));
    }
}
