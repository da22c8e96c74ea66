package io.trustedlaunch.operator.fencing;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Taint;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import io.trustedlaunch.api.ClusterNode;
import io.trustedlaunch.api.ClusterNodeSpec;
import io.trustedlaunch.api.ClusterNodeStatus;
import io.trustedlaunch.api.NodeFence;
import io.trustedlaunch.api.NodeFenceSpec;
import io.trustedlaunch.api.NodeFenceSpec.Method;
import io.trustedlaunch.api.NodeFenceStatus.Phase;
import io.trustedlaunch.operator.fencing.FenceFacts.Fence;
import io.trustedlaunch.operator.fencing.FenceFacts.Word;
import io.trustedlaunch.operator.kube.Reconciliation;
import io.trustedlaunch.operator.kube.ResourceWriter;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps the NodeFences of each ClusterNode: whether it is proved dead, and whether it is back. */
@ControllerConfiguration(
        name = "fencing",
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 10, timeUnit = TimeUnit.MINUTES))
@GradualRetry(maxAttempts = Integer.MAX_VALUE, maxInterval = 60_000)
public final class FenceReconciler implements Reconciler<ClusterNode> {
    private static final Logger LOG = LoggerFactory.getLogger(FenceReconciler.class);
    static final String OUT_OF_SERVICE = "node.kubernetes.io/out-of-service";

    /** A Lease that changes or does not causes no event. */
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(2);

    private final HeardNodes heard;
    private final ResourceWriter writer;
    private final InstantSource clock;
    private final Map<String, Long> firstSeenNanos = new ConcurrentHashMap<>();
    private InformerEventSource<NodeFence, ClusterNode> fences;
    private InformerEventSource<Node, ClusterNode> nodes;

    public FenceReconciler(HeardNodes heard, ResourceWriter writer, InstantSource clock) {
        this.heard = heard;
        this.writer = writer;
        this.clock = clock;
    }

    @Override
    public List<EventSource<?, ClusterNode>> prepareEventSources(EventSourceContext<ClusterNode> context) {
        fences = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(NodeFence.class, ClusterNode.class)
                        .withSecondaryToPrimaryMapper(
                                fence -> Set.of(new ResourceID(fence.getSpec().nodeName())))
                        .withPrimaryToSecondaryMapper((ClusterNode node) -> Set.of())
                        .build(),
                context);
        nodes = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(Node.class, ClusterNode.class)
                        .withSecondaryToPrimaryMapper(
                                node -> Set.of(new ResourceID(node.getMetadata().getName())))
                        .withPrimaryToSecondaryMapper((ClusterNode node) ->
                                Set.of(new ResourceID(node.getMetadata().getName())))
                        .withOnUpdateFilter((now, before) -> isOutOfService(now) != isOutOfService(before))
                        .build(),
                context);
        return List.of(fences, nodes);
    }

    @Override
    public UpdateControl<ClusterNode> reconcile(ClusterNode node, Context<ClusterNode> context) {
        return Reconciliation.of(() -> {
            FenceFacts facts = gather(node);
            FencePlanner.plan(facts).forEach(this::carryOut);
            boolean watches = facts.fences().stream().anyMatch(fence -> fence.phase() != Phase.Released)
                    || !facts.words().isEmpty();
            return watches ? Optional.of(LOOK_AGAIN) : Optional.empty();
        });
    }

    /** All NodeFences, as the watch has them. */
    public List<NodeFence> cached() {
        return fences.list(fence -> true).toList();
    }

    private FenceFacts gather(ClusterNode node) {
        String name = node.getMetadata().getName();
        return gather(
                node,
                fences.list(fence -> fence.getSpec().nodeName().equals(name)),
                nodes.get(new ResourceID(name)).filter(FenceReconciler::isOutOfService));
    }

    FenceFacts gather(ClusterNode node, Stream<NodeFence> fences, Optional<Node> outOfService) {
        String name = node.getMetadata().getName();
        Optional<String> boot = boot(node);
        return FenceFactsBuilder.builder()
                .node(name)
                .boot(boot)
                .words(Stream.concat(statement(node).stream(), outOfService.flatMap(tainted -> taint(boot)).stream())
                        .toList())
                .agentSilence(heard.agents().silence(name))
                .kubeletSilence(heard.kubelets().silence(name))
                .fences(fences.map(fence -> seen(name, fence)).toList())
                .now(clock.instant())
                .build();
    }

    /**
     * Incarnations are made for the boot that the status names, so that nothing runs in a later one, even if the agent has
     * renewed its Lease there and died before it reported it.
     */
    private Optional<String> boot(ClusterNode node) {
        return Optional.ofNullable(node.getStatus())
                .map(ClusterNodeStatus::bootID)
                .or(() -> heard.agents().boot(node.getMetadata().getName()));
    }

    private Fence seen(String node, NodeFence fence) {
        long firstNanos = firstSeenNanos.computeIfAbsent(
                fence.getMetadata().getUid(), first -> heard.agents().nanoTime());
        boolean isInThatBoot = heard.agents()
                .boot(node)
                .filter(boot -> !boot.equals(fence.getSpec().bootID()))
                .isEmpty();
        return new Fence(
                fence,
                isInThatBoot && heard.agents().wasRenewedAfter(node, firstNanos),
                heard.kubelets().wasRenewedAfter(node, firstNanos));
    }

    private static Optional<Word> statement(ClusterNode node) {
        return Optional.ofNullable(node.getSpec().fencing())
                .map(ClusterNodeSpec.Fencing::statement)
                .map(statement -> new Word(Method.Statement, statement.bootID(), statement.confirmedBy()));
    }

    /** It names no boot: that which was heard last. */
    private static Optional<Word> taint(Optional<String> boot) {
        return boot.map(
                last -> new Word(Method.OutOfService, last, "whoever put the taint " + OUT_OF_SERVICE + " there"));
    }

    static boolean isOutOfService(Node node) {
        return Optional.ofNullable(node.getSpec()).map(spec -> spec.getTaints()).orElseGet(List::of).stream()
                .map(Taint::getKey)
                .anyMatch(OUT_OF_SERVICE::equals);
    }

    private void carryOut(FenceStep step) {
        switch (step) {
            case FenceStep.Create(NodeFenceSpec spec) -> create(spec);
            case FenceStep.Report(NodeFence fence, var status) -> {
                NodeFence reported = new NodeFence();
                reported.setMetadata(fence.getMetadata());
                reported.setSpec(fence.getSpec());
                reported.setStatus(status);
                NodeFence written = writer.replaceStatus(reported);
                fences.handleRecentResourceUpdate(ResourceID.fromResource(written), written, fence);
                LOG.info("{} is {}: {}", name(fence), status.phase(), status.message());
            }
            case FenceStep.Remove(NodeFence fence) -> {
                writer.delete(fence);
                firstSeenNanos.remove(fence.getMetadata().getUid());
                LOG.info("{} is removed", name(fence));
            }
        }
    }

    private void create(NodeFenceSpec spec) {
        NodeFence fence = new NodeFence();
        fence.setMetadata(new ObjectMetaBuilder()
                .withName(NodeFence.nameOf(spec.nodeName(), spec.bootID()))
                .build());
        fence.setSpec(spec);
        NodeFence created = writer.createIfAbsent(fence);
        fences.handleRecentResourceCreate(ResourceID.fromResource(created), created);
        LOG.info("{} is requested", name(created));
    }

    private static String name(NodeFence fence) {
        return "NodeFence " + fence.getMetadata().getName();
    }
}
