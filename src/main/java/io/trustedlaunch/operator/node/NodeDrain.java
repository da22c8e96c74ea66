package io.trustedlaunch.operator.node;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.incarnation.VMMigrationSpec;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.controller.ResourceWriter;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Creates a VMMigration for each VM of a node that is drained, as many at a time as the budget allows. */
final class NodeDrain {
    private static final Logger LOG = LoggerFactory.getLogger(NodeDrain.class);

    /** Field manager of the condition: the agent owns the rest of the status. */
    private static final String OWNER = "trusted-launch-operator-drain";

    private final DrainCaches caches;
    private final ResourceWriter writer;
    private final NodeCondition condition;
    private final DrainGatherer gatherer;

    NodeDrain(DrainCaches caches, ResourceWriter writer, DrainBudget budget, InstantSource clock) {
        this.caches = caches;
        this.writer = writer;
        this.condition = new NodeCondition(ConditionType.Drained, OWNER, writer);
        this.gatherer = new DrainGatherer(caches, budget, clock);
    }

    /** @return when to look again, if nothing happens before */
    Optional<Duration> over(ClusterNode node) {
        DrainPlan plan = carryOut(node);
        condition.record(node, plan.drained());
        return plan.nextPass();
    }

    /** One node at a time: all share one budget. */
    private synchronized DrainPlan carryOut(ClusterNode node) {
        DrainPlan plan = DrainPlanner.plan(gatherer.gather(node));
        plan.begin().forEach(guest -> begin(guest, node.getMetadata().getName()));
        plan.cancel().forEach(writer::delete);
        return plan;
    }

    private void begin(DrainFacts.Guest guest, String node) {
        VMMigration migration = new VMMigration();
        migration.setMetadata(new ObjectMetaBuilder()
                .withNamespace(guest.namespace())
                .withName(guest.nextName())
                .withLabels(Map.of(Api.LABEL_DRAIN, DrainName.label(node)))
                .build());
        migration.setSpec(new VMMigrationSpec(new ObjectRef(guest.name()), null));
        caches.created(writer.createIfAbsent(migration));
        LOG.info("Drain of {}: migrating {}", node, guest.key());
    }
}
