package io.trustedlaunch.operator.vm.plan;

import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Running;
import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Stopped;
import static io.trustedlaunch.operator.vm.plan.VmScene.running;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertWaits;
import static io.trustedlaunch.testkit.Incarnations.ended;
import static io.trustedlaunch.testkit.Incarnations.reported;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.incarnation.VMIncarnationStatusBuilder;
import io.trustedlaunch.api.vm.RunStrategy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A new value of the annotation restarts the guest, once. */
class RestartTest {
    private static final String ASKED = "2026-11-24T10:00:00Z";

    @Test
    void aGuestThatRunsIsRetiredAndStartedAgain() {
        assertThat(running().restartRequested(ASKED).step(VmStep.Retire.class).reason())
                .isEqualTo(Reason.Restarting);
        assertThat(stopped().step()).isInstanceOf(VmStep.ReserveEpoch.class);
    }

    @ParameterizedTest
    @EnumSource(names = {"TpmNotResponding", "BackupJobLost"})
    void whatARestartEndsIsNoLongerReported(Reason reason) {
        VMIncarnationStatusBuilder troubled = reported(Phase.Running).reason(reason.name());
        VmScene restarted = running().incarnation(1, Running, troubled).restartRequested(ASKED);
        assertThat(restarted.step(VmStep.Retire.class).reason()).isEqualTo(Reason.Restarting);

        assertWaits(restarted.incarnation(1, Stopped, troubled), Reason.Restarting);
    }

    @Test
    void theRestartIsRecordedTogetherWithTheNextEpoch() {
        VmScene running = running().restartRequested(ASKED);
        assertThat(running.newStatus().observedRestart()).isNull();
        assertThat(stopped().newStatus().observedRestart()).isEqualTo(ASKED);
    }

    @Test
    void aRestartIsNotRepeated() {
        VmScene again = stopped().written().incarnation(2, Running, reported(Phase.Running));

        assertThat(again.facts().vm().isRestartRequested()).isFalse();
        assertThat(again.restartRequested(null).facts().vm().isRestartRequested())
                .isFalse();
        assertThat(again.restartRequested("later").facts().vm().isRestartRequested())
                .isTrue();
    }

    @Test
    void rerunOnFailureStartsAGuestThatShutItselfDownOnlyForARestart() {
        VmScene succeeded =
                running().strategy(RunStrategy.RerunOnFailure).incarnation(1, Running, ended(Exit.Shutdown));
        assertThat(succeeded.step()).isInstanceOf(VmStep.Settled.class);
        assertThat(succeeded.restartRequested(ASKED).step()).isInstanceOf(VmStep.ReserveEpoch.class);
    }

    @Test
    void aHaltedVmStaysOff() {
        assertThat(stopped().strategy(RunStrategy.Halted).step()).isInstanceOf(VmStep.Settled.class);
    }

    /** The guest runs already: only a value that comes later asks for a restart. */
    @Test
    void aValueThatStandsWhenTheGuestIsAdoptedIsNoRequest() {
        VmScene adopted =
                VmScene.applied().restartRequested(ASKED).seen("host-a", 7).written();
        assertThat(adopted.facts().vm().epoch()).isEqualTo(7);
        assertThat(adopted.facts().vm().isRestartRequested()).isFalse();
        assertThat(adopted.restartRequested("later").facts().vm().isRestartRequested())
                .isTrue();
    }

    private static VmScene stopped() {
        return running().restartRequested(ASKED).incarnation(1, Stopped, ended(Exit.Shutdown));
    }

    /** @param value of the annotation; null: there is none */
}
