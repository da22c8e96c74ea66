package io.trustedlaunch.agent.incarnation;

import static io.trustedlaunch.agent.incarnation.IncarnationFixture.VM;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.hypervisor.VtpmState;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.testkit.Vms;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A libvirtd that died while it began a backup keeps a job that it knows nothing of, until the guest's QEMU ends. */
class LostBackupJobTest extends OneHost {
    private static final String NEXT_STEP = "kubectl tlvm restart " + Vms.NAME + " -n " + Vms.NAMESPACE;

    @BeforeEach
    void runGuest() throws IOException {
        world.pass(incarnation);
    }

    @Test
    void itIsReportedOnceWithItsRemedyAndTheGuestRunsOn() {
        int before = world.server.written().size();

        loseJob();
        world.later(Duration.ofMinutes(1));
        world.pass(incarnation);

        assertThat(world.server.written()).hasSize(before + 1);
        assertThat(world.status(incarnation).phase()).isEqualTo(Phase.Running);
        assertThat(world.reason(incarnation)).isEqualTo(Reason.BackupJobLost);
        assertThat(message()).contains("host-a", NEXT_STEP);
        world.assertRuns();
    }

    @Test
    void aRestartEndsIt() {
        loseJob();

        world.stop(incarnation);
        assertThat(world.status(incarnation).phase()).isEqualTo(Phase.Stopped);

        VMIncarnation next = world.start(2);
        world.pass(next);
        assertThat(world.reason(next)).isEqualTo(Reason.Running);
    }

    @Test
    void aStateThatIsNotSealedEitherIsInTheSameMessage() {
        world.failHome("Input/output error");
        world.guestStores("one");
        world.copyChanged();

        loseJob();

        assertThat(world.reason(incarnation)).isEqualTo(Reason.BackupJobLost);
        assertThat(message()).contains(NEXT_STEP, "not sealed", "Input/output error");
    }

    @Test
    void aTpmThatDoesNotRespondComesFirst() {
        loseJob();
        world.hypervisor.setVtpm(VM, new VtpmState.Ended());

        world.pass(incarnation);

        assertThat(world.reason(incarnation)).isEqualTo(Reason.TpmNotResponding);
    }

    private void loseJob() {
        world.hypervisor.backups().loseJob(VM);
        world.pass(incarnation);
    }

    private String message() {
        return world.status(incarnation).message();
    }
}
