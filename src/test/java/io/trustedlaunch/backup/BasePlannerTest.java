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
    private static CompletedBackup backup(int number, Integer parent, Check check) {
        return new CompletedBackup(
                uid(number), Optional.ofNullable(parent).map(BasePlannerTest::uid), at(number), check);
    }

    private static CompletedBackup backup(int number, Integer parent) {
        return backup(number, parent, Check.NONE);
    }

    private static Instant at(int number) {
        return START.plusSeconds(number * 3600L);
    }

    private static List<CompletedBackup> chain(int length) {
        List<CompletedBackup> chain = new ArrayList<>();
        for (int number = 1; number <= length; number++) {
            chain.add(backup(number, number == 1 ? null : number - 1));
        }
        return chain;
    }

    private static Facts facts(List<CompletedBackup> backups, Map<UUID, Bitmap> bitmaps) {
        return new Facts(false, backups, bitmaps, Optional.empty(), Optional.empty());
    }

    private static void assertFull(Facts facts, FullReason reason) {
        assertThat(BasePlanner.plan(facts)).isEqualTo(new Full(reason));
    }

    private static void assertIncremental(Facts facts, int parent) {
        assertThat(BasePlanner.plan(facts)).isEqualTo(new Incremental(uid(parent)));
    }

    @Test
    void theNewestBackupWithARecordOfChangesIsTheBase() {
        assertIncremental(facts(chain(3), Map.of(uid(3), Bitmap.CONSISTENT)), 3);
        assertIncremental(facts(chain(3).reversed(), Map.of(uid(3), Bitmap.CONSISTENT)), 3);
    }

    /** As when a checkpoint of an older backup was kept: all changes since that one are recorded. */
    @Test
    void anOlderOneServesIfTheNewestHasNone() {
        assertIncremental(facts(chain(3), Map.of(uid(3), Bitmap.INCONSISTENT, uid(2), Bitmap.CONSISTENT)), 2);
        List<CompletedBackup> damaged = new ArrayList<>(chain(2));
        damaged.add(backup(3, 2, Check.DAMAGED));
        assertIncremental(facts(damaged, Map.of(uid(3), Bitmap.CONSISTENT, uid(2), Bitmap.CONSISTENT)), 2);
    }

    @Test
    void theFirstOneIsFull() {
        assertFull(facts(List.of(), Map.of(uid(1), Bitmap.CONSISTENT)), FullReason.FirstBackup);
    }

    @Test
    void aFullOneCanBeRequested() {
        assertFull(
                new Facts(true, chain(1), Map.of(uid(1), Bitmap.CONSISTENT), Optional.empty(), Optional.empty()),
                FullReason.Requested);
    }

    @Test
    void withoutARecordOfChangesItIsFull() {
        assertFull(facts(chain(2), Map.of()), FullReason.NoBitmap);
        assertFull(facts(chain(2), Map.of(uid(2), Bitmap.MISSING)), FullReason.NoBitmap);
        assertFull(facts(chain(2), Map.of(uid(2), Bitmap.INCONSISTENT)), FullReason.AfterCrash);
    }

    @Test
    void aChainEndsWithItsEighthBackup() {
        assertIncremental(facts(chain(7), Map.of(uid(7), Bitmap.CONSISTENT)), 7);
        assertFull(facts(chain(8), Map.of(uid(8), Bitmap.CONSISTENT)), FullReason.ChainFull);
    }

    @Test
    void aBrokenChainIsNotContinued() {
        List<CompletedBackup> damaged =
                List.of(backup(1, null, Check.DAMAGED), backup(2, 1, Check.VERIFIED), backup(3, 2));
        assertFull(facts(damaged, Map.of(uid(3), Bitmap.CONSISTENT)), FullReason.ChainBroken);
        List<CompletedBackup> parentGone = chain(3).subList(1, 3);
        assertFull(facts(parentGone, Map.of(uid(3), Bitmap.CONSISTENT)), FullReason.ChainBroken);
        List<CompletedBackup> loop = List.of(backup(1, 2), backup(2, 1));
        assertFull(facts(loop, Map.of(uid(2), Bitmap.CONSISTENT)), FullReason.ChainBroken);
    }

    /** A bitmap that came along with the disk does not know what happened in between. */
    @Test
    void otherDisksAreSavedInFull() {
        Map<UUID, Bitmap> bitmaps = Map.of(uid(2), Bitmap.CONSISTENT);
        Optional<Instant> later = Optional.of(at(2).plusSeconds(1));
        Optional<Instant> same = Optional.of(at(2));
        Optional<Instant> earlier = Optional.of(at(2).minusSeconds(1));
        for (Optional<Instant> event : List.of(later, same)) {
            assertFull(new Facts(false, chain(2), bitmaps, event, Optional.empty()), FullReason.DisksCopied);
            assertFull(new Facts(false, chain(2), bitmaps, Optional.empty(), event), FullReason.AfterRestore);
        }
        assertIncremental(new Facts(false, chain(2), bitmaps, earlier, earlier), 2);
    }

    /** What rules the newest one out is said, although an older one has another reason. */
    @Test
    void theReasonIsThatOfTheNewest() {
        assertFull(facts(chain(8), Map.of(uid(8), Bitmap.CONSISTENT, uid(7), Bitmap.MISSING)), FullReason.ChainFull);
    }

    /** A full one may have two that follow from it; each is a chain to its own length. */
    @Test
    void branchesAreCountedByThemselves() {
        List<CompletedBackup> branched = new ArrayList<>(chain(7));
        branched.add(backup(8, 1));

        assertIncremental(facts(branched, Map.of(uid(8), Bitmap.CONSISTENT)), 8);
    }
}
