package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.placement.Placement.Outcome;

/** Why a VM can start only where it was, or only on the nodes that share its folder with that one. */
record NodePinning(VmFacts facts, Incarnation last) {
    /** @param rejected by all nodes that the VM may start on */
    Problem problem(Outcome.Rejected rejected) {
        String node = last.node();
        String rejections = rejected.rejections().isEmpty()
                ? node + ": its ClusterNode is gone; its agent registers it again when that host is back under its name"
                : rejected.message();
        if (!last.endedComplete()) {
            return new Problem(
                    Reason.WorkingCopyElsewhere,
                    "the last life's agent has not said that all of the guest state is in the VM's home, so the newest"
                            + " may lie on " + node + ", and the VM starts again only there, but " + rejections);
        }
        String location = facts.spec().storageLocationRef().name();
        boolean isShared = facts.nodes().stream()
                .anyMatch(other -> !other.name().equals(node) && other.sharesLocation(location, node));
        return isShared
                ? new Problem(
                        Reason.NoNodeFits,
                        rejections + " (only nodes that share storage location " + location + " with " + node
                                + " were asked)")
                : new Problem(
                        Reason.WorkingCopyElsewhere,
                        "the VM's disks and guest state lie in storage location " + location + " of " + node
                                + ", which no other node is proved to share, so the VM starts again only there, but "
                                + rejections + ". See the location's condition Shared");
    }
}
