package io.trustedlaunch.console;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** Frames as bytes: one for the kind, two for the length, then the content. */
public final class Frames {
    /** The most bytes of content in a frame. */
    public static final int LONGEST = 16 * 1024;

    private static final int HEADER = 3;

    private static final int OPENED = 1;
    private static final int OUTPUT = 2;
    private static final int AWAY = 3;
    private static final int ENDED = 4;

    private Frames() {}

    public static void write(OutputStream to, Frame frame) throws IOException {
        switch (frame) {
            case Frame.Opened opened -> write(to, OPENED, new byte[0]);
            case Frame.Output(byte[] bytes) -> write(to, OUTPUT, bytes);
            case Frame.Away(String why) -> write(to, AWAY, why.getBytes(UTF_8));
            case Frame.Ended(String why) -> write(to, ENDED, why.getBytes(UTF_8));
        }
    }

    private static void write(OutputStream to, int kind, byte[] content) throws IOException {
        if (content.length > LONGEST) {
            throw new IllegalArgumentException("a frame of " + content.length + " bytes is too long");
        }
        byte[] frame = new byte[HEADER + content.length];
        frame[0] = (byte) kind;
        frame[1] = (byte) (content.length >> Byte.SIZE);
        frame[2] = (byte) content.length;
        System.arraycopy(content, 0, frame, HEADER, content.length);
        to.write(frame);
        to.flush();
    }

    /** @throws IOException if the connection ends, or sends anything but a frame */
    public static Frame read(InputStream from) throws IOException {
        byte[] header = whole(from, HEADER);
        int length = Byte.toUnsignedInt(header[1]) << Byte.SIZE | Byte.toUnsignedInt(header[2]);
        if (length > LONGEST) {
            throw new IOException("the agent sent a frame of " + length + " bytes");
        }
        byte[] content = whole(from, length);
        return switch (header[0]) {
            case OPENED -> new Frame.Opened();
            case OUTPUT -> new Frame.Output(content);
            case AWAY -> new Frame.Away(new String(content, UTF_8));
            case ENDED -> new Frame.Ended(new String(content, UTF_8));
            default -> throw new IOException("the agent sent a frame of unknown kind " + header[0]);
        };
    }

    private static byte[] whole(InputStream from, int length) throws IOException {
        byte[] bytes = from.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException("the connection ended");
        }
        return bytes;
    }
}
