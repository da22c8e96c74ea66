package io.trustedlaunch.agent.backuprun;

import io.trustedlaunch.agent.backup.OpenDisk;
import io.trustedlaunch.backup.BackupBase;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.backup.Geometry;
import io.trustedlaunch.backup.PackLimits;
import io.trustedlaunch.backup.SegmentRef;
import io.trustedlaunch.backup.pack.DiskSaver;
import io.trustedlaunch.backup.pack.DiskSaverSpecBuilder;
import io.trustedlaunch.backup.pack.DiskSource;
import io.trustedlaunch.backup.pack.PackFiles;
import io.trustedlaunch.custody.BackupKeys;
import io.trustedlaunch.custody.PackKeys;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Saves the disks of a run in packs, straight into the backup location.
 *
 * @param plan what they follow from
 */
record DiskCopy(BackupStore store, BackupId id, List<BackupRunDisk> disks, Plan plan) {
    private static final int MOST_PACKS_OF_OTHERS = 2000;

    /**
     * How the disks are read.
     *
     * @param before what is found in it is not stored again
     */
    record Plan(BackupBase base, Optional<DiskSaver.Before> before) {}

    /** @param maps of the disks, by their names */
    record Saved(Map<String, SegmentRef> maps, DiskSaver.Saved packs) {}

    /** The keys are used until this returns, whatever else has. */
    Saved save(BackupSource source, BackupKeys keys, DiskReads reads) throws IOException {
        List<OpenDisk> open = new ArrayList<>();
        try (DiskSaver saver = new DiskSaver(spec(keys))) {
            // Before anything is saved, so that its progress is known.
            Map<String, DiskSource> counted = new LinkedHashMap<>();
            for (BackupRunDisk disk : disks) {
                OpenDisk opened = reads.ask(disk.name(), () -> source.open(disk, plan.base()));
                open.add(opened);
                counted.put(disk.name(), reads.counted(disk, opened.source()));
            }
            Map<String, SegmentRef> maps = new HashMap<>();
            for (Map.Entry<String, DiskSource> disk : counted.entrySet()) {
                maps.put(disk.getKey(), saver.save(disk.getKey(), disk.getValue()));
            }
            return new Saved(maps, saver.finish());
        } finally {
            open.forEach(OpenDisk::close);
        }
    }

    private DiskSaver.Spec spec(BackupKeys keys) {
        return DiskSaverSpecBuilder.builder()
                .geometry(Geometry.STANDARD)
                .files(new PackFiles(store, id.vm()))
                .keys(new PackKeys(keys.packSecret()))
                .backup(id.backup())
                .before(plan.before())
                .packBytes(packBytes())
                .workers(PackLimits.WORKERS)
                .mostPacks(MOST_PACKS_OF_OTHERS)
                .build();
    }

    private long packBytes() {
        return PackLimits.of(
                        disks.stream().mapToLong(BackupRunDisk::virtualBytes).sum())
                .packBytes();
    }
}
