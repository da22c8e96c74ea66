package io.trustedlaunch.operator.fencing;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.NodeFence;
import io.trustedlaunch.api.node.NodeFenceSpec;
import io.trustedlaunch.api.node.NodeFenceSpec.Method;
import io.trustedlaunch.api.node.NodeFenceStatus.Phase;
import io.trustedlaunch.api.node.NodeFenceStatusBuilder;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.testkit.FakeApiServer;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Nobody else reconciles a NodeFence whose ClusterNode is gone. */
class StrayFenceReconcilerTest {
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2026-03-01T12:00:00Z"));

    private final FakeApiServer server = new FakeApiServer();
    private final StrayFenceReconciler reconciler = new StrayFenceReconciler(
            name -> server.find(ClusterNode.class, name),
            new FenceReconciler(
                    new SilenceCheck(
                            new HeardNodes(new LeaseHistory(() -> 0), new LeaseHistory(() -> 0)),
                            "operator",
                            "leader",
                            (namespace, name) -> Optional.empty(),
                            () -> {}),
                    51,
                    server,
                    CLOCK,
                    Failpoints.none(),
                    (fence, status) -> {}),
            CLOCK);

    @ParameterizedTest
    @EnumSource(
            value = Phase.class,
            names = {"Requested", "Fencing", "Failed", "Contradicted"})
    void aFenceThatProvesNothingIsRemoved(Phase phase) {
        NodeFence fence = fence(phase);
        reconcile(fence);
        assertThat(server.seen(NodeFence.class)).isEmpty();
    }

    @Test
    void aProofStays() {
        reconcile(fence(Phase.Proved));
        assertThat(server.seen(NodeFence.class)).hasSize(1);
    }

    @Test
    void aFenceOfANodeThatIsThereIsLeftToItsOwnController() {
        ClusterNode node = new ClusterNode();
        node.setMetadata(new ObjectMetaBuilder().withName("host-a").build());
        server.put(node);
        reconcile(fence(Phase.Fencing));
        assertThat(server.seen(NodeFence.class)).hasSize(1);
    }

    private NodeFence fence(Phase phase) {
        NodeFence fence = new NodeFence();
        fence.setMetadata(new ObjectMetaBuilder().withName("host-a-3f0c6d6e").build());
        fence.setSpec(new NodeFenceSpec("host-a", "3f0c6d6e-0000-0000-0000-000000000001", Method.Power));
        fence.setStatus(NodeFenceStatusBuilder.builder()
                .phase(phase)
                .since(CLOCK.instant().toString())
                .build());
        return server.put(fence);
    }

    @SuppressWarnings("unchecked")
    private void reconcile(NodeFence fence) {
        reconciler.reconcile(fence, (Context<NodeFence>) Proxy.newProxyInstance(
                Context.class.getClassLoader(),
                new Class<?>[] {Context.class},
                // Whether it is deleted: all that is asked for.
                (proxy, method, arguments) -> false));
    }
}
