package io.trustedlaunch.api.vm;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.trustedlaunch.api.LabelSelector;
import io.trustedlaunch.api.Lists;
import io.trustedlaunch.api.Schemas;
import java.util.List;

/**
 * Terms about other VMs of the same namespace.
 *
 * @param requiredDuringSchedulingIgnoredDuringExecution all terms must hold for the node
 * @param preferredDuringSchedulingIgnoredDuringExecution each term counts its weight for every VM that it selects in the
 *     node's topology domain
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record VMAffinity(
        @Size(max = 16) @JsonInclude(JsonInclude.Include.NON_EMPTY)
        List<VMAffinityTerm> requiredDuringSchedulingIgnoredDuringExecution,

        @Size(max = 16) @JsonInclude(JsonInclude.Include.NON_EMPTY)
        List<WeightedVMAffinityTerm> preferredDuringSchedulingIgnoredDuringExecution) {
    public VMAffinity {
        requiredDuringSchedulingIgnoredDuringExecution = Lists.orEmpty(requiredDuringSchedulingIgnoredDuringExecution);
        preferredDuringSchedulingIgnoredDuringExecution =
                Lists.orEmpty(preferredDuringSchedulingIgnoredDuringExecution);
    }

    /**
     * VMs, and what counts as the same topology domain.
     *
     * @param labelSelector which TrustedLaunchVMs; an empty selector selects all of the namespace
     * @param topologyKey label of Kubernetes Nodes: nodes with the same value are one topology domain. With
     *     kubernetes.io/hostname each node is its own
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record VMAffinityTerm(
            @Required LabelSelector labelSelector,

            @Required @Pattern(Schemas.LABEL_KEY) @Size(min = 1, max = 317)
            String topologyKey) {}

    /**
     * A preference.
     *
     * @param weight what each selected VM counts, 1 to 100
     * @param vmAffinityTerm which VMs, and what counts as the same topology domain
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record WeightedVMAffinityTerm(
            @Required @Min(1) @Max(100) Integer weight,

            @Required VMAffinityTerm vmAffinityTerm) {}

    public List<VMAffinityTerm> required() {
        return requiredDuringSchedulingIgnoredDuringExecution;
    }

    public List<WeightedVMAffinityTerm> preferred() {
        return preferredDuringSchedulingIgnoredDuringExecution;
    }
}
