package io.trustedlaunch.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.testkit.Cluster;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a kubelet keeps from pods, on a real API server; the test plays the agent and the kubelet. */
class MemoryIT {
    @Order(1)
    @RegisterExtension
    static final Cluster CLUSTER = new Cluster();

    @Order(2)
    @RegisterExtension
    static final OperatorUnderTest OPERATOR = new OperatorUnderTest(CLUSTER, "memory");

    @Test
    void aVmIsPlacedOnceTheKubeletKeepsItsMemoryFromPods() {
        try (PlayedAgent agent = new PlayedAgent(CLUSTER, CLUSTER.node(Cluster.uniqueName("host-a"))).register()) {
            awaitReserved(agent, "True", Reason.MemoryReserved);
            keepFromPods(agent, "15872Mi");
            awaitReserved(agent, "False", Reason.MemoryNotReserved);

            TrustedLaunchVM vm = CLUSTER.create(OfferedImage.vm(
                    CLUSTER.namespace(), "payroll", OfferedImage.allowed(CLUSTER, Cluster.uniqueName("publisher"))));
            await("a refusal")
                    .atMost(Cluster.TIMEOUT)
                    .until(() -> placed(vm)
                            .filter(condition -> condition.getMessage().contains("its kubelet keeps less from pods"))
                            .isPresent());
            assertThat(agent.incarnation(vm.getMetadata().getUid(), 1)).isNull();

            keepFromPods(agent, "8Gi");
            awaitReserved(agent, "True", Reason.MemoryReserved);
            agent.awaitIncarnation(vm.getMetadata().getUid(), 1);
        }
    }

    private static void keepFromPods(PlayedAgent agent, String allocatable) {
        CLUSTER.admin()
                .nodes()
                .withName(agent.name())
                .subresource("status")
                .patch(PatchContext.of(PatchType.JSON_MERGE), """
                        {"status": {"capacity": {"memory": "16Gi"}, "allocatable": {"memory": "%s"}}}""".formatted(allocatable));
    }

    private static void awaitReserved(PlayedAgent agent, String status, Reason reason) {
        await("MemoryReserved to be " + status)
                .atMost(Cluster.TIMEOUT)
                .until(() -> ConditionType.MemoryReserved.in(CLUSTER.admin()
                                .resources(ClusterNode.class)
                                .withName(agent.name())
                                .get()
                                .getStatus()
                                .conditions())
                        .filter(condition -> condition.getStatus().equals(status))
                        .filter(condition -> condition.getReason().equals(reason.name()))
                        .isPresent());
    }

    private static Optional<Condition> placed(TrustedLaunchVM vm) {
        return Optional.ofNullable(CLUSTER.admin().resource(vm).get().getStatus())
                .flatMap(status -> ConditionType.Placed.in(
                        Optional.ofNullable(status.conditions()).orElseGet(List::of)));
    }
}
