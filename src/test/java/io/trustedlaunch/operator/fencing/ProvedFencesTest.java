package io.trustedlaunch.operator.fencing;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeStatus.Answer;
import io.trustedlaunch.api.node.ClusterNodeStatusBuilder;
import io.trustedlaunch.api.node.NodeFence;
import io.trustedlaunch.api.node.NodeFenceSpec;
import io.trustedlaunch.api.node.NodeFenceSpec.Method;
import io.trustedlaunch.api.node.NodeFenceStatus.Phase;
import io.trustedlaunch.api.node.NodeFenceStatus.Proof;
import io.trustedlaunch.api.node.NodeFenceStatusBuilder;
import io.trustedlaunch.operator.fencing.Fences.ProvedDeath;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ProvedFencesTest {
    private static final String BOOT = "3f0c6d6e";
    private static final Duration UNWATCHED = Duration.ofMinutes(5);

    @Test
    void aProofCountsForTheBootThatItIsAbout() {
        assertThat(proved(fence(Phase.Proved), fence(Phase.Proved), node(BOOT)))
                .containsExactly(Map.entry("host-a", new ProvedDeath("f", UNWATCHED)));
    }

    @ParameterizedTest
    @EnumSource(value = Phase.class, names = "Proved", mode = EnumSource.Mode.EXCLUDE)
    void nothingElseProvesANodeDead(Phase phase) {
        assertThat(proved(fence(phase), fence(phase), node(BOOT))).isEmpty();
        assertThat(proved(fence(Phase.Proved), fence(phase), node(BOOT)))
                .as("what the watch has is too old")
                .isEmpty();
    }

    /** Of which there may be incarnations already. */
    @Test
    void aProofSaysNothingOfALaterBoot() {
        assertThat(proved(fence(Phase.Proved), fence(Phase.Proved), node("77aa6d6e")))
                .isEmpty();
    }

    /** Otherwise its VMs would be given away before the NodeFence says so, and guests that run there lose their power. */
    @Test
    void aProofDoesNotCountOnceItsAgentWasHeard() {
        ProvedFences fences = new ProvedFences(
                () -> List.of(fence(Phase.Proved)),
                () -> List.of(fence(Phase.Proved)),
                name -> node(BOOT),
                fence -> true);
        assertThat(fences.proved()).isEmpty();
    }

    /** The dead do not answer. */
    @Test
    void aProofStandsWithoutAClusterNodeOrAnAnswer() {
        assertThat(proved(fence(Phase.Proved), fence(Phase.Proved), Optional.empty()))
                .hasSize(1);
        ClusterNode unanswered = new ClusterNode();
        unanswered.setStatus(ClusterNodeStatusBuilder.builder().build());
        assertThat(proved(fence(Phase.Proved), fence(Phase.Proved), Optional.of(unanswered)))
                .hasSize(1);
    }

    private static Map<String, ProvedDeath> proved(NodeFence cached, NodeFence now, Optional<ClusterNode> node) {
        return new ProvedFences(() -> List.of(cached), () -> List.of(now), name -> node, fence -> false).proved();
    }

    private static NodeFence fence(Phase phase) {
        NodeFence fence = new NodeFence();
        fence.setMetadata(new ObjectMetaBuilder().withName("f").build());
        fence.setSpec(new NodeFenceSpec("host-a", BOOT, Method.Statement));
        fence.setStatus(NodeFenceStatusBuilder.builder()
                .phase(phase)
                .proof(new Proof("ada", null, null, null, UNWATCHED.toSeconds()))
                .build());
        return fence;
    }

    private static Optional<ClusterNode> node(String boot) {
        ClusterNode node = new ClusterNode();
        node.setStatus(ClusterNodeStatusBuilder.builder()
                .answer(new Answer("a leader", boot, null, null))
                .build());
        return Optional.of(node);
    }
}
