package io.trustedlaunch.bootlog;

import java.util.Arrays;

/** Reads little-endian numbers and bytes. Nothing is allocated for a length before that many bytes are there. */
final class EventReader {
    private final byte[] bytes;
    private final int start;
    private int at;

    EventReader(byte[] bytes) {
        this(bytes, 0);
    }

    /** @param start where in the log the bytes begin */
    EventReader(byte[] bytes, int start) {
        this.bytes = bytes;
        this.start = start;
    }

    /** In the log. */
    int offset() {
        return start + at;
    }

    boolean atEnd() {
        return at == bytes.length;
    }

    int uint8() throws EventLogException {
        return (int) number(1);
    }

    int uint16() throws EventLogException {
        return (int) number(2);
    }

    long uint32() throws EventLogException {
        return number(4);
    }

    /** A UINT32 that counts, at most so many. */
    int count(int max, String of) throws EventLogException {
        long count = uint32();
        require(count <= max, count + " " + of + ", at most " + max + " are read");
        return (int) count;
    }

    /** A UINT64 that is a length, of bytes or of characters. */
    long length() throws EventLogException {
        long length = number(8);
        require(length >= 0 && length <= bytes.length, "a length of " + Long.toUnsignedString(length));
        return length;
    }

    byte[] bytes(long length) throws EventLogException {
        require(length >= 0 && length <= bytes.length - at, "there are no " + length + " bytes left");
        at += (int) length;
        return Arrays.copyOfRange(bytes, at - (int) length, at);
    }

    byte[] rest() throws EventLogException {
        return bytes(bytes.length - at);
    }

    void require(boolean holds, String otherwise) throws EventLogException {
        if (!holds) {
            throw new EventLogException(offset(), otherwise);
        }
    }

    private long number(int length) throws EventLogException {
        require(length <= bytes.length - at, "it ends within a number");
        long number = 0;
        for (int i = length - 1; i >= 0; i--) {
            number = number << Byte.SIZE | Byte.toUnsignedInt(bytes[at + i]);
        }
        at += length;
        return number;
    }
}
