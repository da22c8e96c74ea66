package io.trustedlaunch.operator.fencing;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Taint;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeSpec.Fencing;
import io.trustedlaunch.api.node.ClusterNodeStatus;
import io.trustedlaunch.api.node.Enrolment;
import io.trustedlaunch.api.node.FenceDevice;
import io.trustedlaunch.api.node.NodeFence;
import io.trustedlaunch.api.node.NodeFenceSpec.Method;
import io.trustedlaunch.api.node.NodeFenceStatus.Phase;
import io.trustedlaunch.api.node.NodeMachine;
import io.trustedlaunch.operator.fencing.FenceFacts.Fence;
import io.trustedlaunch.operator.fencing.FenceFacts.FenceRequest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** Gathers what is known of the death of a node. */
final class FenceGatherer {
    static final String OUT_OF_SERVICE = "node.kubernetes.io/out-of-service";

    private final HeardNodes heard;
    private final int minLivingPercent;
    private final InstantSource clock;
    private final Map<String, Seen> firstSeen = new ConcurrentHashMap<>();

    /** When this process saw a NodeFence first; where power is cut, first in this phase. */
    private record Seen(Phase phase, long nanos) {
        boolean isAbout(NodeFence fence) {
            return fence.getSpec().method() != Method.Power || fence.phase() == phase;
        }
    }

    /** @param minLivingPercent of nodes, for automatic fencing */
    FenceGatherer(HeardNodes heard, int minLivingPercent, InstantSource clock) {
        this.heard = heard;
        this.minLivingPercent = minLivingPercent;
        this.clock = clock;
    }

    /**
     * @param kubernetesNode the Node of the same name
     * @param all ClusterNodes
     * @param fences of all nodes
     * @param devices of all nodes
     */
    FenceFacts gather(
            ClusterNode node,
            Optional<Node> kubernetesNode,
            List<ClusterNode> all,
            List<NodeFence> fences,
            List<FenceDevice> devices) {
        String name = node.getMetadata().getName();
        Optional<ClusterNodeStatus> status = node.status();
        Optional<String> boot = node.answeredBoot();
        Instant now = clock.instant();
        return FenceFactsBuilder.builder()
                .node(name)
                .nodeUID(node.getMetadata().getUid())
                .boot(boot)
                .requests(Stream.of(statement(node), taint(kubernetesNode, boot), powerOff(node))
                        .flatMap(Optional::stream)
                        .toList())
                .agentSilence(heard.agents().silence(name))
                .kubeletSilence(heard.kubelets().silence(name))
                .watched(heard.watched())
                .unwatched(heard.unwatched(name))
                .machineUUID(Optional.ofNullable(node.getSpec().machineUUID()))
                .machineChanged(NodeMachine.of(node).hasChanged())
                .outOfService(node.isTrue(ConditionType.Drained)
                        || status.filter(reported -> reported.isNotReadyFor(Reason.HostShuttingDown))
                                .isPresent())
                .beaconSeenBy(new BeaconReports(all, heard).about(name))
                .cluster(new ClusterSilence(
                        silences(all, fences), new RecentAttempts(fences, devices, now).beside(name), minLivingPercent))
                .devices(devices.stream()
                        .filter(device -> device.getSpec().nodeName().equals(name))
                        .toList())
                .fences(fences.stream()
                        .filter(fence -> fence.getSpec().nodeName().equals(name))
                        .map(fence -> seen(name, fence))
                        .toList())
                .now(now)
                .build();
    }

    void forget(NodeFence fence) {
        firstSeen.remove(fence.getMetadata().getUid());
    }

    private Fence seen(String node, NodeFence resource) {
        long firstNanos = firstSeen
                .compute(
                        resource.getMetadata().getUid(),
                        (uid, known) -> known != null && known.isAbout(resource)
                                ? known
                                : new Seen(resource.phase(), heard.agents().nanoTime()))
                .nanos();
        return new Fence(
                resource, isAgentHeard(resource, firstNanos), heard.kubelets().wasRenewedAfter(node, firstNanos));
    }

    private boolean isAgentHeard(NodeFence resource, long sinceNanos) {
        String node = resource.getSpec().nodeName();
        boolean isInThatBoot = heard.agents()
                .boot(node)
                .filter(boot -> !boot.equals(resource.getSpec().bootID()))
                .isEmpty();
        return isInThatBoot && heard.agents().wasRenewedAfter(node, sinceNanos);
    }

    /** The agent of a boot that is proved over was heard since; the NodeFence may not say so yet. */
    boolean isContradicted(NodeFence proved) {
        return Optional.ofNullable(firstSeen.get(proved.getMetadata().getUid()))
                .filter(first -> first.isAbout(proved))
                .filter(first -> isAgentHeard(proved, first.nanos()))
                .isPresent();
    }

    /** Leaves out nodes that are proved dead, whose silence is explained, and drained ones, which may be off on purpose. */
    private List<Duration> silences(List<ClusterNode> all, List<NodeFence> fences) {
        return all.stream()
                .filter(node -> Enrolment.isEnrolled(node.status()) && !node.isTrue(ConditionType.Drained))
                .map(node -> node.getMetadata().getName())
                .filter(node -> fences.stream()
                        .noneMatch(fence -> fence.getSpec().nodeName().equals(node) && fence.phase() == Phase.Proved))
                .map(heard::silence)
                .toList();
    }

    private static Optional<FenceRequest> statement(ClusterNode node) {
        return Optional.ofNullable(node.getSpec().fencing())
                .map(Fencing::statement)
                .map(statement -> new FenceRequest(Method.Statement, statement.bootID(), statement.confirmedBy()));
    }

    private static Optional<FenceRequest> powerOff(ClusterNode node) {
        return Optional.ofNullable(node.getSpec().fencing())
                .map(Fencing::powerOff)
                .map(powerOff -> new FenceRequest(Method.Power, powerOff.bootID(), powerOff.requestedBy()));
    }

    /** It names no boot: that from which the agent answered last. */
    private static Optional<FenceRequest> taint(Optional<Node> kubernetesNode, Optional<String> boot) {
        return kubernetesNode
                .filter(FenceGatherer::isOutOfService)
                .flatMap(tainted -> boot)
                .map(last -> new FenceRequest(
                        Method.OutOfService, last, "whoever put the taint " + OUT_OF_SERVICE + " there"));
    }

    static boolean isOutOfService(Node node) {
        return Optional.ofNullable(node.getSpec()).map(spec -> spec.getTaints()).orElseGet(List::of).stream()
                .map(Taint::getKey)
                .anyMatch(OUT_OF_SERVICE::equals);
    }
}
