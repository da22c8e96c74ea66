package io.trustedlaunch.backup;

import io.trustedlaunch.backup.BackupBase.Full;
import io.trustedlaunch.backup.BackupBase.FullReason;
import io.trustedlaunch.backup.BackupBase.Incremental;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Chooses what the next backup of a VM in a location goes on from. Pure. */
public final class BasePlanner {
    private BasePlanner() {}

    /** A disk's record of what changed since a backup, as QEMU keeps it. */
    public enum Bitmap {
        CONSISTENT,
        /** Not closed, as after the death of QEMU. */
        INCONSISTENT,
        MISSING
    }

    /**
     * The facts that are known when a backup begins.
     *
     * @param full whether a full one was asked for
     * @param backups the completed ones of this VM in this location
     * @param bitmaps the worst of all disks, by the backup since when they record; one that is not there is missing
     * @param disksCopied when the disks were last copied to another place, as by a migration without shared storage
     * @param restored when the VM's disks were last restored
     */
    public record Facts(
            boolean full,
            List<CompletedBackup> backups,
            Map<UUID, Bitmap> bitmaps,
            Optional<Instant> disksCopied,
            Optional<Instant> restored) {
        public Facts {
            backups = List.copyOf(backups);
            bitmaps = Map.copyOf(bitmaps);
        }

        Bitmap bitmap(CompletedBackup backup) {
            return bitmaps.getOrDefault(backup.backup(), Bitmap.MISSING);
        }
    }

    /** The newest backup whose changes since are recorded; or a full one, for the reason that rules the newest out. */
    public static BackupBase plan(Facts facts) {
        if (facts.full()) {
            return new Full(FullReason.Requested);
        }
        List<CompletedBackup> newestFirst =
                facts.backups().stream().sorted(CompletedBackup.NEWEST_FIRST).toList();
        if (newestFirst.isEmpty()) {
            return new Full(FullReason.FirstBackup);
        }
        return newestFirst.stream()
                .filter(backup -> against(backup, facts).isEmpty())
                .findFirst()
                .<BackupBase>map(backup -> new Incremental(backup.backup()))
                .orElseGet(() -> new Full(against(newestFirst.getFirst(), facts).orElseThrow()));
    }

    /**
     * The reason that rules a backup out; the history of the disks comes first, since a bitmap that is still there is then
     * wrong.
     */
    private static Optional<FullReason> against(CompletedBackup backup, Facts facts) {
        if (since(backup, facts.restored())) {
            return Optional.of(FullReason.AfterRestore);
        }
        if (since(backup, facts.disksCopied())) {
            return Optional.of(FullReason.DisksCopied);
        }
        if (backup.damaged()) {
            return Optional.of(FullReason.BackupUnusable);
        }
        return switch (facts.bitmap(backup)) {
            case CONSISTENT -> Optional.empty();
            case INCONSISTENT -> Optional.of(FullReason.AfterCrash);
            case MISSING -> Optional.of(FullReason.NoBitmap);
        };
    }

    /** An event at the same moment counts: clocks of two hosts are not that exact. */
    private static boolean since(CompletedBackup backup, Optional<Instant> event) {
        return event.isPresent() && !event.get().isBefore(backup.time());
    }
}
