package io.trustedlaunch.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import java.util.Map;

/**
 * Chooses TrustedLaunchVMs by their labels.
 *
 * @param matchLabels labels that must be there with these values
 * @param matchExpressions requirements that must be met besides
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record LabelSelector(
        Map<String, String> matchLabels, @Size(max = 16) List<LabelSelectorRequirement> matchExpressions) {

    /**
     * One requirement of a label.
     *
     * @param values for In and NotIn at least one, for the others none
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

            @Size(max = 64) List<@Pattern(Schemas.LABEL_VALUE) @Size(max = 63) String> values) {}

    /** How a VM's label is compared. */
    public enum LabelOperator {
        In,
        NotIn,
        Exists,
        DoesNotExist
    }
}
