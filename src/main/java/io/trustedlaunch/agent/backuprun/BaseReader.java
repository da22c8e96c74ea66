package io.trustedlaunch.agent.backuprun;

import io.trustedlaunch.agent.hypervisor.GuestBackups;
import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.hypervisor.HypervisorFailure;
import io.trustedlaunch.api.backup.BackupMode;
import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.backup.BackupChain;
import io.trustedlaunch.backup.BackupChain.Reading;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupIndex;
import io.trustedlaunch.backup.BackupRef;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.backup.BasePlanner.Bitmap;
import io.trustedlaunch.backup.BasePlanner.Facts;
import io.trustedlaunch.backup.CompletedBackup;
import io.trustedlaunch.backup.CompletedBackup.Check;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Reads which of a VM's backups its next one can follow from. */
final class BaseReader {
    /** A completed backup's checkpoint goes when the next one completes: there are more only after a crash. */
    private static final int CHECKPOINTS = BackupChain.MAX_BACKUPS;

    private final GuestBackups backups;
    private final BackupStore store;
    private final UUID vm;
    private final List<BackupRunDisk> disks;
    private final String keyId;

    BaseReader(GuestBackups backups, BackupStore store, UUID vm, List<BackupRunDisk> disks, String keyId) {
        this.backups = backups;
        this.store = store;
        this.vm = vm;
        this.disks = disks;
        this.keyId = keyId;
    }

    /** Makes the checkpoints that are there known to the hypervisor, so that they can be used, and deleted. */
    Facts read(BackupRunSpec spec, VMIncarnation incarnation) throws BackupStoreException {
        Map<UUID, Bitmap> bitmaps = new HashMap<>();
        List<CompletedBackup> completed = new ArrayList<>();
        for (BackupRunSpec.Completed backup : spec.completed()) {
            UUID uid = UUID.fromString(backup.uid());
            boolean isRecent = completed.size() < CHECKPOINTS;
            Bitmap bitmap = isRecent ? bitmap(backup.uid()) : Bitmap.MISSING;
            bitmaps.put(uid, bitmap);
            completed.add(new CompletedBackup(
                    uid,
                    Optional.ofNullable(backup.parentUID()).map(UUID::fromString),
                    Instant.parse(backup.time()),
                    check(backup, bitmap)));
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

    private Check check(BackupRunSpec.Completed backup, Bitmap bitmap) throws BackupStoreException {
        if (backup.unusable()) {
            return Check.DAMAGED;
        }
        return bitmap == Bitmap.CONSISTENT ? check(UUID.fromString(backup.uid()), backup.indexSHA256()) : Check.NONE;
    }

    /** Found out now and not at a restore: what follows from a backup that is damaged is of no use. */
    private Check check(UUID backup, String indexSHA256) throws BackupStoreException {
        return switch (BackupChain.read(store, new BackupRef(new BackupId(vm, backup), indexSHA256))) {
            case Reading.Whole(BackupChain chain) -> isOfThisGuest(chain.wanted()) ? Check.NONE : Check.DAMAGED;
            case Reading.Broken broken -> Check.DAMAGED;
        };
    }

    private boolean isOfThisGuest(BackupIndex index) {
        return index.keyId().equals(keyId)
                && index.disks().equals(disks.stream().map(BackupRunDisk::file).toList());
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
