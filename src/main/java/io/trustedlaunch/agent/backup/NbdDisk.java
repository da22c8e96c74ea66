package io.trustedlaunch.agent.backup;

import io.trustedlaunch.agent.nbd.NbdClient;
import io.trustedlaunch.agent.nbd.NbdContext;
import io.trustedlaunch.agent.nbd.NbdExtent;
import io.trustedlaunch.backup.Geometry;
import io.trustedlaunch.backup.pack.DiskSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.List;

/**
 * A disk that is served over NBD.
 *
 * @param changes whether its bitmap says what was written since the backup before; otherwise all that is not zero is read
 */
public record NbdDisk(DiskExport export, long bytes, boolean changes) implements DiskSource {
    /** A disk as its server has it now. */
    public static NbdDisk of(DiskExport export, boolean changes) throws IOException {
        try (NbdClient client = NbdClient.open(export.socket(), export.name(), List.of())) {
            return new NbdDisk(export, client.bytes(), changes);
        }
    }

    @Override
    public Wanted wanted(Geometry geometry) throws IOException {
        BitSet blocks = new BitSet(geometry.blocks(bytes));
        String context = changes ? NbdContext.dirtyBitmap(export.name()) : NbdContext.ALLOCATION;
        try (NbdClient client = NbdClient.open(export.socket(), export.name(), List.of(context))) {
            for (long at = 0; at < bytes; ) {
                int length = (int) Math.min(bytes - at, NbdClient.MOST_BYTES);
                List<NbdExtent> extents = client.status(at, length).getFirst();
                for (NbdExtent extent : extents) {
                    if (changes ? extent.has(NbdContext.DIRTY) : !extent.has(NbdContext.ZERO)) {
                        blocks.set((int) (extent.offset() / geometry.blockBytes()), (int)
                                Math.ceilDiv(extent.end(), (long) geometry.blockBytes()));
                    }
                }
                at = extents.getLast().end();
            }
        }
        return new Wanted(blocks, !changes);
    }

    @Override
    public Reader open() throws IOException {
        NbdClient client = NbdClient.open(export.socket(), export.name(), List.of());
        return new Reader() {
            @Override
            public void read(long offset, ByteBuffer into) throws IOException {
                client.read(offset, into);
            }

            @Override
            public void close() throws IOException {
                client.close();
            }
        };
    }
}
