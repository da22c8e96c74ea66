package io.trustedlaunch.agent.incarnation.record;

import static io.trustedlaunch.agent.incarnation.IncarnationFixture.version;
import static io.trustedlaunch.agent.incarnation.plan.RecordFixture.completed;
import static io.trustedlaunch.agent.incarnation.plan.RecordFixture.ran;
import static io.trustedlaunch.agent.incarnation.plan.RecordFixture.seen;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Course;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class VmRecordTest {
    @Test
    void incarnationsThatAreOverAreForgottenOnceALaterOneRan() {
        VmRecord record = completed(1, Exit.Shutdown);
        for (long epoch = 2; epoch < 100; epoch++) {
            record = record.seen(epoch)
                    .withCopyOf(epoch)
                    .resumed(epoch)
                    .withEnd(epoch, Exit.Shutdown)
                    .completedBy(epoch);
        }

        assertThat(record.incarnations()).containsOnlyKeys(99L);
        assertThat(record.unsealed()).isEmpty();
    }

    @Test
    void theLastThatRanIsRememberedHoweverOftenAnotherOneDoesNotRun() {
        VmRecord record = ran(1).withEnd(1, Exit.Crashed);
        for (long epoch = 2; epoch < 100; epoch++) {
            record = record.seen(epoch).withEnd(epoch, Exit.NeverRan);
        }

        assertThat(record.incarnations()).containsOnlyKeys(1L, 99L);
        assertThat(record.unsealedCopy()).contains(1L);
        assertThat(record.of(1).exit()).contains(Exit.Crashed);
    }

    @Test
    void theOwnerOfTheCopyAndTheLastMigrationsAreRemembered() {
        VmRecord record = seen(1).withArrival(1, new ArrivalRecord("host-b", 1, true, Optional.of("/vms")))
                .resumed(1)
                .withDeparture(1, departure(2))
                .seen(3)
                .resumed(3)
                .seen(4)
                .withCopyOf(4)
                .seen(5);

        assertThat(record.incarnations()).containsOnlyKeys(1L, 3L, 4L, 5L);
        assertThat(record.departingTo(2)).contains(1L);
        assertThat(record.copyOwner()).contains(4L);
        assertThat(record.unsealed()).contains(3L);
        assertThat(record.unsealedCopy()).isEmpty();
    }

    @Test
    void aLastStateThatIsOnRecordElsewhereIsBelieved() {
        VmRecord known = ran(2).sealed(version("2-1")).knowing(version("2-7"));

        assertThat(known.unsealed()).isEmpty();
        assertThat(known.newest()).contains(version("2-7"));
        assertThat(ran(2).knowing(version("1-7"))).isEqualTo(ran(2));
        assertThat(ran(2).knowing(version("3-1"))).isEqualTo(ran(2));
    }

    @Test
    void anErasureForgetsAllButHowTheIncarnationEnded() {
        VmRecord erased = ran(1).withDisk("os").seen(2).erased(1, Exit.Crashed);

        assertThat(erased)
                .isEqualTo(VmRecordBuilder.builder(VmRecord.NONE)
                        .erasedUpTo(2)
                        .build()
                        .withEnd(1, Exit.Crashed));
        assertThat(erased.mayRun(2)).isFalse();
        assertThat(erased.mayRun(3)).isTrue();
        assertThat(erased.withCopyOf(3).latestIncarnation()).contains(3L);
    }

    @Test
    void anIncarnationThatWasOnlySeenSaysNothingOfWhereTheStateIs() {
        assertThat(VmRecord.NONE.seen(2).latestIncarnation()).isEmpty();
        assertThat(VmRecord.NONE.seen(2).withEnd(2, Exit.NeverRan).latestIncarnation())
                .isEmpty();
        assertThat(ran(1).seen(2).latestIncarnation()).contains(1L);
        assertThat(VmRecord.NONE.withCopyOf(2).seen(3).latestIncarnation()).contains(2L);
    }

    @Test
    void oneThatMadeDisksForTheFirstStartIsListed() {
        assertThat(VmRecord.NONE.seen(1).withDisk("os").latestIncarnation()).contains(1L);
    }

    @Test
    void onePreparedHereIsRememberedAlthoughAGuestThatNeverCameWasExpectedLater() {
        VmRecord record = ran(1).withCopyOf(3)
                .withArrival(5, new ArrivalRecord("host-b", 1, false, Optional.empty()))
                .withCopyOf(5);

        assertThat(record.latestIncarnation()).contains(3L);
    }

    @Test
    void aForgottenIncarnationIsNotTakenForOneThatNeverRan() {
        VmRecord record = ran(2).seen(3);

        assertThat(record.progress(1).hasRun()).isTrue();
        assertThat(record.progress(2).hasRun()).isTrue();
        assertThat(record.progress(3).hasRun()).isFalse();
        assertThat(seen(3).progress(1).hasRun()).isFalse();
    }

    private static DepartureRecord departure(long epoch) {
        return DepartureRecordBuilder.builder()
                .epoch(epoch)
                .nodeName("host-b")
                .course(Course.Left)
                .build();
    }
}
