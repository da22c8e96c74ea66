package io.trustedlaunch.cli.plugin.qcow2;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.Deflater;

/**
 * Compresses clusters by deflate. Readers of qcow2 have a window of 4 KiB, and the JDK's deflater none but 32 KiB: so each 4 KiB are
 * compressed without what was before them.
 */
final class ClusterDeflater {
    private static final int WINDOW = 1 << 12;

    private final Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
    private final byte[] plain = new byte[Qcow2Writer.CLUSTER];
    private final byte[] compressed = new byte[Qcow2Writer.CLUSTER];

    /**
     * Empty if it would not become smaller.
     *
     * @param cluster all of one; its position stays
     * @return valid until the next call
     */
    Optional<ByteBuffer> smaller(ByteBuffer cluster) {
        cluster.get(cluster.position(), plain);
        deflater.reset();
        int length = 0;
        for (int from = 0; from < plain.length; from += WINDOW) {
            deflater.setInput(plain, from, WINDOW);
            boolean isLast = from + WINDOW == plain.length;
            if (isLast) {
                deflater.finish();
            }
            length += deflater.deflate(
                    compressed, length, compressed.length - length, isLast ? Deflater.NO_FLUSH : Deflater.FULL_FLUSH);
            if (length == compressed.length) {
                return Optional.empty();
            }
        }
        return deflater.finished() ? Optional.of(ByteBuffer.wrap(compressed, 0, length)) : Optional.empty();
    }
}
