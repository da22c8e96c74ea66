package io.trustedlaunch.agent.incarnation;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.hypervisor.FakeHypervisor.Operation;
import io.trustedlaunch.agent.hypervisor.WorkingCopy;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationStatus;
import io.trustedlaunch.api.VMIncarnationStatus.Phase;
import io.trustedlaunch.failpoint.Failpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The agent dies at each of its failpoints, in the first life, in a later one, and while it erases. */
class DeathAtEveryPointTest {
    @TempDir
    private Path root;

    static Stream<Failpoint> points() {
        return Arrays.stream(Failpoint.values()).filter(point -> point.id().startsWith("agent."));
    }

    @ParameterizedTest
    @MethodSource("points")
    void oneIncarnationOneKeyAndAllIsDone(Failpoint point) throws IOException {
        World world = new World(root);
        world.arm(point);
        VMIncarnation first = world.incarnation(1, DesiredState.Running);

        world.passUntilItRuns(first);
        assertRuns(world, first);
        assertThat(incarnations(world)).isEqualTo(1);

        stop(world, first, DesiredState.Stopped);
        assertThat(world.server.read(first).getStatus().phase()).isEqualTo(Phase.Stopped);

        VMIncarnation second = world.incarnation(2, DesiredState.Running);
        world.server.ownEpoch(2);
        world.passUntilItRuns(second);
        assertRuns(world, second);
        assertThat(incarnations(world)).isEqualTo(2);

        stop(world, second, DesiredState.Erased);
        assertThat(world.server.read(second).getStatus().phase()).isEqualTo(Phase.Erased);
        assertThat(world.folder().path()).doesNotExist();
        assertThat(world.hypervisor.workingCopy(IncarnationFixture.VM).state()).isEqualTo(WorkingCopy.State.ABSENT);

        assertThat(world.tpms.made()).isEqualTo(1);
        assertThat(world.isArmed(point)).as("the point was reached").isFalse();
        assertThat(ekDigests(world)).containsOnly(FakeTpms.ek(1));
    }

    private static void stop(World world, VMIncarnation incarnation, DesiredState desired) {
        world.server.changeSpec(incarnation, desired);
        world.passUntilItRuns(incarnation);
        if (world.domain().isPresent()) {
            world.hypervisor.powerOff(IncarnationFixture.VM);
        }
        world.passUntilItRuns(incarnation);
    }

    private static void assertRuns(World world, VMIncarnation incarnation) {
        assertThat(world.server.read(incarnation).getStatus().phase()).isEqualTo(Phase.Running);
        assertThat(world.hypervisor.find(IncarnationFixture.VM).orElseThrow().state())
                .isInstanceOf(DomainState.Running.class);
        assertThat(world.hypervisor.find(IncarnationFixture.VM).orElseThrow().epoch())
                .isEqualTo(incarnation.getSpec().epoch());
    }

    /** Guests that took their first step: domains that were resumed after they had been made. */
    private static long incarnations(World world) {
        long incarnations = 0;
        boolean fresh = false;
        for (var call : world.hypervisor.calls()) {
            if (call.operation() == Operation.CREATE_PAUSED) {
                fresh = true;
            }
            if (call.operation() == Operation.RESUME && fresh) {
                incarnations++;
                fresh = false;
            }
        }
        return incarnations;
    }

    private static List<String> ekDigests(World world) {
        return world.server.written().stream()
                .map(VMIncarnationStatus::ekDigest)
                .filter(digest -> digest != null)
                .toList();
    }
}
