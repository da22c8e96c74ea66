package io.trustedlaunch.agent.imageform;

import static io.trustedlaunch.agent.imageform.FaultyImageException.when;

import java.nio.ByteBuffer;

/**
 * What ends a VHD, and stands at the start of a dynamic one as well.
 *
 * @param headerAt where a dynamic one's header is
 */
record VhdFooter(Kind kind, long virtualBytes, long headerAt) {
    static final int LENGTH = 512;

    private static final long COOKIE = 0x636F6E6563746978L;
    private static final int VERSION = 12;
    private static final int HEADER_AT = 16;
    private static final int CURRENT_SIZE = 48;
    private static final int TYPE = 60;
    private static final int CHECKSUM = 64;

    private static final int VERSION_1 = 0x00010000;

    /** The most that QEMU takes: 2040 GiB. */
    private static final long MAX_BYTES = 0xFF000000L * RawDisk.SECTOR;

    enum Kind {
        Fixed,
        Dynamic
    }

    /**
     * The size is the one written down, not the one that follows from cylinders, heads and sectors: those are rounded, and
     * cut off the end of the disk, where GPT has its second header.
     */
    static VhdFooter read(ByteBuffer footer) throws FaultyImageException {
        when(!isMarked(footer), ImageFault.NoFooter);
        when(!hasRightSum(footer, CHECKSUM), ImageFault.BadChecksum);
        when(footer.getInt(VERSION) != VERSION_1, ImageFault.UnknownVersion);
        Kind kind = kind(footer.getInt(TYPE));
        long size = footer.getLong(CURRENT_SIZE);
        when(size == 0, ImageFault.NoDisk);
        when(size < 0 || size > MAX_BYTES, ImageFault.TooLarge);
        when(size % RawDisk.SECTOR != 0, ImageFault.OddSize);
        return new VhdFooter(kind, size, footer.getLong(HEADER_AT));
    }

    static boolean isMarked(ByteBuffer footer) {
        return footer.getLong(0) == COOKIE;
    }

    /** Its sum is of all bytes but its own, inverted. */
    static boolean hasRightSum(ByteBuffer bytes, int at) {
        int sum = 0;
        for (int i = 0; i < bytes.limit(); i++) {
            sum += i >= at && i < at + Integer.BYTES ? 0 : Byte.toUnsignedInt(bytes.get(i));
        }
        return ~sum == bytes.getInt(at);
    }

    private static Kind kind(int type) throws FaultyImageException {
        return switch (type) {
            case 2 -> Kind.Fixed;
            case 3 -> Kind.Dynamic;
            case 4 -> throw new FaultyImageException(ImageFault.Differencing);
            default -> throw new FaultyImageException(ImageFault.UnknownFeature);
        };
    }
}
