package io.trustedlaunch.backup.pack;

import io.trustedlaunch.backup.Geometry;
import io.trustedlaunch.backup.Pack;
import io.trustedlaunch.backup.SegmentRef;
import io.trustedlaunch.backup.pack.DiskMap.PageRef;
import java.io.IOException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** How many bytes of each pack the maps of one backup's disks still use. */
final class PackUse {
    private final Geometry geometry;
    private final Map<Pack, Long> used = new HashMap<>();

    PackUse(Geometry geometry) {
        this.geometry = geometry;
    }

    void add(SegmentRef map, MapReader reader) throws IOException {
        add(map.pack(), map.bytes());
        for (PageRef page : reader.map(map).pages()) {
            add(page.at().pack(), page.at().bytes());
            for (Page.Slot slot : reader.page(page.at()).slots()) {
                slot.segments()
                        .forEach(segment -> add(
                                segment.pack(), (long) Long.bitCount(segment.liveBlocks()) * geometry.blockBytes()));
            }
        }
    }

    private void add(Pack pack, long bytes) {
        used.merge(pack, bytes, Long::sum);
    }

    /**
     * The packs of which less than half is used, and those that are least used if there are too many: a backup writes
     * what it needs of them anew, so that they go with the backups before it.
     *
     * @param packs those that the backup names
     * @param most how many there may be
     */
    Set<Pack> worn(List<PackFile> packs, int most) {
        Stream<Pack> halfEmpty =
                packs.stream().filter(pack -> usedOf(pack) * 2 < pack.bytes()).map(PackFile::pack);
        Stream<Pack> tooMany = packs.stream()
                .sorted(Comparator.comparingLong(this::usedOf))
                .limit(Math.max(0, packs.size() - most))
                .map(PackFile::pack);
        return Stream.concat(halfEmpty, tooMany).collect(Collectors.toUnmodifiableSet());
    }

    private long usedOf(PackFile pack) {
        return used.getOrDefault(pack.pack(), 0L);
    }
}
