package io.trustedlaunch.backup.pack;

import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.backup.folder.MemoryDisk;
import java.io.IOException;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;

/** All in memory. A power cut loses what was not synced. */
final class MemoryHistoryWorld implements HistoryWorld {
    private MemoryDisk storage = new MemoryDisk().marked();

    @Override
    public int scale() {
        return 1;
    }

    @Override
    public Disk disk(PlayedDisk played) {
        return new Disk() {
            @Override
            public void write(Random random) {
                played.write(random);
            }

            @Override
            public byte[] content() {
                return played.content();
            }

            @Override
            public void become(byte[] content) {
                played.become(content);
            }

            @Override
            public Instant instant(UUID backup, Optional<UUID> since) {
                DiskSource source = since.isPresent() ? played.changes() : played.whole();
                played.mark();
                return new Instant() {
                    @Override
                    public DiskSource source() {
                        return source;
                    }

                    @Override
                    public void close() {
                        // Nothing is open.
                    }
                };
            }
        };
    }

    @Override
    public byte[] restored(SavedDisk backup) throws IOException {
        return BackupHistory.restored(backup);
    }

    @Override
    public BackupStore store() {
        return storage.store();
    }

    @Override
    public BackupStore failing(int call) {
        storage.failAt(call, new IOException("the power has failed"));
        return storage.store();
    }

    @Override
    public void recover(Random random) {
        storage.heal();
        storage = storage.afterPowerCut(random);
    }

    @Override
    public byte[] replace(BackupId id, String file, byte[] content) {
        byte[] before = storage.content(id, file);
        storage.alter(id, file, bytes -> content);
        return before;
    }

    @Override
    public Set<String> names() {
        return storage.names();
    }

    @Override
    public void close() {
        // Nothing is open.
    }
}
