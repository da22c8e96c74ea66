package io.trustedlaunch.testkit;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.OptionalInt;

/** Small UEFI variable stores in the format of EDK II firmware. */
public final class VariableStores {
    public static final int FIRST_VARIABLE = 100;
    /** The offset of the firmware's write log; {@link #SPARE} is that of its spare area. */
    public static final int LOG = 4096;

    public static final int SPARE = 2 * LOG;
    public static final int BYTES = 2 * SPARE;
    private static final int LOG_BYTES = 4096;
    private static final int VOLUME_HEADER = 72;
    private static final int VARIABLE_HEADER = 60;
    private static final short START = 0x55aa;
    private static final byte ERASED = (byte) 0xff;

    private VariableStores() {}

    /** A store with one variable per value. */
    public static byte[] with(String... values) {
        return tidiedUp(0, values);
    }

    /** A variable's vendor and name; the GUID as it is stored. */
    public enum Name {
        PK("61dfe48bca93d211aa0d00e098032b8c"),
        KEK("61dfe48bca93d211aa0d00e098032b8c"),
        db("cbb219d73a3d9645a3bcdad00e67656f"),
        dbx("cbb219d73a3d9645a3bcdad00e67656f"),
        SecureBootEnable("c70ba3f008af564599c4001009c93a44");

        private final String vendor;

        Name(String vendor) {
            this.vendor = vendor;
        }
    }

    /** A store whose firmware has a platform key and Secure Boot on, as a template with enrolled keys has it. */
    public static byte[] enrolled(String... values) {
        return withSecureBoot(set(with(values), Name.PK, "platform key".getBytes(StandardCharsets.UTF_8)), true);
    }

    /** What the firmware's setup does. */
    public static byte[] withSecureBoot(byte[] file, boolean on) {
        return set(file, Name.SecureBootEnable, new byte[] {(byte) (on ? 1 : 0)});
    }

    /** Sets a variable, as firmware does: it deletes the earlier one and appends. */
    public static byte[] set(byte[] file, Name name, byte[] content) {
        byte[] longer = deleted(file, name);
        append(longer, HexFormat.of().parseHex(name.vendor), name.name(), content);
        return longer;
    }

    public static byte[] deleted(byte[] file, Name name) {
        return withState(file, name, 0x3c);
    }

    /** The state after a power failure while a variable was written anew: it counts as long as there is no other one. */
    public static byte[] beingReplaced(byte[] file, Name name) {
        return withState(file, name, 0x3e);
    }

    private static byte[] withState(byte[] file, Name name, int state) {
        byte[] changed = file.clone();
        find(file, name).ifPresent(at -> changed[at + 2] = (byte) state);
        return changed;
    }

    /** The offset of a variable that was added and not deleted. */
    public static OptionalInt find(byte[] file, Name name) {
        byte[] wanted = (name.name() + "\0").getBytes(StandardCharsets.UTF_16LE);
        byte[] vendor = HexFormat.of().parseHex(name.vendor);
        for (int at = FIRST_VARIABLE; at < end(file); at = next(file, at)) {
            int start = at + VARIABLE_HEADER;
            if (file[at + 2] == 0x3f
                    && Arrays.equals(file, at + 44, start, vendor, 0, vendor.length)
                    && Arrays.equals(file, start, start + wanted.length, wanted, 0, wanted.length)) {
                return OptionalInt.of(at);
            }
        }
        return OptionalInt.empty();
    }

    /** A store after firmware has reclaimed its space so many times: with a write log and a spare area. */
    public static byte[] tidiedUp(int times, String... values) {
        byte[] file = store(values);
        byte[] block = HexFormat.of().parseHex("2b29589e687c7d49a0ce6500fd9f1b952caf2c64feffffffe00f000000000000");
        System.arraycopy(block, 0, file, LOG, block.length);
        for (int time = 0; time < times; time++) {
            log(file, time, 0xf8, 0xf9);
        }
        Arrays.fill(file, SPARE, SPARE + 100, (byte) times);
        return file;
    }

    /** A store after a power failure during a reclaim: the spare area has all variables, the store itself none. */
    public static byte[] beingTidiedUp(byte[] tidied) {
        byte[] file = tidied.clone();
        int variables = variables(file);
        System.arraycopy(file, 0, file, file.length / 2, variables);
        Arrays.fill(file, 0, variables, (byte) 0xff);
        log(file, writes(file), variables, 0xfc, 0xfd);
        return file;
    }

    /** How many writes the log says were begun. */
    private static int writes(byte[] file) {
        int number = 0;
        while (file[write(file, number)] != (byte) 0xff) {
            number++;
        }
        return number;
    }

    /** Whether the log is new or says that the last write was completed. */
    public static boolean isTidiedUp(byte[] file) {
        int writes = writes(file);
        return writes == 0 || file[write(file, writes - 1)] == (byte) 0xf8;
    }

    /** Logs the progress of a write by the bits that EDK II clears (begun, has records, complete), and that of its record. */
    public static void log(byte[] file, int number, int write, int record) {
        log(file, number, variables(file), write, record);
    }

    private static void log(byte[] file, int number, int variables, int write, int record) {
        ByteBuffer log = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        int at = write(file, number);
        log.put(at, (byte) write).putLong(at + 24, 1).putLong(at + 32, 0);
        log.put(at + 40, (byte) record).putLong(at + 48, 0).putLong(at + 56, VOLUME_HEADER);
        log.putLong(at + 64, variables - VOLUME_HEADER).putLong(at + 72, -file.length / 2);
    }

    private static int write(byte[] file, int number) {
        return file.length / 2 - LOG_BYTES + 32 + 80 * number;
    }

    private static int variables(byte[] file) {
        return VOLUME_HEADER
                + ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getInt(VOLUME_HEADER + 16);
    }

    private static byte[] store(String... values) {
        byte[] file = new byte[BYTES];
        Arrays.fill(file, (byte) 0xff);
        ByteBuffer buffer = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        buffer.put(new byte[16]).put(HexFormat.of().parseHex("8d2bf1ff96768b4ca9852747075b4f50"));
        buffer.putLong(BYTES).put("_FVH".getBytes(StandardCharsets.US_ASCII)).putInt(0x4feff);
        buffer.putShort((short) VOLUME_HEADER)
                .putShort((short) 0)
                .putShort((short) 0)
                .put((byte) 0)
                .put((byte) 2);
        buffer.putInt(1).putInt(BYTES).putInt(0).putInt(0);
        int sum = 0;
        for (int at = 0; at < VOLUME_HEADER; at += 2) {
            sum += Short.toUnsignedInt(buffer.getShort(at));
        }
        buffer.putShort(50, (short) -sum);
        buffer.put(HexFormat.of().parseHex("782cf3aa7b949a43a1802e144ec37792")).putInt(LOG - VOLUME_HEADER);
        buffer.put((byte) 0x5a).put((byte) 0xfe).putShort((short) 0).putInt(0);
        for (String value : values) {
            append(file, value);
        }
        return file;
    }

    /** Appends a variable, as firmware does. */
    public static byte[] and(byte[] file, String value) {
        byte[] longer = file.clone();
        append(longer, value);
        return longer;
    }

    /** A store that ends before the log, as OVMF's does. */
    public static byte[] withRoomBeforeTheLog(byte[] file) {
        byte[] shorter = file.clone();
        ByteBuffer.wrap(shorter).order(ByteOrder.LITTLE_ENDIAN).putInt(VOLUME_HEADER + 16, LOG - VOLUME_HEADER - 256);
        return shorter;
    }

    /** The offset of the next variable. */
    public static int end(byte[] file) {
        ByteBuffer buffer = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        int at = FIRST_VARIABLE;
        while (buffer.getShort(at) == START) {
            at = next(file, at);
        }
        return at;
    }

    private static int next(byte[] file, int at) {
        ByteBuffer buffer = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        int length = file[at + 2] == ERASED ? 0 : buffer.getInt(at + 36) + buffer.getInt(at + 40);
        return (at + VARIABLE_HEADER + length + 3) & ~3;
    }

    /** A store after a power failure when so many bytes of a new variable's header were written. */
    public static byte[] tornHeader(byte[] file, int bytes) {
        byte[] torn = file.clone();
        int at = end(file);
        System.arraycopy(and(file, "never written"), at, torn, at, bytes);
        torn[at + 2] = ERASED;
        return torn;
    }

    private static void append(byte[] file, String value) {
        append(file, new byte[16], "v" + end(file), value.getBytes(StandardCharsets.UTF_8));
    }

    private static void append(byte[] file, byte[] vendor, String named, byte[] content) {
        ByteBuffer buffer = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        byte[] name = (named + "\0").getBytes(StandardCharsets.UTF_16LE);
        buffer.position(end(file));
        buffer.putShort(START).put((byte) 0x3f).put((byte) 0).putInt(7).put(new byte[28]);
        buffer.putInt(name.length).putInt(content.length).put(vendor).put(name).put(content);
    }
}
