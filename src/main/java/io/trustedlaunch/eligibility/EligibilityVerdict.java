package io.trustedlaunch.eligibility;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.Provenance;

/** Whether trusted launch VMs may be created from an image. */
public sealed interface EligibilityVerdict {
    Reason reason();

    /** The rule that allowed the image, or the reason for its refusal, for people. */
    String message();

    /** @param rule in the form {@code policy/rule} */
    record Allowed(String rule, Provenance provenance) implements EligibilityVerdict {
        @Override
        public Reason reason() {
            return Reason.EligibleByRule;
        }

        @Override
        public String message() {
            return "rule " + rule + " allows the image";
        }
    }

    /** No rule of any policy allows it. */
    record Refused(Reason reason, String message) implements EligibilityVerdict {}
}
