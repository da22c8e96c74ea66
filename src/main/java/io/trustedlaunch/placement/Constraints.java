package io.trustedlaunch.placement;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.vm.Affinity;
import io.trustedlaunch.api.vm.NodeAffinity;
import io.trustedlaunch.api.vm.Toleration;
import io.trustedlaunch.api.vm.VMAffinity;
import io.trustedlaunch.api.vm.VMAffinity.VMAffinityTerm;
import io.trustedlaunch.api.vm.VMAffinity.WeightedVMAffinityTerm;
import java.util.List;
import java.util.Map;

/**
 * Where a VM may run, and where it should, as its owner wrote it.
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

    public static final Constraints NONE = of(null, null, null, null);

    /** Each may be null. */
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

    /** What is asked of a node while no other VM matters. */
    Constraints withoutLabels() {
        return ConstraintsBuilder.builder(this).labels(Map.of()).build();
    }

    /** Whether this VM selects other VMs; the anti-affinity of others can exclude it in any case. */
    public boolean hasVmAffinity() {
        return !vmAffinity.equals(ANY_VMS) || !vmAntiAffinity.equals(ANY_VMS);
    }

    /** Whether an affinity of either VM selects the other, so that the place of the other matters. */
    public boolean interactsWith(Constraints other) {
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
        for (WeightedVMAffinityTerm preference : affinity.preferred()) {
            if (LabelMatcher.selects(preference.vmAffinityTerm().labelSelector(), labels)) {
                return true;
            }
        }
        return false;
    }
}
