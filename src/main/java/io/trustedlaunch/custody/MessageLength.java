package io.trustedlaunch.custody;

import java.util.Optional;

/**
 * What the first bytes of a message in DER say of its length. A file cut short or written on is so told from one that
 * never was a message: a copy that is under way, or was broken off, looks like that.
 */
final class MessageLength {
    private static final int SEQUENCE = 0x30;
    private static final int LONG_FORM = 0x80;
    /** More needs no file here. */
    private static final int MAX_LENGTH_BYTES = 4;

    private MessageLength() {}

    /** Why the message is not of the length that it gives, or gives none; empty if it is. */
    static Optional<Unsealing> faultOf(byte[] message) {
        if (message.length == 0) {
            return refused(SealFault.EMPTY, "it has no bytes");
        }
        if (message[0] != SEQUENCE) {
            return refused(SealFault.NOT_SEALED, "it does not begin as a sealed file does");
        }
        if (message.length == 1) {
            return refused(SealFault.TRUNCATED, "it has a single byte");
        }
        int lengthBytes = lengthBytes(message[1] & 0xff);
        if (lengthBytes < 0) {
            return refused(SealFault.NOT_SEALED, "it gives its length in a way that sealed files do not");
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

    /** How many bytes of length follow; negative where DER, or any file here, has none such. */
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
