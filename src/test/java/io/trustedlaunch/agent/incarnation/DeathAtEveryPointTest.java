package io.trustedlaunch.agent.incarnation;

import static io.trustedlaunch.agent.incarnation.IncarnationFixture.VM;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.failpoint.Failpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The agent dies at each of its failpoints: in the first incarnation, in a later one, or during the erasure. */
class DeathAtEveryPointTest {
    private World world;

    static Stream<Failpoint> points() {
        return Arrays.stream(Failpoint.values()).filter(point -> point.id().startsWith("agent."));
    }

    @ParameterizedTest
    @MethodSource("points")
    void eachIncarnationRunsOnceWithTheSameKeyAndEnds(Failpoint point, @TempDir Path root) throws IOException {
        world = new World(root);
        world.failpoints.arm(point);
        VMIncarnation first = world.start(1);
        assertRuns(first);
        assertThat(world.guestsStarted()).isEqualTo(1);

        end(first, DesiredState.Stopped);
        assertThat(world.status(first).phase()).isEqualTo(Phase.Stopped);

        VMIncarnation second = world.start(2);
        assertRuns(second);
        assertThat(world.guestsStarted()).isEqualTo(2);

        end(second, DesiredState.Erased);
        assertThat(world.status(second).phase()).isEqualTo(Phase.Erased);
        assertThat(world.folder().path()).doesNotExist();
        world.assertCopyErased();

        assertThat(world.tpms.made()).isEqualTo(1);
        assertThat(world.failpoints.isArmed(point)).as("the point was reached").isFalse();
        assertThat(world.server.reportedEks()).containsOnly(FakeTpms.ek(1));
    }

    private void end(VMIncarnation incarnation, DesiredState desired) {
        world.server.desire(incarnation, desired);
        world.passWithRestarts(incarnation);
        if (world.state().isPresent()) {
            world.hypervisor.powerOff(VM);
        }
        world.passWithRestarts(incarnation);
    }

    private void assertRuns(VMIncarnation incarnation) {
        assertThat(world.status(incarnation).phase()).isEqualTo(Phase.Running);
        world.assertRuns();
        assertThat(world.hypervisor.find(VM).orElseThrow().epoch())
                .isEqualTo(incarnation.getSpec().epoch());
    }
}
