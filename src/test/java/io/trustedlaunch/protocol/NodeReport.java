package io.trustedlaunch.protocol;

import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.agent.incarnation.AgentApi;
import io.trustedlaunch.agent.location.LocationState;
import io.trustedlaunch.agent.node.LeaderWatch;
import io.trustedlaunch.agent.node.PlayedLocationReport;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeSpec.Maintenance;
import io.trustedlaunch.api.node.ClusterNodeSpecBuilder;
import io.trustedlaunch.api.node.ClusterNodeStatus;
import io.trustedlaunch.api.node.ClusterNodeStatus.Answer;
import io.trustedlaunch.api.node.ClusterNodeStatusBuilder;
import io.trustedlaunch.testkit.AppliedConditions;
import io.trustedlaunch.testkit.FakeApiServer;
import io.trustedlaunch.testkit.Incarnations;
import io.trustedlaunch.testkit.Nodes;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What an agent does about its ClusterNode: it registers, answers the leader with its last mark and real inventory, reports its
 * host.
 */
@RecordBuilder
record NodeReport(
        Host host,
        String bootID,
        FakeApiServer server,
        AgentApi api,
        LeaderWatch leaders,
        LocalClock clock,
        Supplier<List<ClusterNodeStatus.Domain>> inventory,
        Supplier<Optional<LocationState>> location) {
    static final Duration HEARTBEAT = Duration.ofSeconds(10);

    private String node() {
        return host.name();
    }

    void pass(FakeApiServer cache, String leader) {
        api.throwIfDown();
        Optional<ClusterNode> registered = cache.find(ClusterNode.class, node());
        if (registered.isEmpty()) {
            // Whoever enrols the node confirms its machine.
            server.createIfAbsent(Nodes.clusterNode(Nodes.info(node())
                    .spec(ClusterNodeSpecBuilder.builder(Nodes.spec(Maintenance.None))
                            .machineUUID(host.machineUUID())
                            .build())
                    .build()));
            return;
        }
        Optional<Answer> before = registered.map(ClusterNode::getStatus).map(ClusterNodeStatus::answer);
        Optional<Answer> answer = leaders.answer(leader, bootID, before, inventory);
        if (answer.isPresent()) {
            // The rest of the status takes seconds.
            apply(now ->
                    ClusterNodeStatusBuilder.builder(now).answer(answer.get()).build());
            return;
        }
        ClusterNodeStatus host = hostStatus(registered.map(ClusterNode::getStatus));
        apply(now -> ClusterNodeStatusBuilder.builder(host)
                .answer(now.answer())
                .conditions(AppliedConditions.beside(host, now, ConditionType.Drained))
                .build());
    }

    /** As the agent's heartbeat does it. */
    void renewLease() {
        server.put(new LeaseBuilder()
                .withNewMetadata()
                .withNamespace(Incarnations.NAMESPACE)
                .withName("node-" + node())
                .withAnnotations(Map.of(Api.BOOT_ID, bootID))
                .endMetadata()
                .withNewSpec()
                .withRenewTime(clock.instant().atZone(ZoneOffset.UTC))
                .endSpec()
                .build());
    }

    private ClusterNodeStatus hostStatus(Optional<ClusterNodeStatus> before) {
        ClusterNodeStatusBuilder status =
                Nodes.status().sealingCertificate(host.sealingCertificate()).machineUUID(host.machineUUID());
        location.get()
                .map(state -> new PlayedLocationReport("default", state).after(before))
                .ifPresent(reported -> status.storageLocations(List.of(reported)));
        return Nodes.withRoom(status.build());
    }

    /** Several field managers: each keeps what the others have applied. */
    private void apply(java.util.function.UnaryOperator<ClusterNodeStatus> change) {
        server.find(ClusterNode.class, node()).ifPresent(now -> {
            ClusterNodeStatus before = Optional.ofNullable(now.getStatus())
                    .orElseGet(() -> ClusterNodeStatusBuilder.builder().build());
            server.applyStatus(ClusterNode.class, node(), null, change.apply(before));
        });
    }
}
