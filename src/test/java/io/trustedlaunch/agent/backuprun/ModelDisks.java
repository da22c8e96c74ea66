package io.trustedlaunch.agent.backuprun;

import io.trustedlaunch.agent.backup.DiskExport;
import io.trustedlaunch.agent.backup.DiskOpener;
import io.trustedlaunch.agent.backup.OpenDisk;
import io.trustedlaunch.agent.folder.VmFolder;
import io.trustedlaunch.agent.hypervisor.FakeGuestBackups;
import io.trustedlaunch.agent.hypervisor.FakeGuestBackups.Export;
import io.trustedlaunch.backup.BackupRef;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.backup.DiskName;
import io.trustedlaunch.backup.Geometry;
import io.trustedlaunch.backup.OpenedBackup;
import io.trustedlaunch.backup.pack.DiskSource;
import io.trustedlaunch.backup.pack.PackFiles;
import io.trustedlaunch.backup.pack.SavedDisk;
import io.trustedlaunch.custody.BackupKeys;
import io.trustedlaunch.custody.PackKeys;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * The disks of a model hypervisor, whose blocks of one number each are blocks here and there on a disk of three pages: some are in
 * one slot, the last is not a whole block.
 */
final class ModelDisks implements DiskOpener {
    private static final int BLOCK = Geometry.STANDARD.blockBytes();

    /** The numbers of blocks that a guest writes. */
    static final int BLOCKS = 17;

    static final long BYTES = at(BLOCKS - 1) + 512;

    private final VmFolder folder;
    private final FakeGuestBackups backups;

    /** Called while a disk is read. */
    Runnable whileReading = () -> {};

    ModelDisks(VmFolder folder, FakeGuestBackups backups) {
        this.folder = folder;
        this.backups = backups;
    }

    private static long at(int block) {
        return (block / 4 * 1999L + block % 4 * 3) * BLOCK;
    }

    @Override
    public OpenDisk running(DiskExport from, boolean changes) throws IOException {
        Export served = served(from.name()).orElseThrow(() -> new SocketException("nothing is served"));
        Set<Integer> wanted =
                changes ? served.dirty().orElseThrow() : served.blocks().keySet();
        return new OpenDisk(
                new Source(wanted, !changes, () -> served(from.name()).map(Export::blocks)), () -> {});
    }

    private Optional<Export> served(String disk) {
        Path path = DiskName.dataDisk(disk).map(folder::dataDisk).orElse(folder.osDisk());
        return backups.export(folder.vm(), path);
    }

    @Override
    public OpenDisk stopped(Path disk, DiskExport export) {
        Supplier<Optional<Map<Integer, Integer>>> now = () -> Optional.of(Map.copyOf(backups.content(disk)));
        return new OpenDisk(new Source(now.get().orElseThrow().keySet(), true, now), () -> {});
    }

    /** @param content empty: it is not served any more */
    private final class Source implements DiskSource {
        private final Set<Integer> wanted;
        private final boolean othersAreZero;
        private final Supplier<Optional<Map<Integer, Integer>>> content;

        Source(Set<Integer> wanted, boolean othersAreZero, Supplier<Optional<Map<Integer, Integer>>> content) {
            this.wanted = Set.copyOf(wanted);
            this.othersAreZero = othersAreZero;
            this.content = content;
        }

        @Override
        public long bytes() {
            return BYTES;
        }

        @Override
        public Wanted wanted(Geometry geometry) {
            BitSet blocks = new BitSet();
            wanted.forEach(block -> blocks.set((int) (at(block) / BLOCK)));
            return new Wanted(blocks, othersAreZero);
        }

        @Override
        public Reader open() {
            return new Reader() {
                @Override
                public void read(long offset, ByteBuffer into) throws IOException {
                    whileReading.run();
                    Map<Integer, Integer> blocks =
                            content.get().orElseThrow(() -> new SocketException("nothing is served any more"));
                    long end = offset + into.remaining();
                    into.duplicate().put(new byte[into.remaining()]);
                    // In an order of bytes of its own.
                    ByteBuffer data = into.slice();
                    for (int block = 0; block < BLOCKS; block++) {
                        if (at(block) >= offset && at(block) < end) {
                            data.putInt((int) (at(block) - offset), blocks.getOrDefault(block, 0));
                        }
                    }
                    into.position(into.limit());
                }

                @Override
                public void close() {
                    // There is nothing to close.
                }
            };
        }
    }

    /** The disks of a backup by their names, restored: what is not zero. */
    static Map<String, Map<Integer, Integer>> restore(BackupStore store, BackupRef backup, BackupKeys keys)
            throws IOException {
        if (!(OpenedBackup.open(store, backup, keys.description())
                instanceof OpenedBackup.Opening.Opened(OpenedBackup opened))) {
            throw new IOException("the backup does not open");
        }
        PackFiles files = new PackFiles(store, backup.id().vm());
        Map<String, Map<Integer, Integer>> disks = new HashMap<>();
        for (var disk : opened.description().disks()) {
            Map<Integer, Integer> content = new ConcurrentHashMap<>();
            new SavedDisk(Geometry.STANDARD, files, new PackKeys(keys.packSecret()), disk.map(), disk.virtualBytes())
                    .restore(() -> writer(content), 2, bytes -> {});
            disks.put(disk.name(), content);
        }
        return disks;
    }

    private static SavedDisk.Target.Writer writer(Map<Integer, Integer> content) {
        return new SavedDisk.Target.Writer() {
            @Override
            public void write(long offset, ByteBuffer all) {
                ByteBuffer from = all.slice();
                for (int block = 0; block < BLOCKS; block++) {
                    long in = at(block) - offset;
                    if (in >= 0 && in < from.remaining()) {
                        content.put(block, from.getInt((int) in));
                        from.putInt((int) in, 0);
                    }
                }
                while (from.hasRemaining()) {
                    if (from.get() != 0) {
                        throw new AssertionError("there is something that no guest has written");
                    }
                }
                all.position(all.limit());
            }

            @Override
            public void close() {
                // There is nothing to close.
            }
        };
    }
}
