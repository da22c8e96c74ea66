package io.trustedlaunch.agent.backuprun;

import io.trustedlaunch.agent.hypervisor.GuestBackups;
import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.hypervisor.HypervisorFailure;
import io.trustedlaunch.api.backup.BackupMode;
import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.backup.BasePlanner.Bitmap;
import io.trustedlaunch.backup.BasePlanner.Facts;
import io.trustedlaunch.backup.CompletedBackup;
import io.trustedlaunch.backup.CompletedBackup.Check;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Reads since which of a VM's backups its next one can read the changes. */
final class BaseReader {
    /** A completed backup's checkpoint goes when the next one completes: there are more only after a crash. */
    private static final int CHECKPOINTS = 8;

    private final GuestBackups backups;
    private final UUID vm;
    private final List<BackupRunDisk> disks;
    private final UsableBackups usable;

    BaseReader(GuestBackups backups, UUID vm, List<BackupRunDisk> disks, UsableBackups usable) {
        this.backups = backups;
        this.vm = vm;
        this.disks = disks;
        this.usable = usable;
    }

    /** Makes the checkpoints that are there known to the hypervisor, so that they can be used, and deleted. */
    Facts read(BackupRunSpec spec, VMIncarnation incarnation) throws IOException {
        Map<UUID, Bitmap> bitmaps = new HashMap<>();
        List<CompletedBackup> completed = new ArrayList<>();
        for (BackupRunSpec.Completed backup : spec.completed()) {
            UUID uid = UUID.fromString(backup.uid());
            boolean isRecent = completed.size() < CHECKPOINTS;
            Bitmap bitmap = isRecent ? bitmap(backup.uid()) : Bitmap.MISSING;
            bitmaps.put(uid, bitmap);
            completed.add(new CompletedBackup(uid, Instant.parse(backup.time()), check(backup, bitmap)));
        }
        return new Facts(spec.mode() == BackupMode.Full, completed, bitmaps, copied(incarnation), Optional.empty());
    }

    /** QEMU does not say whether a bitmap is missing or inconsistent. */
    private Bitmap bitmap(String checkpoint) {
        try {
            backups.defineCheckpoint(
                    vm,
                    checkpoint,
                    Optional.empty(),
                    disks.stream().map(BackupRunDisk::path).toList());
            return Bitmap.CONSISTENT;
        } catch (HypervisorException e) {
            if (e.failure() instanceof HypervisorFailure.CheckpointUnusable) {
                return Bitmap.MISSING;
            }
            throw e;
        }
    }

    /** Found out now and not at a restore: all that does not change is taken from it. */
    private Check check(BackupRunSpec.Completed backup, Bitmap bitmap) throws IOException {
        if (backup.unusable()) {
            return Check.DAMAGED;
        }
        return bitmap == Bitmap.MISSING
                        || usable.base(UUID.fromString(backup.uid())).isPresent()
                ? Check.NONE
                : Check.DAMAGED;
    }

    /** Later than any backup on another host, and earlier than any of this incarnation. */
    private static Optional<Instant> copied(VMIncarnation incarnation) {
        boolean isCopy = incarnation.getSpec().arrival() != null
                && incarnation.getSpec().arrival().copiesDisks();
        return isCopy
                ? Optional.ofNullable(incarnation.getMetadata().getCreationTimestamp())
                        .map(Instant::parse)
                : Optional.empty();
    }
}
