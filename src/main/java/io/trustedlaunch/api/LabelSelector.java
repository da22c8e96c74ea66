package io.trustedlaunch.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import java.util.Map;

/**
 * Selects TrustedLaunchVMs by their labels. An empty selector selects all VMs of the namespace.
 *
 * @param matchLabels labels that the VM must have, with these values
 * @param matchExpressions further requirements; all must be met
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record LabelSelector(
        @Size(max = 64) @ValidationRule(value = Schemas.LABEL_KEYS, message = Schemas.LABEL_KEYS_MESSAGE)
        Map<String, @Pattern(Schemas.LABEL_VALUE) @Size(max = 63) String> matchLabels,

        @Size(max = 16) @JsonInclude(JsonInclude.Include.NON_EMPTY)
        List<LabelSelectorRequirement> matchExpressions) {
    public LabelSelector {
        matchExpressions = Lists.orEmpty(matchExpressions);
    }

    /**
     * A requirement on a label.
     *
     * @param key key of the label
     * @param operator how the label is compared
     * @param values at least one for In and NotIn, none for Exists and DoesNotExist
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @ValidationRule(
            value = "self.operator in ['In', 'NotIn'] ? has(self.values) && size(self.values) > 0"
                    + " : !has(self.values) || size(self.values) == 0",
            fieldPath = ".values",
            message = "In and NotIn take at least one value, Exists and DoesNotExist none")
    public record LabelSelectorRequirement(
            @Required @Pattern(Schemas.LABEL_KEY) @Size(min = 1, max = 317)
            String key,

            @Required LabelOperator operator,

            @Size(max = 64) @JsonInclude(JsonInclude.Include.NON_EMPTY)
            List<@Pattern(Schemas.LABEL_VALUE) @Size(max = 63) String> values) {
        public LabelSelectorRequirement {
            values = Lists.orEmpty(values);
        }
    }

    /** How the label of a VM is compared. */
    public enum LabelOperator {
        /** Its value is one of the values. */
        In,
        /** Its value is none of the values, or the label is absent. */
        NotIn,
        /** The label is present. */
        Exists,
        /** The label is absent. */
        DoesNotExist
    }
}
