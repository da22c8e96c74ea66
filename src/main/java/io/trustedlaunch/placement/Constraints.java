package io.trustedlaunch.placement;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.Affinity;
import io.trustedlaunch.api.NodeAffinity;
import io.trustedlaunch.api.Toleration;
import io.trustedlaunch.api.VMAffinity;
import io.trustedlaunch.api.VMAffinity.VMAffinityTerm;
import io.trustedlaunch.api.VMAffinity.WeightedVMAffinityTerm;
import java.util.List;
import java.util.Map;

/**
 * What a VM's owner says of its place.
 *
 * @param labels the VM's own
 * @param nodeSelector labels that the Kubernetes Node must have
 */
@RecordBuilder
public record Constraints(
        Map<String, String> labels,
        Map<String, String> nodeSelector,
        NodeAffinity nodeAffinity,
        VMAffinity vmAffinity,
        VMAffinity vmAntiAffinity,
        List<Toleration> tolerations) {

    private static final NodeAffinity ANY_NODE = new NodeAffinity(null, null);
    private static final VMAffinity ANY_VMS = new VMAffinity(null, null);

    /** Nothing is said. */
    public static final Constraints NONE = of(null, null, null, null);

    /** Each is null where nothing is said. */
    public static Constraints of(
            Map<String, String> labels,
            Map<String, String> nodeSelector,
            Affinity affinity,
            List<Toleration> tolerations) {
        return ConstraintsBuilder.builder()
                .labels(labels == null ? Map.of() : labels)
                .nodeSelector(nodeSelector == null ? Map.of() : nodeSelector)
                .nodeAffinity(affinity == null || affinity.nodeAffinity() == null ? ANY_NODE : affinity.nodeAffinity())
                .vmAffinity(affinity == null || affinity.vmAffinity() == null ? ANY_VMS : affinity.vmAffinity())
                .vmAntiAffinity(
                        affinity == null || affinity.vmAntiAffinity() == null ? ANY_VMS : affinity.vmAntiAffinity())
                .tolerations(tolerations == null ? List.of() : tolerations)
                .build();
    }

    /** Whether other VMs than those that keep apart from this one matter to it. */
    public boolean looksAtOtherVms() {
        return !vmAffinity.equals(ANY_VMS) || !vmAntiAffinity.equals(ANY_VMS);
    }

    /** Whether where the other VM is bears on where this one can be. */
    public boolean looksAt(Constraints other) {
        return requires(other.vmAntiAffinity, labels)
                || requires(vmAffinity, other.labels)
                || requires(vmAntiAffinity, other.labels)
                || prefers(vmAffinity, other.labels)
                || prefers(vmAntiAffinity, other.labels);
    }

    private static boolean requires(VMAffinity affinity, Map<String, String> labels) {
        for (VMAffinityTerm term : affinity.required()) {
            if (LabelMatcher.selects(term.labelSelector(), labels)) {
                return true;
            }
        }
        return false;
    }

    private static boolean prefers(VMAffinity affinity, Map<String, String> labels) {
        for (WeightedVMAffinityTerm wish : affinity.preferred()) {
            if (LabelMatcher.selects(wish.vmAffinityTerm().labelSelector(), labels)) {
                return true;
            }
        }
        return false;
    }
}
