package io.trustedlaunch.backup.pack;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.backup.BackupFileName;
import io.trustedlaunch.backup.CanonicalJson;
import io.trustedlaunch.backup.Geometry;
import io.trustedlaunch.backup.Pack;
import io.trustedlaunch.backup.SegmentRef;
import io.trustedlaunch.backup.pack.DiskMap.PageRef;
import io.trustedlaunch.backup.pack.DiskSource.Wanted;
import io.trustedlaunch.backup.pack.Page.Slot;
import io.trustedlaunch.custody.PackKeys;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Saves the disks of one backup: what is read and is not in the backup before goes into new packs, and a new map of each disk says
 * where all of its blocks are. So each backup is whole by itself, and shares packs with others.
 *
 * <p>Used by one thread, which has others for it.
 */
public final class DiskSaver implements Closeable {
    /** Of slots that are read while the page before is written. */
    private static final int PAGES_AHEAD = 2;

    private final Spec spec;
    private final PackWriter maps;
    private final List<SlotSaver> savers;
    private final List<PackFile> written = new ArrayList<>();
    private final Set<Pack> named = new TreeSet<>();
    private Optional<Set<Pack>> worn = Optional.empty();

    /**
     * What is the same for all disks.
     *
     * @param files of the VM
     * @param backup that is made
     * @param before the backup that this one is compared with
     * @param packBytes after which a pack ends
     * @param workers threads, each of which has 4 MiB and a pack that it writes
     * @param mostPacks of other backups that this one may need
     */
    @RecordBuilder
    public record Spec(
            Geometry geometry,
            PackFiles files,
            PackKeys keys,
            UUID backup,
            Optional<Before> before,
            long packBytes,
            int workers,
            int mostPacks) {}

    /**
     * A whole backup of the same VM.
     *
     * @param maps of its disks, by their names
     * @param packs that it needs
     */
    public record Before(Map<String, SegmentRef> maps, List<PackFile> packs) {
        public Before {
            maps = Map.copyOf(maps);
            packs = List.copyOf(packs);
        }

        /**
         * Reads all of its maps, so that a damaged one is known before the instant.
         *
         * @throws DamagedPackException if one is not what was written
         */
        public void requireMaps(PackFiles files, PackKeys keys) throws IOException {
            try (PackReader reader = new PackReader(files, keys)) {
                MapReader read = new MapReader(reader);
                for (SegmentRef map : maps.values()) {
                    for (PageRef page : read.map(map).pages()) {
                        read.page(page.at());
                    }
                }
            }
        }
    }

    /**
     * All that was saved.
     *
     * @param written new packs
     * @param needed the packs of other backups that this one needs
     */
    public record Saved(List<PackFile> written, List<PackFile> needed, long readBytes, long storedBytes) {}

    public DiskSaver(Spec spec) {
        this.spec = spec;
        AtomicInteger data = new AtomicInteger();
        AtomicInteger map = new AtomicInteger();
        this.maps = writer(() -> new Pack(spec.backup(), BackupFileName.mapPack(map.getAndIncrement())));
        List<SlotSaver> slots = new ArrayList<>();
        for (int worker = 0; worker < spec.workers(); worker++) {
            PackWriter packs = writer(() -> new Pack(spec.backup(), BackupFileName.dataPack(data.getAndIncrement())));
            slots.add(new SlotSaver(spec.geometry(), packs, spec.keys().digest()));
        }
        this.savers = List.copyOf(slots);
    }

    private PackWriter writer(Supplier<Pack> names) {
        return new PackWriter(spec.files(), spec.keys(), names, spec.packBytes(), this::add);
    }

    private void add(PackFile pack) {
        synchronized (written) {
            written.add(pack);
        }
    }

    /**
     * Saves one disk. Returns the place of its map.
     *
     * @param name of the disk
     */
    public SegmentRef save(String name, DiskSource disk) throws IOException {
        Optional<SegmentRef> before = spec.before().map(known -> known.maps().get(name));
        try (PackReader packs = new PackReader(spec.files(), spec.keys())) {
            MapReader reader = new MapReader(packs);
            SegmentRef map = new Disk(disk, reader, worn(reader)).save(before);
            named.add(map.pack());
            return map;
        }
    }

    /** The same for each disk: nothing of the backup before changes. */
    private Set<Pack> worn(MapReader reader) throws IOException {
        if (worn.isEmpty()) {
            worn = Optional.of(findWorn(reader));
        }
        return worn.get();
    }

    private Set<Pack> findWorn(MapReader reader) throws IOException {
        if (spec.before().isEmpty()) {
            return Set.of();
        }
        PackUse use = new PackUse(spec.geometry());
        for (SegmentRef map : spec.before().get().maps().values()) {
            use.add(map, reader);
        }
        return use.worn(spec.before().get().packs(), spec.mostPacks());
    }

    /** Ends the packs, which are durable then. */
    public Saved finish() throws IOException {
        for (SlotSaver saver : savers) {
            saver.finish();
        }
        maps.finish();
        List<PackFile> own =
                written.stream().sorted(Comparator.comparing(PackFile::pack)).toList();
        List<PackFile> needed = spec.before().map(Before::packs).orElse(List.of()).stream()
                .filter(pack -> named.contains(pack.pack()))
                .toList();
        Set<Pack> known =
                Stream.concat(own.stream(), needed.stream()).map(PackFile::pack).collect(Collectors.toSet());
        if (!known.containsAll(named)) {
            throw new IllegalStateException("a map names a pack that is not known");
        }
        return new Saved(
                own,
                needed,
                savers.stream().mapToLong(SlotSaver::readBytes).sum(),
                savers.stream().mapToLong(SlotSaver::storedBytes).sum());
    }

    /** What was not finished is of no use. Nothing is written any more. */
    @Override
    public void close() throws IOException {
        List<Closeable> all = new ArrayList<>(savers);
        all.add(maps);
        Workers.close(all);
    }

    /** One disk, page by page. Its threads have ended when it is saved, or is not. */
    private final class Disk {
        private final DiskSource source;
        private final MapReader reader;
        private final Set<Pack> worn;
        private final Geometry geometry = spec.geometry();
        private final int blocks;
        private final ExecutorService threads = Executors.newFixedThreadPool(spec.workers());
        private final BlockingQueue<Worker> idle = new ArrayBlockingQueue<>(spec.workers());
        private final Deque<Pending> ahead = new ArrayDeque<>();
        private final List<PageRef> pages = new ArrayList<>();

        private record Worker(SlotSaver saver, DiskSource.Reader reader) {}

        /** A page some of whose slots are being saved. */
        private record Pending(int number, Optional<PageRef> before, Page page, List<Future<Optional<Slot>>> slots) {}

        Disk(DiskSource source, MapReader reader, Set<Pack> worn) {
            this.source = source;
            this.reader = reader;
            this.worn = worn;
            this.blocks = geometry.blocks(source.bytes());
        }

        SegmentRef save(Optional<SegmentRef> before) throws IOException {
            DiskMap map = before.isPresent() ? reader.map(before.get()) : DiskMap.EMPTY;
            Map<Integer, PageRef> known = new HashMap<>();
            map.pages().forEach(page -> known.put(page.number(), page));
            List<DiskSource.Reader> readers = new ArrayList<>();
            try {
                for (SlotSaver saver : savers) {
                    DiskSource.Reader opened = source.open();
                    readers.add(opened);
                    idle.add(new Worker(saver, opened));
                }
                Wanted wanted = source.wanted(geometry);
                int last = Math.max(
                        geometry.pages(source.bytes()),
                        map.pages().isEmpty() ? 0 : map.pages().getLast().number() + 1);
                for (int number = 0; number < last; number++) {
                    begin(number, Optional.ofNullable(known.get(number)), wanted);
                }
                while (!ahead.isEmpty()) {
                    end(ahead.removeFirst());
                }
            } finally {
                Workers.end(threads);
                Workers.close(readers);
            }
            DiskMap now = new DiskMap(pages);
            return before.filter(ref -> now.equals(map) && !worn.contains(ref.pack()))
                            .isPresent()
                    ? before.get()
                    : append(CanonicalJson.encode(now));
        }

        private void begin(int number, Optional<PageRef> before, Wanted wanted) throws IOException {
            Page page = before.isPresent() ? reader.page(before.get().at()) : Page.EMPTY;
            List<Future<Optional<Slot>>> slots = new ArrayList<>();
            for (int slot = 0; slot < geometry.pageSlots(); slot++) {
                task(number, slot, page.segments(slot), wanted)
                        .ifPresent(task -> slots.add(threads.submit(() -> save(task))));
            }
            ahead.add(new Pending(number, before, page, slots));
            if (ahead.size() > PAGES_AHEAD) {
                end(ahead.removeFirst());
            }
        }

        /** Empty for a slot without a block. */
        private Optional<SlotSaver.Task> task(int page, int slot, List<Segment> before, Wanted wanted) {
            int first = page * geometry.pageBlocks() + slot * Geometry.SLOT_BLOCKS;
            long read = mask(wanted, first);
            // A disk may have become smaller.
            long kept = wanted.othersAreZero() ? 0 : lowest(blocks - first);
            if (read == 0 && before.isEmpty()) {
                return Optional.empty();
            }
            List<Segment> usable = new ArrayList<>();
            for (Segment segment : before) {
                if (worn.contains(segment.pack())) {
                    read |= segment.liveBlocks() & kept;
                } else {
                    usable.add(segment);
                }
            }
            return Optional.of(new SlotSaver.Task(slot, (long) first * geometry.blockBytes(), read, kept, usable));
        }

        private long mask(Wanted wanted, int first) {
            long mask = 0;
            for (int block = wanted.blocks().nextSetBit(first);
                    block >= 0 && block < Math.min(blocks, first + Geometry.SLOT_BLOCKS);
                    block = wanted.blocks().nextSetBit(block + 1)) {
                mask |= 1L << (block - first);
            }
            return mask;
        }

        private static long lowest(int bits) {
            return bits >= Long.SIZE ? -1 : bits <= 0 ? 0 : (1L << bits) - 1;
        }

        private Optional<Slot> save(SlotSaver.Task task) throws IOException, InterruptedException {
            Worker worker = idle.take();
            try {
                return worker.saver().save(task, worker.reader(), source.bytes());
            } finally {
                idle.add(worker);
            }
        }

        private void end(Pending pending) throws IOException {
            List<Slot> slots = new ArrayList<>();
            for (Future<Optional<Slot>> slot : pending.slots()) {
                Workers.get(slot).ifPresent(slots::add);
            }
            if (slots.isEmpty()) {
                return;
            }
            Page now = new Page(slots);
            boolean isKept = pending.before().isPresent()
                    && now.equals(pending.page())
                    && !worn.contains(pending.before().get().at().pack());
            PageRef page =
                    isKept ? pending.before().get() : new PageRef(pending.number(), append(CanonicalJson.encode(now)));
            pages.add(page);
            named.add(page.at().pack());
            slots.forEach(slot -> slot.segments().forEach(segment -> named.add(segment.pack())));
        }

        private SegmentRef append(byte[] map) throws IOException {
            SegmentRef at = maps.append(map, 0, map.length);
            maps.endIfFull();
            return at;
        }
    }
}
