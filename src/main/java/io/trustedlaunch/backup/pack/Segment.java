package io.trustedlaunch.backup.pack;

import io.trustedlaunch.backup.Pack;
import io.trustedlaunch.backup.SegmentRef;
import io.trustedlaunch.backup.BackupFileName;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Blocks of one slot that were stored together, in their order.
 *
 * @param backup in whose folder the pack is
 * @param file the pack
 * @param offset of its first byte there
 * @param stored a bit for each block that it has, the lowest for the slot's first block; 16 hex digits
 * @param live those of them that are still the disk's: others were overwritten since
 * @param digest of its blocks, under a key of the VM's: what is found unchanged is not stored again; 32 hex digits
 */
@JsonPropertyOrder({"backup", "file", "offset", "stored", "live", "digest"})
@RecordBuilder
public record Segment(UUID backup, String file, long offset, String stored, String live, String digest) {
    private static final Pattern MASK = Pattern.compile("[0-9a-f]{16}");
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{32}");

    /** @throws IllegalArgumentException if it has a form that none has */
    public Segment {
        if (backup == null
                || file == null
                || !BackupFileName.isPack(file)
                || offset < 0
                || stored == null
                || live == null
                || digest == null
                || !MASK.matcher(stored).matches()
                || !MASK.matcher(live).matches()
                || !DIGEST.matcher(digest).matches()) {
            throw new IllegalArgumentException("not a segment");
        }
        long has = mask(stored);
        long used = mask(live);
        if (used == 0 || (used & ~has) != 0) {
            throw new IllegalArgumentException("a segment without a block that is used, or with one that it does not have");
        }
    }

    static Segment of(SegmentRef at, long stored, String digest) {
        return SegmentBuilder.builder()
                .backup(at.backup())
                .file(at.file())
                .offset(at.offset())
                .stored(hex(stored))
                .live(hex(stored))
                .digest(digest)
                .build();
    }

    public long storedBlocks() {
        return mask(stored);
    }

    public long liveBlocks() {
        return mask(live);
    }

    /** Whether nothing of it was overwritten. */
    boolean isWhole() {
        return stored.equals(live);
    }

    /** The same with fewer blocks in use; at least one must be left. */
    Segment withLive(long blocks) {
        return SegmentBuilder.builder(this).live(hex(blocks)).build();
    }

    Pack pack() {
        return new Pack(backup, file);
    }

    private static long mask(String hex) {
        return Long.parseUnsignedLong(hex, 16);
    }

    private static String hex(long mask) {
        return "%016x".formatted(mask);
    }
}
