package io.trustedlaunch.operator.vm.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RunStrategy;
import io.trustedlaunch.api.TrustedLaunchVMStatus;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.VMIncarnationStatus.Phase;
import io.trustedlaunch.operator.vm.status.VmStatus;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** A new value of the annotation restarts the guest, once. */
class RestartTest {
    private static final String EK = "ab".repeat(32);
    private static final String ASKED = "2026-11-24T10:00:00Z";

    @Test
    void aGuestThatRunsIsRetiredAndStartedAgain() {
        assertThat(VmScene.running().restartedAt(ASKED).step())
                .asInstanceOf(type(VmStep.Retire.class))
                .extracting(VmStep.Retire::reason)
                .isEqualTo(Reason.Restarting);
        assertThat(stopped().step()).isInstanceOf(VmStep.ReserveEpoch.class);
    }

    @Test
    void whatWasAskedGoesOnRecordWithTheEpochAndNotBefore() {
        VmScene running = VmScene.running().restartedAt(ASKED);
        assertThat(status(running).observedRestart()).isNull();
        assertThat(status(stopped()).observedRestart()).isEqualTo(ASKED);
    }

    @Test
    void oneThatWasMadeIsNotMadeAgain() {
        TrustedLaunchVMStatus reserved = status(stopped());
        VmScene again = stopped()
                .status(reserved)
                .incarnation(
                        "host-a",
                        2,
                        DesiredState.Running,
                        VmScene.running()
                                .facts()
                                .current()
                                .orElseThrow()
                                .status()
                                .orElseThrow());

        assertThat(again.facts().isRestartAsked()).isFalse();
        assertThat(again.restartedAt(null).facts().isRestartAsked()).isFalse();
        assertThat(again.restartedAt("later").facts().isRestartAsked()).isTrue();
    }

    @Test
    void aGuestThatShutItselfDownIsStartedAgainOnFailureOnlyWhenAsked() {
        VmScene succeeded = VmScene.running()
                .strategy(RunStrategy.RerunOnFailure)
                .incarnation(1, DesiredState.Running, Phase.Stopped, EK, Exit.Shutdown);
        assertThat(succeeded.step()).isInstanceOf(VmStep.Settled.class);
        assertThat(succeeded.restartedAt(ASKED).step()).isInstanceOf(VmStep.ReserveEpoch.class);
    }

    @Test
    void aHaltedVmStaysOff() {
        assertThat(stopped().strategy(RunStrategy.Halted).step()).isInstanceOf(VmStep.Settled.class);
    }

    private static VmScene stopped() {
        return VmScene.running()
                .restartedAt(ASKED)
                .incarnation(1, DesiredState.Stopped, Phase.Stopped, EK, Exit.Shutdown);
    }

    private static TrustedLaunchVMStatus status(VmScene scene) {
        return VmStatus.of(scene.facts(), scene.step(), Instant.EPOCH).orElseThrow();
    }
}
