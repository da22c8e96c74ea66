package io.trustedlaunch.catalog;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/** The format of an image's file. */
public enum ImageFormat {
    raw,
    qcow2,
    vhd,
    vhdx;

    /** How many bytes of a file's start and end are needed to detect its format. */
    public static final int SNIFFED = 512;

    private static final byte[] QCOW2 = {'Q', 'F', 'I', (byte) 0xFB};
    private static final byte[] VHD = "conectix".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] VHDX = "vhdxfile".getBytes(StandardCharsets.US_ASCII);

    /** Ends the boot sector, which disks with a GPT have too. */
    private static final byte[] BOOT_SIGNATURE = {0x55, (byte) 0xAA};

    /**
     * Detects the format from the contents, not from the name.
     *
     * @param start the first {@link #SNIFFED} bytes, or all if there are fewer
     * @param end the last {@link #SNIFFED} bytes
     */
    public static Optional<ImageFormat> of(byte[] start, byte[] end) {
        if (hasAt(start, 0, QCOW2)) {
            return Optional.of(qcow2);
        }
        if (hasAt(start, 0, VHDX)) {
            return Optional.of(vhdx);
        }
        // A fixed VHD has a footer only.
        if (hasAt(start, 0, VHD) || hasAt(end, 0, VHD)) {
            return Optional.of(vhd);
        }
        return hasAt(start, SNIFFED - BOOT_SIGNATURE.length, BOOT_SIGNATURE) ? Optional.of(raw) : Optional.empty();
    }

    private static boolean hasAt(byte[] bytes, int offset, byte[] expected) {
        return bytes.length >= offset + expected.length
                && Arrays.equals(bytes, offset, offset + expected.length, expected, 0, expected.length);
    }
}
