package io.trustedlaunch.operator.node;

import io.fabric8.kubernetes.api.model.Condition;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.MachineUuid;
import io.trustedlaunch.api.node.NodeMachine;
import io.trustedlaunch.controller.EventDraft;
import io.trustedlaunch.controller.Reconciliation;
import io.trustedlaunch.controller.ResourceWriter;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes over which machine a node is, once, when the node is approved. From then on its agent's word does not change which
 * power is cut.
 */
@ControllerConfiguration(
        name = "machine",
        // The agent's report and the approval are in the status.
        generationAwareEventProcessing = false,
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 10, timeUnit = TimeUnit.MINUTES))
@GradualRetry(maxAttempts = Integer.MAX_VALUE, maxInterval = 60_000)
public final class MachineReconciler implements Reconciler<ClusterNode> {
    private static final Logger LOG = LoggerFactory.getLogger(MachineReconciler.class);
    private static final String OWNER = "trusted-launch-operator-machine";

    private final ResourceWriter writer;
    private final NodeCondition condition;
    private final InstantSource clock;

    public MachineReconciler(ResourceWriter writer, InstantSource clock) {
        this.writer = writer;
        this.condition = new NodeCondition(ConditionType.MachineConfirmed, OWNER, writer);
        this.clock = clock;
    }

    @Override
    public UpdateControl<ClusterNode> reconcile(ClusterNode node, Context<ClusterNode> context) {
        return Reconciliation.of(() -> {
            Optional<MachineUuid> unconfirmed = NodeMachine.unconfirmed(node);
            if (unconfirmed.isPresent()) {
                takeOver(node, unconfirmed.get());
            } else {
                record(node, MachineCondition.of(node, clock.instant()));
            }
            return Optional.empty();
        });
    }

    /** If the node was changed since it was seen, for example revoked, nothing is written. */
    private void takeOver(ClusterNode node, MachineUuid machine) {
        writer.mergeSpec(node, Map.of("machineUUID", machine.text()));
        LOG.info("Node {} is machine {}", node.getMetadata().getName(), machine);
    }

    private void record(ClusterNode node, Optional<Condition> now) {
        Optional<Condition> before = condition.onRecord(node);
        if (condition.record(node, now)) {
            now.filter(found -> found.getReason().equals(Reason.MachineChanged.name()))
                    .filter(found -> before.filter(was -> was.getMessage().equals(found.getMessage()))
                            .isEmpty())
                    .ifPresent(
                            found -> writer.event(node, EventDraft.warning(Reason.MachineChanged, found.getMessage())));
        }
    }
}
