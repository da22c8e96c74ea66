package io.trustedlaunch.api.image;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.MapLists;
import io.trustedlaunch.api.Schemas;
import java.util.List;

/**
 * Which images may become trusted launch VMs. Policies add up; without a policy, no image is eligible.
 *
 * @param provenance proof of identity that an image needs to be allowed by this policy; default Signed
 * @param enforcement when the eligibility of a VM's image is checked; default Creation. EveryStart applies to the images of
 *     all VMs
 * @param whenSecureBootOff what follows if Secure Boot was turned off in the firmware of a VM's guest; default Report.
 *     RefuseStart applies to all VMs
 * @param rules an image is allowed if one rule allows it
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@SchemaCustomizer(value = MapLists.class, input = "rules=name")
public record ImageEligibilityPolicySpec(
        @Default("Signed") Provenance provenance,
        @Default("Creation") Enforcement enforcement,

        @Default("Report") WhenSecureBootOff whenSecureBootOff,

        @Required @Size(max = 128) List<Rule> rules) {

    /** When eligibility is checked. */
    public enum Enforcement {
        /** At the first start of a VM. */
        Creation,
        /** Before every start of every VM. */
        EveryStart
    }

    /** The consequence if Secure Boot is off. */
    public enum WhenSecureBootOff {
        /** A condition and an event. */
        Report,
        /** The VM does not start again, either, unless from an older guest state that a user approved. */
        RefuseStart
    }

    /**
     * Allows images of one publisher. In publisher, offers, skus and exceptSKUs, * matches any characters and ? one
     * character; case does not matter.
     *
     * @param name unique within the policy
     * @param publisher publisher of the images
     * @param offers products of the publisher; every product if omitted
     * @param skus editions of the products; every edition if omitted
     * @param exceptSKUs editions that this rule does not allow although skus matches; another rule may allow them
     * @param forms what the images are of: Disk, Disc or both; by default disks alone
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @RecordBuilder
    public record Rule(
            @Required @Size(min = 1, max = 63) @Pattern(Schemas.DNS_LABEL)
            String name,

            @Required @Size(min = 1, max = 128) String publisher,
            @Size(max = 64) List<@Size(min = 1, max = 128) String> offers,
            @Size(max = 64) List<@Size(min = 1, max = 128) String> skus,
            @Size(max = 64) List<@Size(min = 1, max = 128) String> exceptSKUs,

            @Default("[\"Disk\"]") @Size(min = 1, max = 2) @JsonInclude(JsonInclude.Include.NON_EMPTY)
            List<GuestImageForm> forms) {
        public Rule {
            forms = forms == null || forms.isEmpty() ? List.of(GuestImageForm.Disk) : forms;
        }

        /** One for disks. */
        public Rule(String name, String publisher, List<String> offers, List<String> skus, List<String> exceptSKUs) {
            this(name, publisher, offers, skus, exceptSKUs, null);
        }
    }
}
