package io.trustedlaunch.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;

/**
 * Which nodes a VM may be on, and which it would rather be on.
 *
 * @param requiredDuringSchedulingIgnoredDuringExecution no other node takes the VM
 * @param preferredDuringSchedulingIgnoredDuringExecution of nodes that take it, the one with most weight is best
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record NodeAffinity(
        NodeSelector requiredDuringSchedulingIgnoredDuringExecution,

        @Size(max = 16) List<PreferredSchedulingTerm> preferredDuringSchedulingIgnoredDuringExecution) {

    /**
     * Terms of which one must match.
     *
     * @param nodeSelectorTerms at least one
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record NodeSelector(
            @Required @Size(min = 1, max = 16) List<NodeSelectorTerm> nodeSelectorTerms) {}

    /**
     * Requirements that must all be met.
     *
     * @param matchExpressions at least one
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record NodeSelectorTerm(
            @Required @Size(min = 1, max = 16) List<NodeSelectorRequirement> matchExpressions) {}

    /**
     * One requirement of a label.
     *
     * @param values for In and NotIn at least one, for Gt and Lt one integer, for the others none
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @ValidationRule(
            value = "self.operator in ['In', 'NotIn'] ? has(self.values) && size(self.values) > 0"
                    + " : self.operator in ['Gt', 'Lt'] ? has(self.values) && size(self.values) == 1"
                    + " && self.values[0].matches('^-?[0-9]{1,18}$')"
                    + " : !has(self.values) || size(self.values) == 0",
            fieldPath = ".values",
            message = "In and NotIn take at least one value, Gt and Lt one integer, Exists and DoesNotExist none")
    public record NodeSelectorRequirement(
            @Required @Pattern(Schemas.LABEL_KEY) @Size(min = 1, max = 317)
            String key,

            @Required NodeOperator operator,

            @Size(max = 64) List<@Pattern(Schemas.LABEL_VALUE) @Size(max = 63) String> values) {}

    /** How a node's label is compared. */
    public enum NodeOperator {
        In,
        NotIn,
        Exists,
        DoesNotExist,
        Gt,
        Lt
    }

    /**
     * A wish.
     *
     * @param weight what a node that matches has more than others
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record PreferredSchedulingTerm(
            @Required @Min(1) @Max(100) Integer weight,

            @Required NodeSelectorTerm preference) {}

    /** Empty if any node will do. */
    public List<NodeSelectorTerm> required() {
        return requiredDuringSchedulingIgnoredDuringExecution == null
                ? List.of()
                : requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms();
    }

    public List<PreferredSchedulingTerm> preferred() {
        return preferredDuringSchedulingIgnoredDuringExecution == null
                ? List.of()
                : preferredDuringSchedulingIgnoredDuringExecution;
    }
}
