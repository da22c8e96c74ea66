package io.trustedlaunch.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;

/**
 * Which images may become trusted launch VMs. Policies add up; without one, no image is eligible.
 *
 * @param provenance what an image must prove to be allowed by this policy
 * @param enforcement whether eligibility is asked once, when a VM is created, or again before every start
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@SchemaCustomizer(value = MapLists.class, input = "rules=name")
public record ImageEligibilityPolicySpec(
        @Default("Signed") Provenance provenance,
        @Default("Creation") Enforcement enforcement,

        @Required @Size(max = 128) List<Rule> rules) {

    /** When eligibility is asked. */
    public enum Enforcement {
        Creation,
        EveryStart
    }

    /**
     * Allows images of one publisher. All texts are whole-string globs ({@code *} and {@code ?}) and ignore case.
     *
     * @param offers left out: every offer
     * @param skus left out: every SKU
     * @param exceptSKUs what this rule does not allow although {@code skus} does; another rule still may
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Rule(
            @Required @Size(min = 1, max = 63) @Pattern(Schemas.DNS_LABEL)
            String name,

            @Required @Size(min = 1, max = 128) String publisher,
            @Size(max = 64) List<@Size(min = 1, max = 128) String> offers,
            @Size(max = 64) List<@Size(min = 1, max = 128) String> skus,
            @Size(max = 64) List<@Size(min = 1, max = 128) String> exceptSKUs) {}
}
