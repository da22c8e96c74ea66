package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Home;
import io.trustedlaunch.operator.vm.facts.HomeFacts;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.placement.NodeInfo;
import io.trustedlaunch.placement.Placement.Outcome;
import java.util.Optional;

/**
 * The nodes that a VM may start on: any before its first start; then those with the folder that is its home. While newer
 * state may be on one node, that node only, unless it is proved dead or a user has approved an older state.
 */
record StartNodes(VmFacts facts, HomeFacts home) {
    StartNodes(VmFacts facts) {
        this(facts, facts.guestState().homeToStartFrom());
    }

    boolean mayStartOn(NodeInfo node) {
        return isAnywhere()
                || pinnedTo()
                        .map(node.name()::equals)
                        .orElseGet(() -> home.known()
                                .filter(known -> node.sharesLocation(known.storageLocation(), known.nodeName()))
                                .isPresent());
    }

    private boolean isAnywhere() {
        return facts.incarnations().isFirstStart()
                && facts.guestState().restored().isEmpty();
    }

    /** No files have to be removed on this node or moved from it. */
    boolean isPreferred(NodeInfo node) {
        Optional<String> last = pinnedTo()
                .or(() -> home.known().map(Home::nodeName))
                .or(() -> facts.incarnations().current().map(incarnation -> incarnation.node()));
        return last.equals(Optional.of(node.name())) && mayStartOn(node);
    }

    /** The node that may have newer state than the home. */
    private Optional<String> pinnedTo() {
        return home.unsealedOn()
                .filter(node -> !facts.nodes().isFenced(node)
                        && facts.guestState().approvedNext().isEmpty());
    }

    /** @param rejected the rejections of all nodes that the VM may start on */
    Problem problem(Outcome.Rejected rejected) {
        if (isAnywhere()) {
            return rejected.rejections().isEmpty()
                    ? new Problem(Reason.NoNodes, "there is no ClusterNode: install the agent on a host")
                    : new Problem(Reason.NoNodeFits, rejected.message());
        }
        return pinnedTo()
                .map(node -> pinned(node, rejected))
                .orElseGet(() -> home.known()
                        .map(known -> away(known, rejected))
                        .orElseGet(() -> new Problem(
                                Reason.WorkingCopyElsewhere,
                                "the VM has a TPM, but no node has reported where its state is: start the agent of the"
                                        + " host that the VM ran on")));
    }

    private Problem pinned(String node, Outcome.Rejected rejected) {
        return new Problem(
                Reason.WorkingCopyElsewhere,
                "the newest guest state may be on " + node
                        + ", because its agent has not reported that all of it is in the VM's home, so the VM can start"
                        + " only there, but " + rejections(node, rejected)
                        + ". To start from an older state instead, approve it with spec.approveGuestState");
    }

    private Problem away(Home home, Outcome.Rejected rejected) {
        String node = home.nodeName();
        String location = home.storageLocation();
        return facts.nodes().isShared(location, node)
                ? new Problem(
                        Reason.NoNodeFits,
                        rejections(node, rejected) + " (only nodes that share storage location " + location + " with "
                                + node + " were considered)")
                : new Problem(
                        Reason.WorkingCopyElsewhere,
                        "the VM's disks and guest state are in storage location " + location + " of " + node
                                + ", which no other node is proved to share, so the VM can start only there, but "
                                + proofOfDeath(node).orElseGet(() -> rejections(node, rejected))
                                + ". See condition Shared of the location" + kept());
    }

    private Optional<String> proofOfDeath(String node) {
        return Optional.ofNullable(facts.nodes().fenced().get(node))
                .map(death -> node + " is proved dead (nodefence/" + death.fence()
                        + "): bring it back, or restore a backup of the VM");
    }

    /** An older state that a guest left on its node is still there. */
    private String kept() {
        return facts.incarnations().earlier().stream()
                .filter(Incarnation::keepsWhatItLeft)
                .findFirst()
                .map(left -> ". " + left.node() + " still has what the guest left there when it migrated: to start from"
                        + " that, " + facts.guestState().approving(left.epoch()))
                .orElse("");
    }

    private static String rejections(String node, Outcome.Rejected rejected) {
        return rejected.rejections().isEmpty()
                ? node
                        + ": it has no ClusterNode; the operator registers it again when that host is back under the same"
                        + " name"
                : rejected.message();
    }
}
