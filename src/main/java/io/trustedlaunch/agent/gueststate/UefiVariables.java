package io.trustedlaunch.agent.gueststate;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Checks the structure of a file of UEFI variables, which has no checksum of its own. The format is that of the UEFI
 * Platform Initialization Specification (volume 3, firmware volumes) and of EDK II's authenticated variable store.
 * Firmware that finds unusable headers silently creates an empty store, without the keys of Secure Boot.
 */
public final class UefiVariables {
    private static final byte[] NV_DATA_VOLUME = HexFormat.of().parseHex("8d2bf1ff96768b4ca9852747075b4f50");
    private static final byte[] AUTHENTICATED_STORE = HexFormat.of().parseHex("782cf3aa7b949a43a1802e144ec37792");
    private static final int VOLUME_HEADER = 72;
    private static final int STORE_HEADER = 28;
    private static final int VARIABLE_HEADER = 60;
    private static final int SIGNATURE = 0x4856465f; // _FVH
    private static final int FORMATTED_AND_HEALTHY = 0xfe5a;
    private static final short START = 0x55aa;
    private static final byte ERASED = (byte) 0xff;
    /** States of a variable that counts; the second one's only until its replacement is written. */
    private static final byte ADDED = 0x3f;

    private static final byte BEING_REPLACED = 0x3e;

    private final ByteBuffer file;

    UefiVariables(byte[] file) {
        this.file = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Why firmware would not find all variables in the file. Empty is no proof that it would. */
    public static Optional<String> fault(byte[] file) {
        return new UefiVariables(file).fault();
    }

    private Optional<String> fault() {
        if (file.capacity() < VOLUME_HEADER + STORE_HEADER) {
            return Optional.of("the file is too short");
        }
        int header = Short.toUnsignedInt(file.getShort(48));
        if (file.getInt(40) != SIGNATURE
                || !matches(16, NV_DATA_VOLUME)
                || header != VOLUME_HEADER
                || checksum() != 0) {
            return Optional.of("the header of its firmware volume is damaged");
        }
        if (file.getLong(32) != file.capacity()) {
            return Optional.of("it has " + file.capacity() + " bytes, but its header says " + file.getLong(32));
        }
        int size = file.getInt(VOLUME_HEADER + 16);
        boolean healthy = matches(VOLUME_HEADER, AUTHENTICATED_STORE)
                && Short.toUnsignedInt(file.getShort(VOLUME_HEADER + 20)) == FORMATTED_AND_HEALTHY
                && size > STORE_HEADER
                && size <= file.capacity() - VOLUME_HEADER;
        return healthy ? variables() : Optional.of("the header of its variable store is damaged");
    }

    /** Each variable leads to the next; after the last one, only the torn header of a power cut may follow. */
    private Optional<String> variables() {
        int end = storeEnd();
        int at = firstVariable();
        while (isVariable(at)) {
            if (length(at) > end - at) {
                return Optional.of("a variable reaches beyond the end of its store");
            }
            at = next(at);
        }
        for (int rest = at + VARIABLE_HEADER; rest < end; rest++) {
            if (file.get(rest) != ERASED) {
                return Optional.of("there is data after its last variable, so an earlier one is damaged");
            }
        }
        return Optional.empty();
    }

    int firstVariable() {
        return VOLUME_HEADER + STORE_HEADER;
    }

    int storeEnd() {
        return VOLUME_HEADER + file.getInt(VOLUME_HEADER + 16);
    }

    boolean isVariable(int at) {
        return at + VARIABLE_HEADER <= storeEnd() && file.getShort(at) == START;
    }

    /** The offset of the variable after this one. */
    int next(int at) {
        return Math.toIntExact(at + length(at) + 3) & ~3;
    }

    /**
     * Firmware writes a header, then marks it valid. A header that was never marked stays without name and content, and the
     * next variable follows it (EDK II, GetNextVariablePtr).
     */
    private long length(int at) {
        return file.get(at + 2) == ERASED
                ? VARIABLE_HEADER
                : VARIABLE_HEADER
                        + Integer.toUnsignedLong(file.getInt(at + 36))
                        + Integer.toUnsignedLong(file.getInt(at + 40));
    }

    /**
     * The content of a variable of a file without a fault, as firmware finds it (EDK II, FindVariableEx).
     *
     * @param vendor its GUID, as it is stored
     * @param name with its final zero, as it is stored
     */
    Optional<byte[]> value(byte[] vendor, byte[] name) {
        Optional<byte[]> replaced = Optional.empty();
        for (int at = firstVariable(); isVariable(at); at = next(at)) {
            byte state = file.get(at + 2);
            if ((state == ADDED || state == BEING_REPLACED) && isNamed(at, vendor, name)) {
                int content = at + VARIABLE_HEADER + name.length;
                byte[] value = Arrays.copyOfRange(file.array(), content, content + file.getInt(at + 40));
                if (state == ADDED) {
                    return Optional.of(value);
                }
                replaced = Optional.of(value);
            }
        }
        return replaced;
    }

    private boolean isNamed(int at, byte[] vendor, byte[] name) {
        return file.getInt(at + 36) == name.length && matches(at + 44, vendor) && matches(at + VARIABLE_HEADER, name);
    }

    private boolean matches(int at, byte[] expected) {
        return Arrays.equals(file.array(), at, at + expected.length, expected, 0, expected.length);
    }

    private int checksum() {
        int sum = 0;
        for (int at = 0; at < VOLUME_HEADER; at += Short.BYTES) {
            sum += Short.toUnsignedInt(file.getShort(at));
        }
        return sum & 0xffff;
    }
}
