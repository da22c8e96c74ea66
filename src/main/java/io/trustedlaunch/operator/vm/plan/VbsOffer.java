package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.NestedVirtualization;
import io.trustedlaunch.api.node.NodeVirtualization;
import io.trustedlaunch.api.node.NodeVirtualization.Nested;
import io.trustedlaunch.api.vm.VirtualizationBasedSecurity;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.placement.NodeInfo;
import java.util.Optional;

/** Whether the machine of a guest that runs has what virtualization-based security needs. */
public final class VbsOffer {
    private static final String HAS = "the guest has nested virtualization, an IOMMU and Secure Boot";

    private final VmFacts facts;

    public VbsOffer(VmFacts facts) {
        this.facts = facts;
    }

    /** The verdict for the condition; empty if the VM is not to have it, and while its agent has not reported what it has. */
    public Optional<Problem> verdict() {
        return facts.incarnations()
                .current()
                .filter(guest ->
                        guest.machine().virtualizationBasedSecurityOrDefault() != VirtualizationBasedSecurity.None)
                .flatMap(guest -> guest.nested().map(nested -> verdict(guest.node(), nested)));
    }

    private Problem verdict(String node, NestedVirtualization nested) {
        Optional<NodeVirtualization> known = facts.nodes().find(node).flatMap(NodeInfo::virtualization);
        if (nested == NestedVirtualization.None) {
            return new Problem(Reason.VbsNotOffered, "the guest has no nested virtualization: " + missing(node, known));
        }
        return known.filter(now -> now.nested() == Nested.Proved).isPresent()
                ? new Problem(
                        Reason.VbsOffered,
                        HAS + ", and a test guest on " + node + " has proved that nested virtualization works there")
                : new Problem(
                        Reason.VbsNotProved,
                        HAS + ", but it is not proved that nested virtualization works on " + node
                                + ": look in the guest whether virtualization-based security runs (msinfo32 in Windows)");
    }

    private static String missing(String node, Optional<NodeVirtualization> known) {
        return known.flatMap(NodeVirtualization::offers).isPresent()
                ? "it was started when " + node + ", or the node that it came from, did not offer it; restart the VM"
                : node + " does not offer it"
                        + known.map(now -> " (" + now.message() + ")").orElse("");
    }
}
