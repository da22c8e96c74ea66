package io.trustedlaunch.agent.incarnation;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.hypervisor.DomainState.PauseReason;
import io.trustedlaunch.agent.hypervisor.FakeHypervisor.Operation;
import io.trustedlaunch.agent.hypervisor.HypervisorFailure;
import io.trustedlaunch.agent.hypervisor.MigrationProgress;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationSpecDepartureBuilder;
import io.trustedlaunch.api.VMIncarnationStatus;
import io.trustedlaunch.api.VMIncarnationStatus.Course;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A hypervisor that neither moves a guest nor lets go of it: QEMU was seen to wait for a connection that it had closed. */
class NonConvergingMigrationTest {
    private static final String OTHER = "host-b";

    private World source;
    private World target;
    private VMIncarnation stays;
    private VMIncarnation comes;

    @BeforeEach
    void letAMoveHang(@TempDir Path root) throws IOException {
        source = new World(Files.createDirectory(root.resolve("a")));
        target = World.beside(source, Files.createDirectory(root.resolve("b")), OTHER);
        stays = source.incarnation(1, DesiredState.Running);
        source.pass(stays);
        source.guestStores("something");
        source.copyChanged();
        comes = target.arrival(2, stays);
        target.pass(comes);
        source.movement.beSlow();
        source.server.depart(
                stays,
                VMIncarnationSpecDepartureBuilder.builder()
                        .epoch(2L)
                        .nodeName(OTHER)
                        .address("192.0.2.2")
                        .port(16515)
                        .cancelled(false)
                        .copiesDisks(false)
                        .build());
        source.pass(stays);
        source.hypervisor.beginMigration(IncarnationFixture.VM, new MigrationProgress(0, 0, 0));
        source.movement.fail("node host-b does not answer any more");
        source.hypervisor.fail(
                Operation.ABORT_MIGRATION, new HypervisorFailure.OperationFailed("cannot acquire state change lock"));
    }

    @Test
    void aGuestThatStandsStillForGoodIsEndedAsCrashedAndWhatItHadIsHome() {
        source.hypervisor.pause(IncarnationFixture.VM, PauseReason.MIGRATION);
        tryFor(Duration.ofSeconds(110));
        assertThat(source.hypervisor.find(IncarnationFixture.VM)).isPresent();

        tryFor(Duration.ofSeconds(40));

        assertThat(source.hypervisor.find(IncarnationFixture.VM)).isEmpty();
        VMIncarnationStatus told = source.server.read(stays).getStatus();
        assertThat(told.departure().course()).isEqualTo(Course.Stayed);
        assertThat(told.exit()).isEqualTo(Exit.Crashed);
        assertThat(told.guestState().complete()).isTrue();
    }

    @Test
    void aGuestThatRunsIsLeftInPeace() {
        tryFor(Duration.ofMinutes(10));

        assertThat(source.hypervisor.find(IncarnationFixture.VM)).isPresent();
    }

    private void tryFor(Duration time) {
        Duration step = Duration.ofSeconds(10);
        for (Duration passed = Duration.ZERO; passed.compareTo(time) < 0; passed = passed.plus(step)) {
            source.pass(stays);
            source.later(step);
        }
    }
}
