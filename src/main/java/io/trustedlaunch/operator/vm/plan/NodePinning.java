package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.placement.Placement.Outcome;

/** Why a VM can start only on the node of its last incarnation, or on nodes that share its storage location with it. */
record NodePinning(VmFacts facts, Incarnation last) {
    /** @param rejected the rejections of all nodes that the VM may start on */
    Problem problem(Outcome.Rejected rejected) {
        String node = last.node();
        String rejections = rejected.rejections().isEmpty()
                ? node
                        + ": its ClusterNode is gone; its agent registers it again when that host is back under the"
                        + " same name"
                : rejected.message();
        if (!last.endedComplete()) {
            return new Problem(
                    Reason.WorkingCopyElsewhere,
                    "the newest guest state may lie on " + node
                            + ", because its agent has not reported that all of it is in"
                            + " the VM's home, so the VM can start only there, but " + rejections);
        }
        String location = facts.spec().storageLocationRef().name();
        boolean isShared = facts.nodes().stream()
                .anyMatch(other -> !other.name().equals(node) && other.sharesLocation(location, node));
        return isShared
                ? new Problem(
                        Reason.NoNodeFits,
                        rejections + " (only nodes that share storage location " + location + " with " + node
                                + " were considered: see condition Shared of the location)")
                : new Problem(
                        Reason.WorkingCopyElsewhere,
                        "the VM's disks and guest state are in storage location " + location + " of " + node
                                + ", which no other node is proved to share, so the VM can start only there, but "
                                + rejections + ". See condition Shared of the location");
    }
}
