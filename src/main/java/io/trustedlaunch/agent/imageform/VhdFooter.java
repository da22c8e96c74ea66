package io.trustedlaunch.agent.imageform;

import static io.trustedlaunch.agent.imageform.FaultyImageException.when;

import java.nio.ByteBuffer;

/**
 * The footer of a VHD, which a dynamic VHD also has at its start.
 *
 * @param headerOffset of the header of a dynamic VHD
 */
record VhdFooter(Kind kind, long virtualBytes, long headerOffset) {
    static final int LENGTH = 512;

    private static final long COOKIE = 0x636F6E6563746978L;
    private static final int VERSION = 12;
    private static final int HEADER_OFFSET = 16;
    private static final int CURRENT_SIZE = 48;
    private static final int TYPE = 60;
    private static final int CHECKSUM = 64;

    private static final int VERSION_1 = 0x00010000;

    /** QEMU's limit: 2040 GiB. */
    private static final long MAX_BYTES = 0xFF000000L * RawDisk.SECTOR;

    enum Kind {
        Fixed,
        Dynamic
    }

    /**
     * Uses the current size, not the geometry: cylinders, heads and sectors are rounded and cut off the end of the disk,
     * where GPT has its second header.
     */
    static VhdFooter read(ByteBuffer footer) throws FaultyImageException {
        when(!hasCookie(footer), ImageFault.NoFooter);
        when(!hasValidChecksum(footer, CHECKSUM), ImageFault.BadChecksum);
        when(footer.getInt(VERSION) != VERSION_1, ImageFault.UnknownVersion);
        Kind kind = kind(footer.getInt(TYPE));
        long size = footer.getLong(CURRENT_SIZE);
        when(size == 0, ImageFault.NoDisk);
        when(size < 0 || size > MAX_BYTES, ImageFault.TooLarge);
        when(size % RawDisk.SECTOR != 0, ImageFault.OddSize);
        return new VhdFooter(kind, size, footer.getLong(HEADER_OFFSET));
    }

    static boolean hasCookie(ByteBuffer footer) {
        return footer.getLong(0) == COOKIE;
    }

    /** The checksum is the inverted sum of all bytes except its own. */
    static boolean hasValidChecksum(ByteBuffer bytes, int offset) {
        int sum = 0;
        for (int i = 0; i < bytes.limit(); i++) {
            sum += i >= offset && i < offset + Integer.BYTES ? 0 : Byte.toUnsignedInt(bytes.get(i));
        }
        return ~sum == bytes.getInt(offset);
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
