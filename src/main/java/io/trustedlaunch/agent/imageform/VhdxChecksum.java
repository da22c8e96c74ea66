package io.trustedlaunch.agent.imageform;

import static io.trustedlaunch.agent.imageform.FaultyImageException.when;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** The CRC-32C of a structure of a VHDX, computed with its own field set to zero. It follows the signature. */
final class VhdxChecksum {
    static final int OFFSET = 4;

    private VhdxChecksum() {}

    static void require(ByteBuffer structure) throws FaultyImageException {
        when(of(structure) != structure.getInt(OFFSET), ImageFault.BadChecksum);
    }

    private static int of(ByteBuffer structure) {
        CRC32C sum = new CRC32C();
        sum.update(structure.slice(0, OFFSET));
        sum.update(new byte[Integer.BYTES]);
        int rest = OFFSET + Integer.BYTES;
        sum.update(structure.slice(rest, structure.limit() - rest));
        return (int) sum.getValue();
    }
}
