package io.trustedlaunch.agent.imageform;

import static io.trustedlaunch.agent.imageform.FaultyImageException.when;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** Over a whole structure of a VHDX, as if the sum itself were zero. It stands behind the structure's mark. */
final class VhdxChecksum {
    static final int AT = 4;

    private VhdxChecksum() {}

    static void require(ByteBuffer structure) throws FaultyImageException {
        when(of(structure) != structure.getInt(AT), ImageFault.BadChecksum);
    }

    private static int of(ByteBuffer structure) {
        CRC32C sum = new CRC32C();
        sum.update(structure.slice(0, AT));
        sum.update(new byte[Integer.BYTES]);
        int rest = AT + Integer.BYTES;
        sum.update(structure.slice(rest, structure.limit() - rest));
        return (int) sum.getValue();
    }
}
