package io.trustedlaunch.download;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.trustedlaunch.custody.Sha256;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Writes what a client gets. Not thread-safe. */
public final class DownloadWriter {
    /** The most bytes of the disk in a frame. */
    public static final int LONGEST = 1 << 20;

    static final int LONGEST_REASON = 16 * 1024;
    static final int HEADER = Long.BYTES + Integer.BYTES;
    static final int END = 0;
    static final int FAILED = -1;

    private final OutputStream to;
    private final Sha256 sent = new Sha256();
    private boolean begun;

    public DownloadWriter(OutputStream to) {
        this.to = to;
    }

    /** @param bytes of the disk */
    public void begin(long bytes) throws IOException {
        begun = true;
        write(("{\"bytes\":" + bytes + "}\n").getBytes(US_ASCII));
        to.flush();
    }

    /** @param bytes at least one, at most {@link #LONGEST}, in an array */
    public void data(long offset, ByteBuffer bytes) throws IOException {
        int length = bytes.remaining();
        if (length < 1 || length > LONGEST) {
            throw new IllegalArgumentException("a frame of " + length + " bytes");
        }
        write(header(offset, length));
        write(bytes.array(), bytes.arrayOffset() + bytes.position(), length);
        to.flush();
    }

    public void end() throws IOException {
        write(header(0, END));
        write(sent.hex().getBytes(US_ASCII));
        to.flush();
    }

    /** Also before anything else. */
    public void fail(String why) throws IOException {
        if (!begun) {
            begin(0);
        }
        byte[] reason = why.getBytes(UTF_8);
        byte[] fits = Arrays.copyOf(reason, Math.min(reason.length, LONGEST_REASON));
        write(header(0, FAILED));
        write(ByteBuffer.allocate(Integer.BYTES).putInt(fits.length).array());
        write(fits);
        to.flush();
    }

    private static byte[] header(long offset, int length) {
        return ByteBuffer.allocate(HEADER).putLong(offset).putInt(length).array();
    }

    private void write(byte[] bytes) throws IOException {
        write(bytes, 0, bytes.length);
    }

    private void write(byte[] bytes, int from, int length) throws IOException {
        sent.update(ByteBuffer.wrap(bytes, from, length));
        to.write(bytes, from, length);
    }
}
