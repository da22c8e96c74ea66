package io.trustedlaunch.api.incarnation;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.incarnation.EpochProgress.End;
import io.trustedlaunch.api.incarnation.EpochProgress.Reached;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Home;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.VTpm;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusGuestStateBuilder;
import io.trustedlaunch.testkit.Incarnations;
import io.trustedlaunch.testkit.Vms;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EpochProgressTest {
    private static final EpochProgress SEEN = progress(Reached.SEEN, End.OPEN);
    private static final EpochProgress CLAIMED = progress(Reached.CLAIMED, End.OPEN);
    private static final EpochProgress RUNS = progress(Reached.RESUMED, End.OPEN);
    private static final EpochProgress NEVER_RAN = progress(Reached.SEEN, End.ENDED);
    private static final EpochProgress RAN = progress(Reached.RESUMED, End.ENDED);

    private static EpochProgress progress(Reached reached, End end) {
        return new EpochProgress(reached, end);
    }

    private static EpochProgress reported(VMIncarnationStatusBuilder status) {
        return EpochProgress.reported(
                Incarnations.incarnation(Incarnations.spec(2).build(), status.build()));
    }

    private static Stream<EpochProgress> all() {
        return Stream.of(Reached.values())
                .flatMap(reached -> Stream.of(End.values()).map(end -> progress(reached, end)));
    }

    @Test
    void theHighestOfTwoMemoriesIsBelowNeither() {
        all().forEach(one -> all().forEach(other -> {
            EpochProgress both = one.and(other);
            assertThat(both).isEqualTo(other.and(one));
            assertThat(both.isBehind(one)).isFalse();
            assertThat(both.isBehind(other)).isFalse();
            assertThat(both.hasRun()).isEqualTo(one.hasRun() || other.hasRun());
            assertThat(both.isOver()).isEqualTo(one.isOver() || other.isOver());
        }));
    }

    @Test
    void oneThatSaysThatItsGuestNeverRanIsBelowOneThatSaysThatItRan() {
        assertThat(NEVER_RAN.isBehind(RUNS)).isTrue();
        assertThat(NEVER_RAN.and(RUNS)).isEqualTo(RAN);
        assertThat(NEVER_RAN.and(RUNS).neverRan()).isFalse();
    }

    @Test
    void whatOneThatIsOverMadeDoesNotCount() {
        assertThat(NEVER_RAN.isBehind(CLAIMED)).isFalse();
        assertThat(SEEN.isBehind(CLAIMED)).isTrue();
        assertThat(RUNS.isBehind(NEVER_RAN)).isTrue();
    }

    @Test
    void afterAClaimTheGuestMayHaveRunUnlessItsNodeSaysThatItDidNot() {
        assertThat(CLAIMED.assumed()).isEqualTo(RUNS);
        assertThat(progress(Reached.CLAIMED, End.ENDED).assumed().neverRan()).isTrue();
        assertThat(SEEN.assumed()).isEqualTo(SEEN);
    }

    @Test
    void aStatusTellsHowFarItsIncarnationCame() {
        assertThat(EpochProgress.reported(
                        Incarnations.incarnation(Incarnations.spec(2).build(), null)))
                .isEqualTo(SEEN);
        assertThat(reported(Incarnations.status(Phase.Preparing))).isEqualTo(SEEN);
        assertThat(reported(Incarnations.status(Phase.Received)).reached()).isEqualTo(Reached.PREPARED);
        assertThat(reported(Incarnations.reported(Phase.Prepared))).isEqualTo(CLAIMED);
        assertThat(reported(Incarnations.status(Phase.Preparing).guestState(Incarnations.sealed(2, 1))))
                .isEqualTo(CLAIMED);
        assertThat(reported(Incarnations.status(Phase.Preparing).guestState(Incarnations.sealed(1, 4))))
                .as("what an earlier one left")
                .isEqualTo(SEEN);
        assertThat(reported(Incarnations.status(Phase.Running))).isEqualTo(RUNS);
        assertThat(reported(Incarnations.neverRan())).isEqualTo(NEVER_RAN);
        assertThat(reported(Incarnations.ended(Exit.Crashed))).isEqualTo(RAN);
        assertThat(reported(Incarnations.ended(Exit.Shutdown).guestState(Incarnations.sealed(2, 3, true)))
                        .isSealed())
                .isTrue();
        assertThat(reported(Incarnations.status(Phase.Erased).exit(Exit.NeverRan)))
                .isEqualTo(progress(Reached.SEEN, End.ERASED));
    }

    /** It waits for the seal of what an earlier guest left. */
    @Test
    void oneThatIsStoppingHasRunOnlyWithATpm() {
        assertThat(reported(Incarnations.status(Phase.Stopping))).isEqualTo(SEEN);
        assertThat(reported(Incarnations.reported(Phase.Stopping))).isEqualTo(RUNS);
    }

    @ParameterizedTest
    @EnumSource(Phase.class)
    void noPhaseIsLowerThanOneThatSaysNothing(Phase phase) {
        assertThat(reported(Incarnations.status(phase).exit(Exit.Crashed)).isAtLeast(Reached.SEEN))
                .isTrue();
    }

    @Test
    void theVmsStatusTellsWhetherAnIncarnationHasBegun() {
        assertThat(onRecord(2, status(null, home(2, false)))).isEqualTo(EpochProgress.NOTHING);
        assertThat(onRecord(2, status(new GuestStateVersion(1L, 9L), home(1, true))))
                .isEqualTo(EpochProgress.NOTHING);
        assertThat(onRecord(2, status(new GuestStateVersion(2L, 1L), home(2, false))))
                .isEqualTo(CLAIMED);
        assertThat(onRecord(2, status(new GuestStateVersion(2L, 3L), home(2, true)))
                        .isSealed())
                .isTrue();
        assertThat(onRecord(2, status(new GuestStateVersion(3L, 1L), home(3, true))))
                .as("a later one has the home")
                .isEqualTo(CLAIMED);
        TrustedLaunchVMStatusBuilder ek = TrustedLaunchVMStatusBuilder.builder().vTPM(new VTpm(Vms.EK, null));
        assertThat(onRecord(1, ek)).as("the first start made that TPM").isEqualTo(CLAIMED);
        assertThat(onRecord(2, ek)).isEqualTo(EpochProgress.NOTHING);
    }

    private static EpochProgress onRecord(long epoch, TrustedLaunchVMStatusBuilder status) {
        TrustedLaunchVM vm = Vms.vm(Vms.spec().build());
        vm.setStatus(status.build());
        return EpochProgress.onRecord(vm, Incarnations.spec(epoch).build());
    }

    private static TrustedLaunchVMStatusBuilder status(GuestStateVersion floor, Home home) {
        return TrustedLaunchVMStatusBuilder.builder()
                .guestState(TrustedLaunchVMStatusGuestStateBuilder.builder()
                        .floor(floor)
                        .home(home)
                        .build());
    }

    private static Home home(long epoch, boolean complete) {
        return new Home("default", "host-a", epoch, complete, Incarnations.CLUSTER);
    }
}
