package io.trustedlaunch.operator.node;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeSpec;
import io.trustedlaunch.api.node.Enrolment;
import io.trustedlaunch.audit.Act;
import io.trustedlaunch.audit.AuditEntry;
import io.trustedlaunch.audit.AuditLog;
import io.trustedlaunch.audit.AuditedObject;
import io.trustedlaunch.controller.EventDraft;
import io.trustedlaunch.controller.Reconciliation;
import io.trustedlaunch.controller.ResourceWriter;
import io.trustedlaunch.controller.StaleViewException;
import io.trustedlaunch.controller.WatchCache;
import io.trustedlaunch.controller.Watches;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates the ClusterNode of each Kubernetes Node whose agent runs, and writes into it whether the node is enrolled. It keeps
 * the maintenance of each, so that a ClusterNode that was deleted comes back with it.
 */
@ControllerConfiguration(
        name = "enrolment",
        // A deleted ClusterNode has the maintenance that it had last.
        triggerReconcilerOnAllEvents = true,
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 2, timeUnit = TimeUnit.MINUTES))
@GradualRetry(maxAttempts = Integer.MAX_VALUE, maxInterval = 60_000)
public final class EnrolmentReconciler implements Reconciler<ClusterNode> {
    private static final Logger LOG = LoggerFactory.getLogger(EnrolmentReconciler.class);

    /** The ConfigMap in which the operator keeps the maintenance of nodes. */
    public static final String MAINTENANCE = "trusted-launch-maintenance";

    /** Field manager of the condition: the agent owns the rest of the status. */
    private static final String OWNER = "trusted-launch-operator-enrolment";

    private final ResourceWriter writer;
    private final NodeCondition condition;
    private final MaintenanceMemory memory;
    private final InstantSource clock;
    private final AuditLog audit;
    /** Keyed by UID: the cache may not show yet what was written. */
    private final Map<String, Condition> written = new ConcurrentHashMap<>();
    /** Until all are listed, none lacks one. */
    private volatile Predicate<String> lacksClusterNode = node -> false;

    private WatchCache<Node> nodes;

    /**
     * @param namespace the operator's own
     * @param maintenance reads the ConfigMap with the nodes' maintenance from the API server
     */
    public EnrolmentReconciler(
            String namespace,
            Supplier<Optional<ConfigMap>> maintenance,
            ResourceWriter writer,
            InstantSource clock,
            AuditLog audit) {
        this.writer = writer;
        this.condition = new NodeCondition(ConditionType.Enrolled, OWNER, writer);
        this.memory = new MaintenanceMemory(namespace, maintenance, writer);
        this.clock = clock;
        this.audit = audit;
    }

    @Override
    public List<EventSource<?, ClusterNode>> prepareEventSources(EventSourceContext<ClusterNode> context) {
        Watches<ClusterNode> watches = new Watches<>(context);
        nodes = watches.of(Node.class).onChangeOf(Enrolment::isApproved).triggersNamesake();
        // It starts last: then the ClusterNodes are there, too.
        lacksClusterNode = node -> nodes.isRunning()
                && nodes.get(node).isPresent()
                && context.getPrimaryCache().get(new ResourceID(node)).isEmpty();
        return watches.all();
    }

    @Override
    public UpdateControl<ClusterNode> reconcile(ClusterNode node, Context<ClusterNode> context) {
        return Reconciliation.of(() -> {
            // First: nothing may hold up a revocation.
            if (Reconciliation.isGone(node, context)) {
                written.remove(node.getMetadata().getUid());
            } else {
                over(node, nodes.get(node.getMetadata().getName()));
            }
            memory.keep(node.getMetadata().getName(), node.getSpec().maintenance());
            return Optional.empty();
        });
    }

    /** @param kubernetes the Node of its name, as the watch has it */
    void over(ClusterNode node, Optional<Node> kubernetes) {
        Condition enrolled = EnrolmentCondition.of(node, kubernetes, clock.instant());
        Optional<Condition> before = condition.onRecord(node);
        if (!condition.record(node, Optional.of(enrolled))) {
            return;
        }
        Condition last = written.put(node.getMetadata().getUid(), enrolled);
        EnrolmentCondition.act(Optional.ofNullable(last).or(() -> before), enrolled)
                .ifPresent(act -> report(node, act, enrolled));
        LOG.info("Node {}: {}: {}", node.getMetadata().getName(), enrolled.getReason(), enrolled.getMessage());
    }

    private void report(ClusterNode node, Act act, Condition enrolled) {
        audit.record(AuditEntry.success(act, AuditedObject.of(node))
                .node(Optional.of(node.getMetadata().getName()))
                .reason(Optional.of(enrolled.getReason()))
                .build());
        Reason reason = Reason.valueOf(enrolled.getReason());
        writer.event(
                node,
                act == Act.NodeEnrolled
                        ? EventDraft.normal(reason, enrolled.getMessage())
                        : EventDraft.warning(reason, enrolled.getMessage()));
    }

    /**
     * The node's agent runs now. Only a renewal of its Lease proves that: a ClusterNode that is deleted because its host is
     * gone does not come back.
     */
    public void renewed(String node) {
        if (!lacksClusterNode.test(node)) {
            return;
        }
        try {
            ClusterNode created = new ClusterNode();
            created.setMetadata(new ObjectMetaBuilder().withName(node).build());
            created.setSpec(new ClusterNodeSpec(null, memory.of(node), null, null));
            ClusterNode registered = writer.createIfAbsent(created);
            LOG.info(
                    "Registered node {} with maintenance {}",
                    node,
                    registered.getSpec().maintenance());
        } catch (KubernetesClientException | StaleViewException e) {
            LOG.warn(
                    "Cannot create ClusterNode {}, trying again at the next renewal of its Lease: {}",
                    node,
                    e.getMessage());
        }
    }
}
