package io.trustedlaunch.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;

/**
 * With which VMs of the namespace a VM is to be, or, as anti-affinity, from which it is to be apart.
 *
 * @param requiredDuringSchedulingIgnoredDuringExecution all must hold of a node that takes the VM
 * @param preferredDuringSchedulingIgnoredDuringExecution each counts its weight for every VM that is there
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record VMAffinity(
        @Size(max = 16) List<VMAffinityTerm> requiredDuringSchedulingIgnoredDuringExecution,
        @Size(max = 16) List<WeightedVMAffinityTerm> preferredDuringSchedulingIgnoredDuringExecution) {

    /**
     * VMs, and what counts as one place.
     *
     * @param labelSelector by the labels of TrustedLaunchVMs; an empty one means all of the namespace
     * @param topologyKey nodes whose Kubernetes Nodes have the same value of this label are one place; with {@code
     *     kubernetes.io/hostname} each node is its own
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record VMAffinityTerm(
            @Required LabelSelector labelSelector,

            @Required @Pattern(Schemas.LABEL_KEY) @Size(min = 1, max = 317)
            String topologyKey) {}

    /**
     * A wish.
     *
     * @param weight for every such VM that is in the place
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record WeightedVMAffinityTerm(
            @Required @Min(1) @Max(100) Integer weight,

            @Required VMAffinityTerm vmAffinityTerm) {}

    public List<VMAffinityTerm> required() {
        return requiredDuringSchedulingIgnoredDuringExecution == null
                ? List.of()
                : requiredDuringSchedulingIgnoredDuringExecution;
    }

    public List<WeightedVMAffinityTerm> preferred() {
        return preferredDuringSchedulingIgnoredDuringExecution == null
                ? List.of()
                : preferredDuringSchedulingIgnoredDuringExecution;
    }
}
