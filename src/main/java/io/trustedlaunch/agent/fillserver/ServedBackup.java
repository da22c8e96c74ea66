package io.trustedlaunch.agent.fillserver;

import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.nbd.NbdExport;
import io.trustedlaunch.agent.run.RunFaults;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.backup.BackupDescription;
import io.trustedlaunch.backup.BackupRef;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.backup.Bandwidth;
import io.trustedlaunch.backup.Finding;
import io.trustedlaunch.backup.Geometry;
import io.trustedlaunch.backup.OpenedBackup;
import io.trustedlaunch.backup.StoreFault;
import io.trustedlaunch.backup.ThrottledStore;
import io.trustedlaunch.backup.folder.FolderStore;
import io.trustedlaunch.backup.pack.DiskReader;
import io.trustedlaunch.backup.pack.PackFiles;
import io.trustedlaunch.backup.pack.SavedDisk;
import io.trustedlaunch.backup.s3.GrantedAccess;
import io.trustedlaunch.backup.s3.Retries;
import io.trustedlaunch.backup.s3.S3Store;
import io.trustedlaunch.custody.PackKeys;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The disks of one backup, once there is content to open it with. */
final class ServedBackup {
    private static final Logger LOG = LoggerFactory.getLogger(ServedBackup.class);
    private static final Duration FIRST_WAIT = Duration.ofSeconds(1);

    private final StoreOpener stores;
    private final Map<String, FillDisk> disks = new ConcurrentSkipListMap<>();
    private final Semaphore opening = new Semaphore(1);
    private volatile Optional<BackupRef> backup = Optional.empty();

    /** Opens a backup location. */
    @FunctionalInterface
    interface StoreOpener {
        BackupStore open(FillContent content) throws BackupStoreException;
    }

    ServedBackup(StoreOpener stores) {
        this.stores = stores;
    }

    /** A read that fails is made again by its reader, which says so: not here. */
    static BackupStore opened(FillContent content) throws BackupStoreException {
        BackupStore store = content.location().folder() != null
                ? new FolderStore(
                        Path.of(content.location().folder()), content.location().storeID())
                : new S3Store(
                        GrantedAccess.decode(content.grant()),
                        content.location().storeID(),
                        Retries.NONE);
        return content.bytesPerSecond().isEmpty()
                ? store
                : new ThrottledStore(
                        store, new Bandwidth(content.bytesPerSecond().getAsLong(), System::nanoTime, Thread::sleep));
    }

    /**
     * Uses the content from now on. Its keys are this one's. A store that does not answer holds up nobody else.
     *
     * @throws BackupStoreException if the backup cannot be reached; what was served before still is
     * @throws RefusedException if it is damaged, or another one than before
     */
    void use(FillContent content) throws BackupStoreException {
        if (!opening.tryAcquire()) {
            throw new BackupStoreException(
                    StoreFault.UNREACHABLE, "the backup is still being opened: its location does not answer");
        }
        try {
            open(content);
        } finally {
            opening.release();
        }
    }

    private void open(FillContent content) throws BackupStoreException {
        if (backup.filter(before -> !before.equals(content.backup())).isPresent()) {
            throw new RefusedException(Reason.AgentFault, "another backup is served: " + backup.get());
        }
        BackupStore store = stores.open(content);
        Map<String, DiskReader> readers = new TreeMap<>();
        PackFiles packs = new PackFiles(store, content.backup().id().vm());
        PackKeys keys = new PackKeys(content.keys().packSecret());
        for (BackupDescription.Disk disk : open(store, content).description().disks()) {
            readers.put(
                    disk.name(),
                    new DiskReader(new SavedDisk(Geometry.STANDARD, packs, keys, disk.map(), disk.virtualBytes())));
        }
        readers.forEach((name, reader) -> {
            FillDisk known = disks.putIfAbsent(name, new FillDisk(name, reader, FIRST_WAIT));
            if (known != null) {
                closeLater(known.replace(reader));
            }
        });
        backup = Optional.of(content.backup());
    }

    private static OpenedBackup open(BackupStore store, FillContent content) throws BackupStoreException {
        return switch (OpenedBackup.open(store, content.backup(), content.keys().description())) {
            case OpenedBackup.Opening.Opened(OpenedBackup opened) -> opened;
            case OpenedBackup.Opening.Unusable(Finding finding) ->
                throw new RefusedException(RunFaults.ofBackup(finding.fault(), finding.message()));
        };
    }

    /** A read that is under way may wait for a store that is gone. */
    private static void closeLater(DiskReader reader) {
        Thread.ofPlatform().daemon().name("close").start(() -> {
            try {
                reader.close();
            } catch (IOException e) {
                LOG.debug("{}", e.getMessage());
            }
        });
    }

    boolean isServing() {
        return backup.isPresent();
    }

    Map<String, NbdExport> exports() {
        return Map.copyOf(disks);
    }

    Optional<Problem> trouble() {
        return disks.values().stream().flatMap(disk -> disk.trouble().stream()).findFirst();
    }

    void recheck() {
        disks.values().forEach(FillDisk::recheck);
    }
}
