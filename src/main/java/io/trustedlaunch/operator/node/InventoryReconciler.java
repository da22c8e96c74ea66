package io.trustedlaunch.operator.node;

import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeStatus.Domain;
import io.trustedlaunch.controller.EventDraft;
import io.trustedlaunch.controller.ResourceWriter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the administrator which VMs a node reports without the operator's proof. */
@ControllerConfiguration(
        name = "inventory",
        // The answer is in the status.
        generationAwareEventProcessing = false,
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 10, timeUnit = TimeUnit.MINUTES))
public final class InventoryReconciler implements Reconciler<ClusterNode> {
    private static final Logger LOG = LoggerFactory.getLogger(InventoryReconciler.class);

    private final String leader;
    private final Assignments assignments;
    private final ResourceWriter writer;
    /** Keyed by node, so that each fact is reported once. */
    private final Map<String, List<Domain>> reported = new HashMap<>();

    /** @param leader identity of this process, which nodes answer */
    public InventoryReconciler(String leader, Assignments assignments, ResourceWriter writer) {
        this.leader = leader;
        this.assignments = assignments;
        this.writer = writer;
    }

    @Override
    public UpdateControl<ClusterNode> reconcile(ClusterNode node, Context<ClusterNode> context) {
        check(node);
        return UpdateControl.noUpdate();
    }

    synchronized void check(ClusterNode node) {
        String name = node.getMetadata().getName();
        List<Domain> unproved = unproved(node);
        boolean isNew = !unproved.equals(reported.getOrDefault(name, List.of()));
        reported.put(name, unproved);
        if (isNew && !unproved.isEmpty()) {
            Domain first = unproved.getFirst();
            String message = name + " reports VMs without a proof that the operator assigned them to it: "
                    + unproved.size() + " in all, the first with UID " + first.vmUID() + " and epoch " + first.epoch()
                    + ". What their records do not have is ignored. That is so if its agent's records were lost, and in a"
                    + " cluster that was set up anew; if neither is the case, somebody may misuse the agent's token:"
                    + " check the host";
            LOG.warn("{}", message);
            writer.event(node, EventDraft.warning(Reason.UnprovedIncarnation, message));
        }
    }

    private List<Domain> unproved(ClusterNode node) {
        return RestoreCheck.hasListed(node, leader)
                ? node.getStatus().answer().domains().stream()
                        .filter(domain -> assignments
                                .proved(node.getMetadata().getName(), domain)
                                .isEmpty())
                        .toList()
                : List.of();
    }
}
