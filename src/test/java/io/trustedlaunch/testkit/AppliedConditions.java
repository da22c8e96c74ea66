package io.trustedlaunch.testkit;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeStatus;
import io.trustedlaunch.api.node.ClusterNodeStatusBuilder;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The condition of ClusterNodes that one field manager owns: what others have applied stays beside it. */
public final class AppliedConditions {
    private AppliedConditions() {}

    /** @return whether the node is there, and is the same */
    public static boolean apply(FakeApiServer server, ClusterNode part, ConditionType owned) {
        String name = part.getMetadata().getName();
        return server.find(ClusterNode.class, name)
                .flatMap(there -> server.applyStatus(
                        ClusterNode.class,
                        name,
                        part.getMetadata().getUid(),
                        ClusterNodeStatusBuilder.builder(Optional.ofNullable(there.getStatus())
                                        .orElseGet(() -> ClusterNodeStatusBuilder.builder()
                                                .build()))
                                .conditions(Stream.concat(
                                                conditions(there.getStatus())
                                                        .filter(one ->
                                                                !one.getType().equals(owned.name())),
                                                conditions(part.getStatus()))
                                        .toList())
                                .build()))
                .isPresent();
    }

    /** With what another owner has applied. */
    public static List<Condition> beside(ClusterNodeStatus applied, ClusterNodeStatus there, ConditionType ofAnother) {
        return Stream.concat(
                        conditions(applied),
                        conditions(there).filter(one -> one.getType().equals(ofAnother.name())))
                .toList();
    }

    private static Stream<Condition> conditions(ClusterNodeStatus status) {
        return status == null || status.conditions() == null ? Stream.empty() : status.conditions().stream();
    }
}
