package io.trustedlaunch.operator.node;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeStatusBuilder;
import io.trustedlaunch.controller.Health;
import io.trustedlaunch.controller.ResourceWriter;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A condition of ClusterNodes that one controller writes.
 *
 * @param owner its field manager: the agent owns the rest of the status
 */
record NodeCondition(ConditionType type, String owner, ResourceWriter writer) {
    Optional<Condition> onRecord(ClusterNode node) {
        return node.condition(type);
    }

    /**
     * Writes it if it is another one, or is to be there no more.
     *
     * @return whether it was written
     */
    boolean record(ClusterNode node, Optional<Condition> condition) {
        return record(node, condition.map(List::of).orElseGet(List::of));
    }

    /** @param conditions this one, and those that follow from it */
    boolean record(ClusterNode node, List<Condition> conditions) {
        // The API server puts those of all owners into an order of its own.
        if (node.conditions().stream()
                .filter(this::isOwn)
                .collect(Collectors.toSet())
                .equals(Set.copyOf(conditions))) {
            return false;
        }
        ClusterNode part = new ClusterNode();
        part.setMetadata(new ObjectMetaBuilder()
                .withName(node.getMetadata().getName())
                .withUid(node.getMetadata().getUid())
                .build());
        part.setStatus(ClusterNodeStatusBuilder.builder().conditions(conditions).build());
        writer.applyStatus(part, owner);
        return true;
    }

    private boolean isOwn(Condition condition) {
        return condition.getType().equals(type.name()) || (type == ConditionType.Ready && Health.follows(condition));
    }
}
