package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.FailoverStrategy;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.VMIncarnationStatus.Phase;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import java.util.Optional;

/** Whether a VM starts on another node if its node is proved dead, as far as that can be told beforehand. */
public record FailoverReadiness(VmFacts facts) {
    /** For the condition. Whether a node has room then is not asked: that changes with every other VM. */
    public Problem verdict() {
        if (isOff()) {
            return new Problem(
                    Reason.FailoverOff,
                    "spec.failoverStrategy is None: if its node dies, the VM waits until that is back");
        }
        Optional<Incarnation> running = facts.current().filter(incarnation -> incarnation.phase() == Phase.Running);
        if (running.isEmpty()) {
            return new Problem(Reason.NotRunning, "the VM is not running");
        }
        String node = running.get().node();
        String location = running.get().machine().location().name();
        boolean isShared = facts.nodes().stream()
                .anyMatch(other -> !other.name().equals(node) && other.sharesLocation(location, node));
        return isShared
                ? new Problem(Reason.FailoverReady, "if its node is proved dead, the VM starts on another node")
                : new Problem(
                        Reason.DisksOnOneNode,
                        "the VM's disks are in storage location " + location
                                + ", which no other node is proved to share"
                                + " with " + node + ": if that dies, the VM waits until it is back. Use a location that"
                                + " nodes share, or keep a backup");
    }

    /** Why the VM, whose node is proved dead, does not start elsewhere. */
    Optional<Problem> hindrance() {
        return facts.failedOver()
                .filter(from -> isOff())
                .map(from -> new Problem(
                        Reason.FailoverOff,
                        from.node() + " is proved dead, and spec.failoverStrategy is None: set it to StartElsewhere, or"
                                + " bring the node back"));
    }

    private boolean isOff() {
        return facts.spec().failoverStrategy() == FailoverStrategy.None;
    }
}
