package io.trustedlaunch.testkit;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/** Small files of UEFI variables, in the form that firmware writes them. */
public final class VariableStores {
    public static final int BYTES = 4096;
    public static final int FIRST_VARIABLE = 100;
    private static final int STORE = 2048;

    private VariableStores() {}

    /** One variable for each value, which is its content. */
    public static byte[] with(String... values) {
        byte[] file = new byte[BYTES];
        Arrays.fill(file, (byte) 0xff);
        ByteBuffer buffer = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        buffer.put(new byte[16]).put(HexFormat.of().parseHex("8d2bf1ff96768b4ca9852747075b4f50"));
        buffer.putLong(BYTES).put("_FVH".getBytes(StandardCharsets.US_ASCII)).putInt(0x4feff);
        buffer.putShort((short) 72)
                .putShort((short) 0)
                .putShort((short) 0)
                .put((byte) 0)
                .put((byte) 2);
        buffer.putInt(1).putInt(BYTES).putInt(0).putInt(0);
        int sum = 0;
        for (int at = 0; at < 72; at += 2) {
            sum += Short.toUnsignedInt(buffer.getShort(at));
        }
        buffer.putShort(50, (short) -sum);
        buffer.put(HexFormat.of().parseHex("782cf3aa7b949a43a1802e144ec37792")).putInt(STORE);
        buffer.put((byte) 0x5a).put((byte) 0xfe).putShort((short) 0).putInt(0);
        for (int number = 0; number < values.length; number++) {
            byte[] name = ("v" + number + "\0").getBytes(StandardCharsets.UTF_16LE);
            byte[] value = values[number].getBytes(StandardCharsets.UTF_8);
            buffer.putShort((short) 0x55aa)
                    .put((byte) 0x3f)
                    .put((byte) 0)
                    .putInt(7)
                    .put(new byte[28]);
            buffer.putInt(name.length)
                    .putInt(value.length)
                    .put(new byte[16])
                    .put(name)
                    .put(value);
            buffer.position((buffer.position() + 3) & ~3);
        }
        return file;
    }
}
