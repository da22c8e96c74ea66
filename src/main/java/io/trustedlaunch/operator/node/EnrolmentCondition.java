package io.trustedlaunch.operator.node;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Node;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.Enrolment;
import io.trustedlaunch.audit.Act;
import io.trustedlaunch.controller.Conditions;
import io.trustedlaunch.controller.Conditions.State;
import java.time.Instant;
import java.util.Optional;

/** Builds condition Enrolled of a ClusterNode; pure. */
final class EnrolmentCondition {
    private EnrolmentCondition() {}

    /** The act for the audit log; empty if the node takes part as before. */
    static Optional<Act> act(Optional<Condition> before, Condition now) {
        boolean was = before.filter(EnrolmentCondition::isTrue).isPresent();
        return was == isTrue(now) ? Optional.empty() : Optional.of(was ? Act.NodeRevoked : Act.NodeEnrolled);
    }

    private static boolean isTrue(Condition condition) {
        return condition.getStatus().equals(State.True.name());
    }

    /** @param node the Kubernetes Node of the same name */
    static Condition of(ClusterNode clusterNode, Optional<Node> node, Instant now) {
        Conditions conditions = new Conditions(clusterNode, now);
        String name = clusterNode.getMetadata().getName();
        if (node.isEmpty()) {
            return conditions.of(
                    ConditionType.Enrolled,
                    State.False,
                    Reason.KubernetesNodeMissing,
                    "there is no Kubernetes Node " + name + "; once there is, run kubectl tlvm node approve " + name);
        }
        return Enrolment.isApproved(node.get())
                ? conditions.of(
                        ConditionType.Enrolled,
                        State.True,
                        Reason.NodeApproved,
                        "label " + Enrolment.LABEL + " of its Kubernetes Node approves it")
                : conditions.of(
                        ConditionType.Enrolled,
                        State.False,
                        Reason.NodeNotApproved,
                        name + " " + Enrolment.refusal(name)
                                + ". Until then it gets no certificate and no VM; VMs that are on it keep running");
    }
}
