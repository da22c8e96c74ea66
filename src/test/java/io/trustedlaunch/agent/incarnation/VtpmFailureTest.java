package io.trustedlaunch.agent.incarnation;

import static io.trustedlaunch.agent.incarnation.IncarnationFixture.VM;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.hypervisor.VtpmState;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.testkit.Vms;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A TPM that dies under its guest, or is stopped, is reported. */
class VtpmFailureTest extends OneHost {
    private static final VtpmState ENDED = new VtpmState.Ended();
    private static final VtpmState STOPPED = new VtpmState.Stopped(4711);
    private static final VtpmState RESPONDING = new VtpmState.Responding();

    @BeforeEach
    void runGuest() throws IOException {
        world.pass(incarnation);
    }

    @Test
    void aTpmThatEndedIsReportedOnceWithItsRemedyAndTheGuestRunsOn() {
        int before = world.server.written().size();

        tpmIs(ENDED);
        world.later(Duration.ofMinutes(1));
        world.pass(incarnation);

        assertThat(world.server.written()).hasSize(before + 1);
        assertThat(world.status(incarnation).phase()).isEqualTo(Phase.Running);
        assertThat(world.reason(incarnation)).isEqualTo(Reason.TpmNotResponding);
        assertThat(message())
                .contains("host-a", "has ended", "kubectl tlvm restart " + Vms.NAME + " -n " + Vms.NAMESPACE);
        world.assertRuns();
    }

    @Test
    void aStoppedTpmIsReportedUntilItIsContinued() {
        tpmIs(STOPPED);
        assertThat(world.reason(incarnation)).isEqualTo(Reason.TpmNotResponding);
        assertThat(message()).contains("is stopped", "kill -CONT 4711");

        tpmIs(RESPONDING);
        assertThat(world.reason(incarnation)).isEqualTo(Reason.Running);
    }

    @Test
    void aReportStaysUntilTheNextProcessOfTheAgentHasLooked() {
        tpmIs(ENDED);
        String reported = message();
        world.restartAgent();

        tpmIs(new VtpmState.Unknown());
        assertThat(message()).isEqualTo(reported);

        tpmIs(RESPONDING);
        assertThat(world.reason(incarnation)).isEqualTo(Reason.Running);
    }

    @Test
    void anUnobservedTpmIsNoProblem() {
        tpmIs(new VtpmState.Unknown());

        assertThat(world.reason(incarnation)).isEqualTo(Reason.Running);
    }

    @Test
    void aTpmThatEndsWithItsGuestIsNotReported() {
        world.hypervisor.requestShutdown(VM);

        tpmIs(ENDED);

        assertThat(world.reason(incarnation)).isEqualTo(Reason.Running);
    }

    @Test
    void aStateThatIsNotSealedEitherIsInTheSameMessage() {
        world.failHome("Input/output error");
        world.guestStores("one");
        world.copyChanged();

        tpmIs(ENDED);

        assertThat(world.reason(incarnation)).isEqualTo(Reason.TpmNotResponding);
        assertThat(message()).contains("kubectl tlvm restart", "not sealed", "Input/output error");
        String reported = message();
        tpmIs(new VtpmState.Unknown());
        assertThat(message()).isEqualTo(reported);
    }

    @Test
    void theLastStateOfADeadTpmIsSealedAndTheNextStartHasTheSameTpm() {
        world.guestStores("one");
        tpmIs(ENDED);

        world.stop(incarnation);

        assertThat(world.status(incarnation).phase()).isEqualTo(Phase.Stopped);
        assertThat(world.status(incarnation).guestState().complete()).isTrue();
        VMIncarnation next = world.start(2);
        assertThat(world.status(next).phase()).isEqualTo(Phase.Running);
        assertThat(world.reason(next)).isEqualTo(Reason.Running);
        assertThat(world.status(next).ekDigest()).isEqualTo(FakeTpms.ek(1));
        assertThat(world.stored()).isEqualTo("one");
        assertThat(world.tpms.made()).isEqualTo(1);
    }

    @Test
    void aGuestWithADeadTpmThatDoesNotShutDownIsPoweredOffAsAnyOther() {
        world.hypervisor.letGuestsIgnoreThePowerButton();
        tpmIs(ENDED);
        world.server.desire(incarnation, DesiredState.Stopped);
        world.pass(incarnation);
        world.assertRuns();

        world.later(Duration.ofMinutes(3));
        world.pass(incarnation);

        assertThat(world.status(incarnation).phase()).isEqualTo(Phase.Stopped);
        assertThat(world.home.versions()).isNotEmpty();
    }

    private void tpmIs(VtpmState state) {
        world.hypervisor.setVtpm(VM, state);
        world.pass(incarnation);
    }

    private String message() {
        return world.status(incarnation).message();
    }
}
