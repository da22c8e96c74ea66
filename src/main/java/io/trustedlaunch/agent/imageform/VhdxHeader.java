package io.trustedlaunch.agent.imageform;

import static io.trustedlaunch.agent.imageform.FaultyImageException.when;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The header of a VHDX, of which there are two: an update overwrites the older one, so that one is always valid. In a
 * file that was closed cleanly both are.
 */
final class VhdxHeader {
    private static final int[] OFFSETS = {1 << 16, 2 << 16};
    private static final int LENGTH = 4096;

    private static final int SIGNATURE = 0x64616568;
    private static final int SEQUENCE = 8;
    private static final int LOG = 48;
    private static final int LOG_VERSION = 64;
    private static final int VERSION = 66;
    private static final int LOG_LENGTH = 68;
    private static final int LOG_OFFSET = 72;

    private VhdxHeader() {}

    static void inspect(ImageBytes bytes, AllocationMap allocations) throws IOException, FaultyImageException {
        ByteBuffer first = read(bytes, OFFSETS[0]);
        ByteBuffer second = read(bytes, OFFSETS[1]);
        int order = Long.compareUnsigned(first.getLong(SEQUENCE), second.getLong(SEQUENCE));
        when(order == 0 && !first.equals(second), ImageFault.CopiesDiffer);
        ByteBuffer current = order >= 0 ? first : second;
        // A nonzero log GUID means that the log must be replayed first; it may write anywhere in the file.
        when(current.getLong(LOG) != 0 || current.getLong(LOG + Long.BYTES) != 0, ImageFault.NotClosed);
        allocateLog(bytes, allocations, current);
    }

    private static ByteBuffer read(ImageBytes bytes, int offset) throws IOException, FaultyImageException {
        ByteBuffer header = bytes.read(offset, LENGTH, ImageFault.TableOutside).order(ByteOrder.LITTLE_ENDIAN);
        when(header.getInt(0) != SIGNATURE, ImageFault.BadHeader);
        VhdxChecksum.require(header);
        when(header.getShort(VERSION) != 1 || header.getShort(LOG_VERSION) != 0, ImageFault.UnknownVersion);
        return header;
    }

    private static void allocateLog(ImageBytes bytes, AllocationMap allocations, ByteBuffer header)
            throws FaultyImageException {
        long length = Integer.toUnsignedLong(header.getInt(LOG_LENGTH));
        long offset = header.getLong(LOG_OFFSET);
        if (length == 0) {
            return;
        }
        when(offset % Vhdx.ALIGNMENT != 0 || length % Vhdx.ALIGNMENT != 0, ImageFault.Misaligned);
        bytes.requireInside(offset, length, ImageFault.TableOutside);
        allocations.allocate(offset, length);
    }
}
