package io.trustedlaunch.backup;

import io.trustedlaunch.custody.Sha256;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** The digests of a stored file's blocks, as its bytes pass by in order. Not thread-safe. */
public final class BlockDigests {
    /** 64 MiB, which is also the size of the parts in which an object store gets a file. */
    public static final int BLOCK_BYTES = 64 * 1024 * 1024;

    private final int blockBytes;
    private final List<String> digests = new ArrayList<>();
    private Sha256 block = new Sha256();
    private long bytes;

    public BlockDigests() {
        this(BLOCK_BYTES);
    }

    BlockDigests(int blockBytes) {
        this.blockBytes = blockBytes;
    }

    /** Goes on from the same bytes. */
    public BlockDigests copy() {
        BlockDigests copy = new BlockDigests(blockBytes);
        copy.digests.addAll(digests);
        copy.block = block.copy();
        copy.bytes = bytes;
        return copy;
    }

    /** The number of blocks of a file with so many bytes. */
    public static long blocks(long bytes) {
        return bytes / BLOCK_BYTES + (bytes % BLOCK_BYTES == 0 ? 0 : 1);
    }

    /** Takes all remaining bytes. */
    public void update(ByteBuffer more) {
        while (more.hasRemaining()) {
            int length = (int) Math.min(more.remaining(), blockBytes - bytes % blockBytes);
            block.update(more.slice(more.position(), length));
            more.position(more.position() + length);
            bytes += length;
            if (bytes % blockBytes == 0) {
                endBlock();
            }
        }
    }

    private void endBlock() {
        digests.add(block.hex());
        block = new Sha256();
    }

    /** The digests of all bytes so far; nothing is taken afterwards. */
    public List<String> finish() {
        if (bytes % blockBytes != 0) {
            endBlock();
        }
        return List.copyOf(digests);
    }

    /** The file whose bytes were taken. */
    public BackupFile file(String name) {
        return new BackupFile(name, bytes, finish());
    }
}
