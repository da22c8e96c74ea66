package io.trustedlaunch.api.node;

import io.fabric8.kubernetes.api.model.Node;
import io.trustedlaunch.api.ConditionType;
import java.util.Optional;

/**
 * Which nodes take part. An administrator says so with a label on the Kubernetes Node; the operator repeats it in condition
 * Enrolled of the ClusterNode, which agents cannot write, and from which everything else is decided.
 */
public final class Enrolment {
    /**
     * The chart's agents run on the nodes that have it, whatever its value. The NodeRestriction admission plugin lets no
     * kubelet set or remove a label with this prefix.
     */
    public static final String LABEL = "node-restriction.kubernetes.io/trusted-launch";

    public static final String APPROVED = "approved";

    /** The value for a node whose approval was revoked. Without the label, its VMs would have no agent. */
    public static final String REVOKED = "revoked";

    private Enrolment() {}

    public static boolean isApproved(Node node) {
        return Optional.ofNullable(node.getMetadata().getLabels())
                .map(labels -> labels.get(LABEL))
                .filter(APPROVED::equals)
                .isPresent();
    }

    /** @param status of its ClusterNode; empty: nothing is known of the node, so it is not enrolled */
    public static boolean isEnrolled(Optional<ClusterNodeStatus> status) {
        return status.flatMap(reported -> ConditionType.Enrolled.in(reported.conditions()))
                .filter(enrolled -> enrolled.getStatus().equals("True"))
                .isPresent();
    }

    /** Why a node that is not enrolled is refused something, after its name or "it". */
    public static String refusal(String node) {
        return "is not enrolled: to let it run VMs, run kubectl tlvm node approve " + node;
    }
}
