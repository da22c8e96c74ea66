package io.trustedlaunch.cli.plugin.screen;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A server of one screen, as QEMU is one, with what a real one may send between its pictures. */
public final class PlayedVncServer {
    private final int width;
    private final int height;
    private final int[] pixels;
    private final List<String> keys = new CopyOnWriteArrayList<>();
    private volatile boolean shared;

    /** @param pixels blue the lowest */
    public PlayedVncServer(int width, int height, int... pixels) {
        this.width = width;
        this.height = height;
        this.pixels = pixels.clone();
    }

    /** Returns when the client has gone. */
    public void serve(InputStream from, OutputStream to) throws IOException {
        DataInputStream in = new DataInputStream(from);
        DataOutputStream out = new DataOutputStream(to);
        out.write("RFB 003.008\n".getBytes(US_ASCII));
        in.readFully(new byte[12]);
        out.write(new byte[] {1, 1});
        in.readByte();
        out.writeInt(0);
        shared = in.readByte() == 1;
        out.writeShort(width);
        out.writeShort(height);
        out.write(new byte[16]);
        out.writeInt(4);
        out.write("QEMU".getBytes(US_ASCII));
        for (int type = in.read(); type >= 0; type = in.read()) {
            answer(type, in, out);
        }
    }

    private void answer(int type, DataInputStream in, DataOutputStream out) throws IOException {
        switch (type) {
            case 0 -> in.readFully(new byte[19]);
            case 2 -> {
                in.readByte();
                in.readFully(new byte[4 * in.readUnsignedShort()]);
            }
            case 3 -> {
                in.readFully(new byte[9]);
                draw(out);
            }
            case 4 -> {
                boolean pressed = in.readByte() == 1;
                in.readShort();
                keys.add((pressed ? "+" : "-") + Integer.toHexString(in.readInt()));
            }
            default -> throw new IOException("type " + type);
        }
    }

    private void draw(DataOutputStream out) throws IOException {
        out.writeByte(2);
        out.write(new byte[] {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0});
        out.write(new byte[] {3, 0, 0, 0, 0, 0, 0, 2, 'h', 'i'});
        out.write(new byte[] {0, 0});
        out.writeShort(height);
        for (int y = 0; y < height; y++) {
            rectangle(out, 0, y, width, 1, 0);
            for (int x = 0; x < width; x++) {
                out.writeInt(Integer.reverseBytes(pixels[y * width + x]));
            }
        }
        out.flush();
    }

    static void rectangle(DataOutputStream out, int x, int y, int columns, int rows, int encoding) throws IOException {
        out.writeShort(x);
        out.writeShort(y);
        out.writeShort(columns);
        out.writeShort(rows);
        out.writeInt(encoding);
    }

    /** Each with + when it was pressed, and - when it was released. */
    public List<String> keys() {
        return keys;
    }

    /** Whether the last client shares the screen with others. */
    public boolean isShared() {
        return shared;
    }
}
