package io.trustedlaunch.api.vm;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.trustedlaunch.api.Schemas;

/**
 * A taint of Kubernetes Nodes that does not keep the VM away.
 *
 * @param key key of the taint; may be omitted with operator Exists, which then tolerates every taint
 * @param operator how key and value are compared with the taint; default Equal
 * @param value value of the taint, with operator Equal
 * @param effect effect of the taint; all effects if omitted
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

    /** How a toleration is compared with a taint. */
    public enum Operator {
        /** The taint has the key. */
        Exists,
        /** The taint has the key and the value. */
        Equal
    }
}
