package io.trustedlaunch.api.vm;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.trustedlaunch.api.Lists;
import io.trustedlaunch.api.Schemas;
import java.util.List;

/**
 * Rules about the labels of the Kubernetes Node.
 *
 * @param requiredDuringSchedulingIgnoredDuringExecution the node must match
 * @param preferredDuringSchedulingIgnoredDuringExecution of the nodes that fit, one with the highest sum of weights is
 *     preferred
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record NodeAffinity(
        NodeSelector requiredDuringSchedulingIgnoredDuringExecution,

        @Size(max = 16) @JsonInclude(JsonInclude.Include.NON_EMPTY)
        List<PreferredSchedulingTerm> preferredDuringSchedulingIgnoredDuringExecution) {
    public NodeAffinity {
        preferredDuringSchedulingIgnoredDuringExecution =
                Lists.orEmpty(preferredDuringSchedulingIgnoredDuringExecution);
    }

    /**
     * Terms of which one must match.
     *
     * @param nodeSelectorTerms one of these must match; at least one term
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record NodeSelector(
            @Required @Size(min = 1, max = 16) List<NodeSelectorTerm> nodeSelectorTerms) {}

    /**
     * Requirements that must all be met.
     *
     * @param matchExpressions all of these must be met; at least one requirement
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record NodeSelectorTerm(
            @Required @Size(min = 1, max = 16) List<NodeSelectorRequirement> matchExpressions) {}

    /**
     * A requirement on a label.
     *
     * @param key key of the label
     * @param operator how the label is compared
     * @param values at least one for In and NotIn, one integer for Gt and Lt, none for Exists and DoesNotExist
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

            @Size(max = 64) @JsonInclude(JsonInclude.Include.NON_EMPTY)
            List<@Pattern(Schemas.LABEL_VALUE) @Size(max = 63) String> values) {
        public NodeSelectorRequirement {
            values = Lists.orEmpty(values);
        }
    }

    /** How the label of a node is compared. */
    public enum NodeOperator {
        /** Its value is one of the values. */
        In,
        /** Its value is none of the values, or the label is absent. */
        NotIn,
        /** The label is present. */
        Exists,
        /** The label is absent. */
        DoesNotExist,
        /** Its value is an integer greater than the value. */
        Gt,
        /** Its value is an integer less than the value. */
        Lt
    }

    /**
     * A preference.
     *
     * @param weight what a node that matches adds to its sum, 1 to 100
     * @param preference the requirements that a node matches
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
        return preferredDuringSchedulingIgnoredDuringExecution;
    }
}
