package io.trustedlaunch.agent.incarnation;

import static io.trustedlaunch.agent.incarnation.IncarnationFixture.VM;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.hypervisor.DomainState.PauseReason;
import io.trustedlaunch.agent.hypervisor.FakeHypervisor.Operation;
import io.trustedlaunch.agent.hypervisor.HypervisorFailure;
import io.trustedlaunch.agent.hypervisor.MigrationProgress;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Course;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A hypervisor neither migrates a guest nor aborts: QEMU was seen to wait for a connection that it had closed. */
class NonConvergingMigrationTest extends TwoHosts {
    @BeforeEach
    void letTheMigrationHang() {
        source.copyChanged();
        beginMigration();
        source.hypervisor.beginMigration(VM, new MigrationProgress(0, 0, 0));
        source.migrations.fail("node host-b does not answer");
        source.hypervisor.fail(
                Operation.ABORT_MIGRATION, new HypervisorFailure.OperationFailed("cannot acquire state change lock"));
    }

    @Test
    void aGuestThatStaysPausedIsEndedAsCrashedAndItsStateIsHome() {
        source.hypervisor.pause(VM, PauseReason.MIGRATION);
        passFor(Duration.ofSeconds(110));
        assertThat(source.state()).isPresent();

        passFor(Duration.ofSeconds(40));

        assertThat(source.state()).isEmpty();
        VMIncarnationStatus reported = source.status(departing);
        assertThat(reported.departure().course()).isEqualTo(Course.Stayed);
        assertThat(reported.exit()).isEqualTo(Exit.Crashed);
        assertThat(reported.guestState().complete()).isTrue();
    }

    @Test
    void aGuestThatRunsIsLeftAlone() {
        passFor(Duration.ofMinutes(10));

        assertThat(source.state()).isPresent();
    }

    @Test
    void aGuestThatRunsIsEndedIfItsVmIsDeleted() {
        source.server.desire(departing, DesiredState.Erased);
        passFor(Duration.ofSeconds(110));
        assertThat(source.state()).isPresent();

        passFor(Duration.ofSeconds(40));

        assertThat(source.state()).isEmpty();
        assertThat(source.status(departing).phase()).isEqualTo(Phase.Erased);
        assertThat(source.status(departing).exit()).isEqualTo(Exit.PoweredOff);
    }

    private void passFor(Duration time) {
        Duration step = Duration.ofSeconds(10);
        for (Duration passed = Duration.ZERO; passed.compareTo(time) < 0; passed = passed.plus(step)) {
            source.pass(departing);
            source.later(step);
        }
    }
}
