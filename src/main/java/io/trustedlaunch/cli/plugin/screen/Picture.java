package io.trustedlaunch.cli.plugin.screen;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;

/**
 * A picture of a screen.
 *
 * @param pixels row by row, each with 8 bits of red, green and blue, blue the lowest
 */
public record Picture(int width, int height, int[] pixels) {
    private static final byte[] PNG = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    private static final int BYTES_IN_PIXEL = 3;

    /** Bits of each colour; colours without alpha; the only compression, filters and order of rows. */
    private static final byte[] TRUE_COLOUR = {8, 2, 0, 0, 0};

    /** As PNG. Java's own writer is in the module java.desktop, which not every Java runtime has. */
    public void writePng(OutputStream to) throws IOException {
        DataOutputStream out = new DataOutputStream(to);
        out.write(PNG);
        chunk(
                out,
                "IHDR",
                ByteBuffer.allocate(2 * Integer.BYTES + TRUE_COLOUR.length)
                        .putInt(width)
                        .putInt(height)
                        .put(TRUE_COLOUR)
                        .array());
        chunk(out, "IDAT", compressed());
        chunk(out, "IEND", new byte[0]);
        out.flush();
    }

    private byte[] compressed() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DeflaterOutputStream rows = new DeflaterOutputStream(bytes)) {
            // The first byte of a row names its filter: none.
            byte[] row = new byte[1 + width * BYTES_IN_PIXEL];
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < width; x++) {
                    int pixel = pixels[y * width + x];
                    row[1 + x * BYTES_IN_PIXEL] = (byte) (pixel >> 16);
                    row[2 + x * BYTES_IN_PIXEL] = (byte) (pixel >> 8);
                    row[3 + x * BYTES_IN_PIXEL] = (byte) pixel;
                }
                rows.write(row);
            }
        }
        return bytes.toByteArray();
    }

    private static void chunk(DataOutputStream out, String type, byte[] content) throws IOException {
        byte[] name = type.getBytes(US_ASCII);
        CRC32 crc = new CRC32();
        crc.update(name);
        crc.update(content);
        out.writeInt(content.length);
        out.write(name);
        out.write(content);
        out.writeInt((int) crc.getValue());
    }
}
