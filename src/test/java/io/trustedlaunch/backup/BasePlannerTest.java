package io.trustedlaunch.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.backup.BackupBase.Full;
import io.trustedlaunch.backup.BackupBase.FullReason;
import io.trustedlaunch.backup.BackupBase.Incremental;
import io.trustedlaunch.backup.BasePlanner.Bitmap;
import io.trustedlaunch.backup.BasePlanner.Facts;
import io.trustedlaunch.backup.CompletedBackup.Check;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class BasePlannerTest {
    private static final Instant START = Instant.parse("2026-11-01T02:00:00Z");

    private static UUID uid(int number) {
        return BackupFixture.backup(number);
    }

    /** One an hour. */
    private static CompletedBackup backup(int number, Check check) {
        return new CompletedBackup(uid(number), at(number), check);
    }

    private static Instant at(int number) {
        return START.plusSeconds(number * 3600L);
    }

    private static List<CompletedBackup> backups(int count) {
        List<CompletedBackup> backups = new ArrayList<>();
        for (int number = 1; number <= count; number++) {
            backups.add(backup(number, Check.NONE));
        }
        return backups;
    }

    private static Facts facts(List<CompletedBackup> backups, Map<UUID, Bitmap> bitmaps) {
        return new Facts(false, backups, bitmaps, Optional.empty(), Optional.empty());
    }

    private static void assertFull(Facts facts, FullReason reason) {
        assertThat(BasePlanner.plan(facts)).isEqualTo(new Full(reason));
    }

    private static void assertIncremental(Facts facts, int base) {
        assertThat(BasePlanner.plan(facts)).isEqualTo(new Incremental(uid(base)));
    }

    @Test
    void theNewestBackupWithARecordOfChangesIsTheBase() {
        assertIncremental(facts(backups(3), Map.of(uid(3), Bitmap.CONSISTENT)), 3);
        assertIncremental(facts(backups(3).reversed(), Map.of(uid(3), Bitmap.CONSISTENT)), 3);
    }

    /** As when a checkpoint of an older backup was kept: all changes since that one are recorded. */
    @Test
    void anOlderOneServesIfTheNewestHasNone() {
        assertIncremental(facts(backups(3), Map.of(uid(3), Bitmap.INCONSISTENT, uid(2), Bitmap.CONSISTENT)), 2);
        List<CompletedBackup> damaged = new ArrayList<>(backups(2));
        damaged.add(backup(3, Check.DAMAGED));
        assertIncremental(facts(damaged, Map.of(uid(3), Bitmap.CONSISTENT, uid(2), Bitmap.CONSISTENT)), 2);
    }

    @Test
    void theFirstOneIsFull() {
        assertFull(facts(List.of(), Map.of(uid(1), Bitmap.CONSISTENT)), FullReason.FirstBackup);
    }

    @Test
    void aFullOneCanBeRequested() {
        assertFull(
                new Facts(true, backups(1), Map.of(uid(1), Bitmap.CONSISTENT), Optional.empty(), Optional.empty()),
                FullReason.Requested);
    }

    @Test
    void withoutARecordOfChangesItIsFull() {
        assertFull(facts(backups(2), Map.of()), FullReason.NoBitmap);
        assertFull(facts(backups(2), Map.of(uid(2), Bitmap.MISSING)), FullReason.NoBitmap);
        assertFull(facts(backups(2), Map.of(uid(2), Bitmap.INCONSISTENT)), FullReason.AfterCrash);
    }

    /** Each is whole by itself: only its own state counts. */
    @Test
    void aDamagedOneIsNoBase() {
        assertFull(
                facts(List.of(backup(1, Check.VERIFIED), backup(2, Check.DAMAGED)), Map.of(uid(2), Bitmap.CONSISTENT)),
                FullReason.BackupUnusable);
        assertIncremental(
                facts(
                        List.of(backup(1, Check.DAMAGED), backup(2, Check.VERIFIED), backup(3, Check.NONE)),
                        Map.of(uid(3), Bitmap.CONSISTENT)),
                3);
    }

    @Test
    void howManyThereAreDoesNotMatter() {
        assertIncremental(facts(backups(500), Map.of(uid(500), Bitmap.CONSISTENT)), 500);
    }

    /** A bitmap that came along with the disk does not know what happened in between. */
    @Test
    void otherDisksAreSavedInFull() {
        Map<UUID, Bitmap> bitmaps = Map.of(uid(2), Bitmap.CONSISTENT);
        Optional<Instant> later = Optional.of(at(2).plusSeconds(1));
        Optional<Instant> same = Optional.of(at(2));
        Optional<Instant> earlier = Optional.of(at(2).minusSeconds(1));
        for (Optional<Instant> event : List.of(later, same)) {
            assertFull(new Facts(false, backups(2), bitmaps, event, Optional.empty()), FullReason.DisksCopied);
            assertFull(new Facts(false, backups(2), bitmaps, Optional.empty(), event), FullReason.AfterRestore);
        }
        assertIncremental(new Facts(false, backups(2), bitmaps, earlier, earlier), 2);
    }

    /** What rules the newest one out is said, although an older one has another reason. */
    @Test
    void theReasonIsThatOfTheNewest() {
        assertFull(
                facts(backups(2), Map.of(uid(2), Bitmap.INCONSISTENT, uid(1), Bitmap.MISSING)), FullReason.AfterCrash);
    }
}
