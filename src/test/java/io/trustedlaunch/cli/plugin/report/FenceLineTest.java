package io.trustedlaunch.cli.plugin.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.api.node.NodeFence;
import io.trustedlaunch.api.node.NodeFenceStatus.Phase;
import io.trustedlaunch.api.node.NodeFenceStatusBuilder;
import io.trustedlaunch.cli.plugin.report.Progress.State;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FenceLineTest {
    @Test
    void aFenceWithoutStatusIsRequested() {
        Progress progress = FenceLine.progress(fence());
        assertThat(progress.line()).isEqualTo("nodefence/host-a-3f0c6d6e: Requested");
        assertThat(progress.state()).isEqualTo(State.Ongoing);
    }

    @Test
    void theMessageSaysWhyItIsInItsPhase() {
        NodeFence fence = fence();
        fence.setStatus(NodeFenceStatusBuilder.builder()
                .phase(Phase.Contradicted)
                .message("its agent was heard")
                .build());
        assertThat(FenceLine.progress(fence).line())
                .isEqualTo("nodefence/host-a-3f0c6d6e: Contradicted (its agent was heard)");
    }

    @ParameterizedTest
    @CsvSource({
        "Requested,Ongoing",
        "Fencing,Ongoing",
        "Failed,Failed",
        "Proved,Done",
        "Released,Done",
        "Contradicted,Failed"
    })
    void itIsFollowedUntilItIsProvedOrNeedsAPerson(Phase phase, State state) {
        NodeFence fence = fence();
        fence.setStatus(NodeFenceStatusBuilder.builder().phase(phase).build());
        assertThat(FenceLine.progress(fence).state()).isEqualTo(state);
    }

    private static NodeFence fence() {
        NodeFence fence = new NodeFence();
        fence.setMetadata(new ObjectMetaBuilder().withName("host-a-3f0c6d6e").build());
        return fence;
    }
}
