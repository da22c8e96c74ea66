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
    void oneLifeOneKeyAndAllIsDone(Failpoint point) throws IOException {
        World world = new World(root);
        world.arm(point);
        VMIncarnation first = world.life(1, DesiredState.Running);

        world.passUntilItLives(first);
        assertRuns(world, first);
        assertThat(lives(world)).isEqualTo(1);

        stop(world, first, DesiredState.Stopped);
        assertThat(world.server.read(first).getStatus().phase()).isEqualTo(Phase.Stopped);

        VMIncarnation second = world.life(2, DesiredState.Running);
        world.server.ownEpoch(2);
        world.passUntilItLives(second);
        assertRuns(world, second);
        assertThat(lives(world)).isEqualTo(2);

        stop(world, second, DesiredState.Erased);
        assertThat(world.server.read(second).getStatus().phase()).isEqualTo(Phase.Erased);
        assertThat(world.folder().path()).doesNotExist();
        assertThat(world.hypervisor.workingCopy(IncarnationFixture.VM).state()).isEqualTo(WorkingCopy.State.ABSENT);

        assertThat(world.tpms.made()).isEqualTo(1);
        assertThat(world.isArmed(point)).as("the point was reached").isFalse();
        assertThat(ekDigests(world)).containsOnly(FakeTpms.ek(1));
    }

    private static void stop(World world, VMIncarnation life, DesiredState desired) {
        world.server.changeSpec(life, desired);
        world.passUntilItLives(life);
        if (world.domain().isPresent()) {
            world.hypervisor.powerOff(IncarnationFixture.VM);
        }
        world.passUntilItLives(life);
    }

    private static void assertRuns(World world, VMIncarnation life) {
        assertThat(world.server.read(life).getStatus().phase()).isEqualTo(Phase.Running);
        assertThat(world.hypervisor.find(IncarnationFixture.VM).orElseThrow().state())
                .isInstanceOf(DomainState.Running.class);
        assertThat(world.hypervisor.find(IncarnationFixture.VM).orElseThrow().epoch())
                .isEqualTo(life.getSpec().epoch());
    }

    /** Guests that took their first step: domains that were resumed after they had been made. */
    private static long lives(World world) {
        long lives = 0;
        boolean fresh = false;
        for (var call : world.hypervisor.calls()) {
            if (call.operation() == Operation.CREATE_PAUSED) {
                fresh = true;
            }
            if (call.operation() == Operation.RESUME && fresh) {
                lives++;
                fresh = false;
            }
        }
        return lives;
    }

    private static List<String> ekDigests(World world) {
        return world.server.written().stream()
                .map(VMIncarnationStatus::ekDigest)
                .filter(digest -> digest != null)
                .toList();
    }
}
