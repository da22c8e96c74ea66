package io.trustedlaunch.cli.plugin.screen;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.BitSet;
import java.util.List;

/**
 * A client of version 3.8 of the protocol, without a password, which shares the screen with others. The other end is a QEMU, which
 * its guest may have taken over: all that it sends is bounded.
 */
public final class RfbClient {
    private static final String VERSION = "RFB 003.008\n";
    private static final byte NO_PASSWORD = 1;
    private static final byte SHARED = 1;

    /** More than QEMU has: 5120 × 2160. */
    private static final int MOST_PIXELS = 1 << 24;

    private static final int LONGEST_TEXT = 1 << 20;
    private static final int BYTES_IN_PIXEL = 4;

    /** How often a screen may be sent until all of it was sent once. */
    private static final int TIMES = 4;

    private static final int SET_PIXEL_FORMAT = 0;
    private static final int SET_ENCODINGS = 2;
    private static final int UPDATE_REQUEST = 3;
    private static final int KEY_EVENT = 4;

    private static final int UPDATE = 0;
    private static final int COLOURS = 1;
    private static final int BELL = 2;
    private static final int CUT_TEXT = 3;

    private static final int RAW = 0;

    /** Bits, depth, little-endian, true colour; the greatest red, green and blue; where they begin; padding. */
    private static final byte[] PIXEL_FORMAT = {
        32, 24, 0, 1, 0, (byte) 255, 0, (byte) 255, 0, (byte) 255, 16, 8, 0, 0, 0, 0
    };

    private final InputStream in;
    private final OutputStream out;
    private final int width;
    private final int height;
    private long left = LONGEST_TEXT;

    private RfbClient(InputStream in, OutputStream out) throws IOException {
        this.in = in;
        this.out = out;
        handshake();
        ByteBuffer screen = take(4 + PIXEL_FORMAT.length);
        this.width = Short.toUnsignedInt(screen.getShort());
        this.height = Short.toUnsignedInt(screen.getShort());
        skip(length(take(Integer.BYTES).getInt()));
        if (width == 0 || height == 0 || (long) width * height > MOST_PIXELS) {
            throw new IOException("the screen is said to have " + width + " × " + height + " pixels");
        }
        left = (long) TIMES * width * height * BYTES_IN_PIXEL + LONGEST_TEXT;
        send(message(SET_PIXEL_FORMAT, 4 + PIXEL_FORMAT.length).position(4).put(PIXEL_FORMAT));
        send(message(SET_ENCODINGS, 8).position(2).putShort((short) 1).putInt(RAW));
    }

    /** @throws IOException if the other end speaks another protocol, refuses, or wants a password */
    public static RfbClient connect(InputStream in, OutputStream out) throws IOException {
        return new RfbClient(in, out);
    }

    private void handshake() throws IOException {
        String version = text(VERSION.length());
        if (!version.matches("RFB \\d{3}\\.\\d{3}\n") || version.compareTo(VERSION) < 0) {
            throw new IOException("what answered is no VNC server of version 3.8");
        }
        out.write(VERSION.getBytes(US_ASCII));
        out.flush();
        int kinds = Byte.toUnsignedInt(take(1).get());
        if (kinds == 0) {
            throw new IOException("the screen's server refused: "
                    + text(length(take(Integer.BYTES).getInt())));
        }
        byte[] offered = take(kinds).array();
        if (new String(offered, US_ASCII).indexOf(NO_PASSWORD) < 0) {
            throw new IOException("the screen's server wants a password");
        }
        out.write(NO_PASSWORD);
        out.flush();
        if (take(Integer.BYTES).getInt() != 0) {
            throw new IOException("the screen's server refused: "
                    + text(length(take(Integer.BYTES).getInt())));
        }
        out.write(SHARED);
        out.flush();
    }

    /** The whole screen, as it is now. */
    public Picture picture() throws IOException {
        int[] pixels = new int[width * height];
        BitSet drawn = new BitSet(pixels.length);
        while (drawn.cardinality() < pixels.length) {
            requestUpdate(width, height);
            awaitUpdate(pixels, drawn);
        }
        return new Picture(width, height, pixels);
    }

    /** Presses the keys in this order, and releases them in the other. Returns when the other end has got them. */
    public void press(List<Integer> keys) throws IOException {
        for (int key : keys) {
            send(key(key, true));
        }
        for (int key : keys.reversed()) {
            send(key(key, false));
        }
        // It answers in the order of what it gets.
        requestUpdate(1, 1);
        awaitUpdate(new int[width * height], new BitSet());
    }

    private static ByteBuffer key(int key, boolean pressed) {
        return message(KEY_EVENT, 8).put((byte) (pressed ? 1 : 0)).position(4).putInt(key);
    }

    private void requestUpdate(int columns, int rows) throws IOException {
        // Not only what has changed.
        send(message(UPDATE_REQUEST, 10).position(6).putShort((short) columns).putShort((short) rows));
    }

    private void awaitUpdate(int[] pixels, BitSet drawn) throws IOException {
        while (true) {
            int type = take(1).get();
            switch (type) {
                case UPDATE -> {
                    int rectangles = Short.toUnsignedInt(take(3).position(1).getShort());
                    for (int i = 0; i < rectangles; i++) {
                        draw(pixels, drawn);
                    }
                    return;
                }
                case COLOURS ->
                    skip(6L * Short.toUnsignedInt(take(5).position(3).getShort()));
                case BELL -> {}
                case CUT_TEXT -> skip(length(take(7).position(3).getInt()));
                default -> throw new IOException("the screen's server sent a message of unknown type " + type);
            }
        }
    }

    private void draw(int[] pixels, BitSet drawn) throws IOException {
        ByteBuffer header = take(12);
        int x = Short.toUnsignedInt(header.getShort());
        int y = Short.toUnsignedInt(header.getShort());
        int columns = Short.toUnsignedInt(header.getShort());
        int rows = Short.toUnsignedInt(header.getShort());
        int encoding = header.getInt();
        if (encoding != RAW || x + columns > width || y + rows > height) {
            throw new IOException("the screen's server sent what it was not asked for");
        }
        for (int row = y; row < y + rows; row++) {
            int begin = row * width + x;
            take(columns * BYTES_IN_PIXEL)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .asIntBuffer()
                    .get(pixels, begin, columns);
            drawn.set(begin, begin + columns);
        }
    }

    private static ByteBuffer message(int type, int length) {
        return ByteBuffer.allocate(length).put((byte) type);
    }

    private void send(ByteBuffer message) throws IOException {
        out.write(message.array());
        out.flush();
    }

    private static int length(int claimed) throws IOException {
        if (claimed < 0 || claimed > LONGEST_TEXT) {
            throw new IOException("the screen's server sent a text that is too long");
        }
        return claimed;
    }

    private String text(int length) throws IOException {
        return new String(take(length).array(), US_ASCII);
    }

    private void skip(long length) throws IOException {
        take((int) length);
    }

    /** All that is read is read here. */
    private ByteBuffer take(int length) throws IOException {
        left -= length;
        if (left < 0) {
            throw new IOException("the screen's server sends more than a screen has");
        }
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException("the screen was closed");
        }
        return ByteBuffer.wrap(bytes);
    }
}
