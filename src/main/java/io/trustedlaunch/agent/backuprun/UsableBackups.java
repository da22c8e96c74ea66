package io.trustedlaunch.agent.backuprun;

import io.trustedlaunch.custody.PackKeys;
import io.trustedlaunch.api.backup.BackupRunSpec.Completed;
import io.trustedlaunch.backup.BackupDescription;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupIndex;
import io.trustedlaunch.backup.BackupRef;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.backup.OpenedBackup;
import io.trustedlaunch.backup.Pack;
import io.trustedlaunch.backup.SegmentRef;
import io.trustedlaunch.backup.pack.DamagedPackException;
import io.trustedlaunch.backup.pack.DiskSaver.Before;
import io.trustedlaunch.backup.pack.PackFile;
import io.trustedlaunch.backup.pack.PackFiles;
import io.trustedlaunch.custody.BackupKeys;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The backups on record that another one can use. The run must have begun in the store before they are read: what is found then is
 * not removed.
 */
final class UsableBackups {
    private static final Logger LOG = LoggerFactory.getLogger(UsableBackups.class);

    private final BackupStore store;
    private final UUID vm;
    private final Map<String, Long> sizes;
    private final BackupKeys keys;
    private final List<Completed> completed;
    private final Map<String, Optional<Before>> read = new HashMap<>();

    /** @param completed the newest first */
    UsableBackups(BackupStore store, UUID vm, List<BackupRunDisk> disks, BackupKeys keys, List<Completed> completed) {
        this.store = store;
        this.vm = vm;
        this.sizes = disks.stream().collect(Collectors.toMap(BackupRunDisk::name, BackupRunDisk::virtualBytes));
        this.keys = keys;
        this.completed = completed;
    }

    /** What is found in it need not be stored again; empty if there is none. */
    Optional<Before> newest() throws IOException {
        for (Completed backup : completed) {
            Optional<Before> usable = find(backup);
            if (usable.isPresent()) {
                return usable;
            }
        }
        return Optional.empty();
    }

    /** One that has all disks: what was not read of them is taken from it. */
    Optional<Before> base(UUID backup) throws IOException {
        for (Completed one : completed) {
            if (one.uid().equals(backup.toString())) {
                return find(one).filter(base -> base.maps().keySet().containsAll(sizes.keySet()));
            }
        }
        return Optional.empty();
    }

    /** Empty if it is not whole: of its packs of data only what is on record is known. */
    private Optional<Before> find(Completed backup) throws IOException {
        if (backup.unusable()) {
            return Optional.empty();
        }
        Optional<Before> known = read.get(backup.uid());
        if (known == null) {
            known = open(backup);
            read.put(backup.uid(), known);
        }
        return known;
    }

    private Optional<Before> open(Completed backup) throws IOException {
        BackupRef ref = new BackupRef(new BackupId(vm, UUID.fromString(backup.uid())), backup.indexSHA256());
        try {
            return switch (OpenedBackup.open(store, ref, keys.description())) {
                case OpenedBackup.Opening.Unusable(var finding) -> unusable(finding.message());
                case OpenedBackup.Opening.Opened(OpenedBackup opened) -> whole(opened);
            };
        } catch (BackupStoreException e) {
            if (e.fault().isOfTheWholeStore()) {
                throw e;
            }
            return unusable(e.getMessage());
        }
    }

    private Optional<Before> whole(OpenedBackup opened) throws IOException {
        BackupIndex index = opened.index();
        if (!index.keyId().equals(keys.description().keyId())) {
            return unusable("backup " + index.backup() + " was made with another key");
        }
        boolean isLarger = opened.description().disks().stream()
                .anyMatch(disk -> disk.virtualBytes() > sizes.getOrDefault(disk.name(), Long.MAX_VALUE));
        if (isLarger) {
            return unusable("backup " + index.backup() + " has a disk that was larger than it is now");
        }
        Map<String, SegmentRef> maps = opened.description().disks().stream()
                .collect(Collectors.toMap(BackupDescription.Disk::name, BackupDescription.Disk::map));
        Before before = new Before(maps, packs(index));
        try {
            before.requireMaps(new PackFiles(store, vm), new PackKeys(keys.packSecret()));
            return Optional.of(before);
        } catch (DamagedPackException e) {
            return unusable(e.getMessage());
        }
    }

    private static List<PackFile> packs(BackupIndex index) {
        return index.packs().stream()
                .flatMap(folder -> folder.files().stream()
                        .map(file -> new PackFile(new Pack(folder.backup(), file.name()), file.bytes(), file.sha256())))
                .toList();
    }

    private Optional<Before> unusable(String message) {
        LOG.warn("VM {}: its next backup cannot use an earlier one: {}", vm, message);
        return Optional.empty();
    }
}
