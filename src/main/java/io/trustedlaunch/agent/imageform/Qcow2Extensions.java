package io.trustedlaunch.agent.imageform;

import static io.trustedlaunch.agent.imageform.FaultyImageException.when;

import java.io.IOException;
import java.nio.ByteBuffer;

/** The header extensions of a qcow2, in its first cluster. */
final class Qcow2Extensions {
    private static final int END = 0;
    private static final int ENCRYPTION = 0x0537BE77;
    private static final int BITMAPS = 0x23852875;
    private static final int EXTERNAL_DATA = 0x44415441;

    private Qcow2Extensions() {}

    /** The format allows readers to skip unknown types. */
    static void requireSupported(ImageBytes bytes, int start, long end, Qcow2Kind kind)
            throws IOException, FaultyImageException {
        long at = start;
        while (end - at >= Long.BYTES) {
            ByteBuffer extension = bytes.read(at, Long.BYTES, ImageFault.TableOutside);
            int type = extension.getInt();
            long length = Integer.toUnsignedLong(extension.getInt());
            if (type == END) {
                return;
            }
            when(type == ENCRYPTION, ImageFault.Encrypted);
            when(type == BITMAPS && kind != Qcow2Kind.DISK, ImageFault.Bitmaps);
            when(type == EXTERNAL_DATA, ImageFault.ExternalDataFile);
            at += Long.BYTES;
            when(length > end - at, ImageFault.BadHeader);
            at += Math.ceilDiv(length, Long.BYTES) * Long.BYTES;
        }
    }
}
