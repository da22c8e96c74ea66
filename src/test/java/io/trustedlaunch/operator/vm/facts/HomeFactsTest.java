package io.trustedlaunch.operator.vm.facts;

import static io.trustedlaunch.testkit.Incarnations.ended;
import static io.trustedlaunch.testkit.Incarnations.neverRan;
import static io.trustedlaunch.testkit.Incarnations.reported;
import static io.trustedlaunch.testkit.Incarnations.sealed;
import static io.trustedlaunch.testkit.Incarnations.status;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Arrival;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Course;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.incarnation.VMIncarnationStatusBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnationStatusDepartureBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Home;
import io.trustedlaunch.testkit.Incarnations;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class HomeFactsTest {
    private static final Home RECORDED = new Home("default", "host-a", 1L, true, Incarnations.CLUSTER);
    private static final Home CLAIMED = new Home("default", "host-a", 1L, false, Incarnations.CLUSTER);

    @Test
    void anIncarnationThatNeverRanLeavesTheHomeAsItWas() {
        assertThat(after(on("host-b", 2, neverRan())))
                .isEqualTo(new HomeFacts(Optional.of(RECORDED), Optional.empty()));
    }

    @Test
    void oneThatHasNotReportedMayHaveNewerState() {
        assertThat(after(on("host-b", 2, status(Phase.Preparing))).unsealedOn()).contains("host-b");
        assertThat(after(on("host-b", 2, status(Phase.Preparing))).known()).contains(RECORDED);
    }

    @Test
    void aClaimTakesTheHomeAndItsEndCompletesIt() {
        assertThat(after(on("host-b", 2, reported(Phase.Prepared).guestState(sealed(2, 1)))))
                .extracting(HomeFacts::unsealedOn)
                .isEqualTo(Optional.of("host-b"));
        assertThat(after(on("host-b", 2, reported(Phase.Prepared).guestState(sealed(2, 1))))
                        .known())
                .contains(new Home("default", "host-b", 2L, false, Incarnations.CLUSTER));
        assertThat(after(on("host-b", 2, ended(Exit.Shutdown).guestState(sealed(2, 3, true))))
                        .known())
                .contains(new Home("default", "host-b", 2L, true, Incarnations.CLUSTER));
    }

    /** Its status was lost, and its agent, which has seen a later one, reports no state of it any more. */
    @Test
    void aCompleteEndStaysOneAlthoughItIsNotReportedAnyMore() {
        assertThat(after(on("host-a", 1, ended(Exit.Crashed))).known()).contains(RECORDED);
        assertThat(after(on("host-a", 1, ended(Exit.Crashed))).unsealedOn()).isEmpty();
    }

    @Test
    void oneOfTheSameEpochOnAnotherNodeIsNotThatEnd() {
        assertThat(after(on("host-b", 1, ended(Exit.Crashed).guestState(sealed(1, 2, false))))
                        .unsealedOn())
                .contains("host-b");
    }

    @Test
    void anEarlierIncarnationChangesNothing() {
        Home later = new Home("default", "host-b", 3L, true, Incarnations.CLUSTER);
        Incarnation earlier = on("host-a", 2, ended(Exit.Crashed).guestState(sealed(2, 1, false)));
        assertThat(HomeFacts.of(Optional.of(later), List.of(earlier)).known()).contains(later);
    }

    @Test
    void aGuestThatWasLostOnItsWayHasItsHomeWhereItLeft() {
        Incarnation source = on("host-a", 1, left().guestState(sealed(1, 3, true)));
        Incarnation target = on("host-b", 2, neverRan(), spec -> spec.arrival(new Arrival(1L, "host-a", true, true)));
        assertThat(after(source, target).known()).contains(RECORDED);
    }

    @Test
    void untilItsSourceHasSentItsStateItIsThere() {
        Incarnation source = on("host-a", 1, left().guestState(sealed(1, 3, false)));
        Incarnation target = on("host-b", 2, neverRan(), spec -> spec.arrival(new Arrival(1L, "host-a", true, true)));
        assertThat(HomeFacts.of(Optional.of(CLAIMED), List.of(source, target)).unsealedOn())
                .contains("host-a");
    }

    private static VMIncarnationStatusBuilder left() {
        return ended(Exit.Migrated)
                .departure(VMIncarnationStatusDepartureBuilder.builder()
                        .epoch(2L)
                        .nodeName("host-b")
                        .course(Course.Left)
                        .build());
    }

    private static HomeFacts after(Incarnation... incarnations) {
        return HomeFacts.of(Optional.of(RECORDED), List.of(incarnations));
    }

    private static Incarnation on(String node, long epoch, VMIncarnationStatusBuilder status) {
        return on(node, epoch, status, spec -> spec);
    }

    private static Incarnation on(
            String node,
            long epoch,
            VMIncarnationStatusBuilder status,
            UnaryOperator<VMIncarnationSpecBuilder> change) {
        return new Incarnation(Incarnations.incarnation(
                change.apply(Incarnations.spec(epoch).nodeName(node)).build(), status.build()));
    }
}
