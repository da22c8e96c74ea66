package io.trustedlaunch.backup;

import java.io.IOException;
import java.io.InputStream;

/** Implements {@link InputStream#read()} for streams that are read in blocks. */
public final class SingleByte {
    private SingleByte() {}

    /** Returns the next byte, 0 to 255; -1 at the end. Throws what reading the block throws. */
    public static int read(InputStream blocks) throws IOException {
        byte[] one = new byte[1];
        return blocks.read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }
}
