package io.trustedlaunch.agent.incarnation;

import static io.trustedlaunch.agent.incarnation.IncarnationFixture.VM;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.hypervisor.DomainState.PauseReason;
import io.trustedlaunch.agent.hypervisor.FakeHypervisor.Call;
import io.trustedlaunch.agent.hypervisor.FakeHypervisor.Operation;
import io.trustedlaunch.agent.hypervisor.HypervisorFailure;
import io.trustedlaunch.agent.hypervisor.MigrationProgress;
import io.trustedlaunch.agent.hypervisor.VtpmState;
import io.trustedlaunch.agent.migration.Migrations;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Course;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.testkit.Nodes;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** How an agent ends a migration that is cancelled, or that an earlier process began. */
@ParameterizedClass
@EnumSource(TwoHosts.Folders.class)
class AbortedMigrationTest extends TwoHosts {
    private static final Call ABORT = new Call(Operation.ABORT_MIGRATION, VM);
    private static final Call SEVER = new Call(Operation.SEVER_MIGRATION, VM);

    @Test
    void aMigrationOfAnEarlierProcessIsSeveredBeforeItIsAborted() {
        beginMigrationAndRestartTheAgent();

        source.passWithRestarts(departing);

        assertThat(source.hypervisor.calls()).containsSubsequence(SEVER, ABORT);
    }

    @Test
    void aMigrationOfAnEarlierProcessIsNotSeveredWhileAnotherOneGoesToTheSameHost() {
        beginMigrationAndRestartTheAgent();
        source.migrations.addressOfAnother = Nodes.ADDRESS;

        source.passWithRestarts(departing);

        assertThat(source.hypervisor.calls()).contains(ABORT).doesNotContain(SEVER);
    }

    private void beginMigrationAndRestartTheAgent() {
        beginMigration();
        source.hypervisor.beginMigration(VM, new MigrationProgress(1, 1, 2));
        source.restartAgent();
    }

    @Test
    void aCancelledMigrationIsAbortedAndNotSevered() {
        beginMigration();
        cancelMigration();

        source.pass(departing);

        assertThat(source.hypervisor.calls()).contains(ABORT).doesNotContain(SEVER);
    }

    @Test
    void aMigrationWhoseGuestLosesItsTpmIsAbortedAndTheTpmReportedMeanwhile() {
        beginMigration();
        source.hypervisor.setVtpm(VM, new VtpmState.Stopped(4711));

        source.pass(departing);

        assertThat(source.hypervisor.calls()).contains(ABORT).doesNotContain(SEVER);
        assertThat(source.reason(departing)).isEqualTo(Reason.TpmNotResponding);
        assertThat(source.migrations.course(VM, 2))
                .as("the hypervisor has not answered")
                .isEqualTo(new Migrations.Course.Underway());
    }

    @Test
    void aMigrationIsAttemptedOnceForAnEpoch() {
        source.migrations.linkDown = true;
        expectTheGuest();
        requestMigration();
        for (int i = 0; i < 3; i++) {
            source.passWithRestarts(departing);
            source.restartAgent();
        }

        assertThat(source.migrations.begun()).isEqualTo(copiesDisks() ? 0 : 1);
        assertThat(course()).contains(Course.Stayed);
    }

    @Test
    void theConnectionIsClosedIfTheHypervisorDoesNotAbort() {
        beginMigration();
        cancelMigration();
        source.pass(departing);
        source.pass(departing);
        assertThat(source.migrations.course(VM, 2)).isEqualTo(new Migrations.Course.Underway());

        source.later(Duration.ofSeconds(31));
        source.pass(departing);
        source.pass(departing);

        assertThat(course()).contains(Course.Stayed);
    }

    @Test
    void aGuestThatCannotBeResumedAfterItsMigrationIsPoweredOffIfItsVmIsDeleted() {
        beginMigration();
        source.hypervisor.pause(VM, PauseReason.MIGRATION);
        source.migrations.fail("node host-b does not answer");
        source.hypervisor.fail(Operation.RESUME, new HypervisorFailure.OperationFailed("failed to get the write lock"));
        source.pass(departing);
        assertThat(source.state()).isPresent();

        source.server.desire(departing, DesiredState.Erased);
        source.pass(departing);

        assertThat(source.state()).isEmpty();
        assertThat(source.status(departing).phase()).isEqualTo(Phase.Erased);
    }
}
