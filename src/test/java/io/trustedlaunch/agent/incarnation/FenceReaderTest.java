package io.trustedlaunch.agent.incarnation;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.NodeFence;
import io.trustedlaunch.api.NodeFenceSpec;
import io.trustedlaunch.api.NodeFenceSpec.Method;
import io.trustedlaunch.api.NodeFenceStatus.Phase;
import io.trustedlaunch.api.NodeFenceStatusBuilder;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

class FenceReaderTest {
    private static final String NAME = "host-a-3f0c6d6e";
    private static final Path LOCATION = Path.of("/srv/vms");

    @Test
    void aWordCountsOnceTheNodesBeaconHasStoodStill() {
        assertThat(problem(fence(Method.Statement, Phase.Proved), true)).isEmpty();
        assertThat(problem(fence(Method.Statement, Phase.Proved), false))
                .map(Problem::reason)
                .contains(Reason.AwaitingFence);
    }

    @Test
    void powerThatIsOffAndANodeThatIsBackInAnotherBootNeedNoBeacon() {
        assertThat(problem(fence(Method.Power, Phase.Proved), false)).isEmpty();
        assertThat(problem(fence(Method.Statement, Phase.Released), false)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(
            value = Phase.class,
            mode = Mode.EXCLUDE,
            names = {"Proved", "Released"})
    void noGuestRunsWhileTheFenceProvesNothing(Phase phase) {
        assertThat(problem(fence(Method.Power, phase), true)).hasValueSatisfying(problem -> {
            assertThat(problem.reason()).isEqualTo(Reason.FenceContradicted);
            assertThat(problem.message()).contains(NAME, phase.name(), "kubectl describe nodefence");
        });
    }

    /** It may be younger than the backup that the API server's data was restored from. */
    @Test
    void noGuestRunsAfterAFenceThatDoesNotExist() {
        assertThat(problem(Optional.empty(), true)).hasValueSatisfying(problem -> {
            assertThat(problem.reason()).isEqualTo(Reason.FenceContradicted);
            assertThat(problem.message()).contains(NAME, "does not exist", "kubectl tlvm fence");
        });
    }

    private static Optional<Problem> problem(Optional<NodeFence> fence, boolean isStill) {
        return new FenceReader(name -> fence, (location, node) -> isStill && node.equals("host-a"))
                .problem(NAME, LOCATION);
    }

    private static Optional<NodeFence> fence(Method method, Phase phase) {
        NodeFence fence = new NodeFence();
        fence.setSpec(new NodeFenceSpec("host-a", "3f0c6d6e-0000-0000-0000-000000000001", method));
        fence.setStatus(NodeFenceStatusBuilder.builder().phase(phase).build());
        return Optional.of(fence);
    }
}
