package io.trustedlaunch.agent.migration;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** Sends a guest's answer CD: its length, then its bytes. */
final class SeedTransfer {
    /** Many times the limit of user data. */
    private static final int MAX_BYTES = 8 << 20;

    private static final int LONGEST_NUMBER = 10;

    private SeedTransfer() {}

    static void write(OutputStream to, byte[] seed) throws IOException {
        Lines.write(to, Integer.toString(seed.length));
        to.write(seed);
        to.flush();
    }

    static byte[] read(InputStream from) throws IOException {
        int length = length(Lines.read(from, LONGEST_NUMBER));
        byte[] seed = from.readNBytes(length);
        if (seed.length < length) {
            throw new EOFException("the other side closed the connection");
        }
        return seed;
    }

    private static int length(String line) throws IOException {
        try {
            int length = Integer.parseInt(line);
            if (length >= 0 && length <= MAX_BYTES) {
                return length;
            }
        } catch (NumberFormatException e) {
            throw new IOException("the length of the answer CD is not a number", e);
        }
        throw new IOException("the answer CD is larger than " + MAX_BYTES + " bytes");
    }
}
