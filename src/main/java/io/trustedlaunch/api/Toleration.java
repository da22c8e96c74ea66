package io.trustedlaunch.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/**
 * A taint of the Kubernetes Node that does not keep the VM away.
 *
 * @param key left out, with operator Exists: every taint
 * @param value with operator Equal: of the taint
 * @param effect left out: all effects
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@ValidationRule(
        value = "has(self.key) || self.operator == 'Exists'",
        fieldPath = ".key",
        message = "without a key, operator must be Exists: every taint is tolerated")
@ValidationRule(
        value = "self.operator == 'Equal' || !has(self.value) || self.value == ''",
        fieldPath = ".value",
        message = "operator Exists takes no value")
public record Toleration(
        @Pattern(Schemas.LABEL_KEY) @Size(min = 1, max = 317)
        String key,

        @Default("Equal") Operator operator,

        @Pattern(Schemas.LABEL_VALUE) @Size(max = 63) String value,

        TaintEffect effect) {

    /** How a taint is compared. */
    public enum Operator {
        Exists,
        Equal
    }
}
