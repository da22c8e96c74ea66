package io.trustedlaunch.operator.vm.facts;

import io.trustedlaunch.api.GuestImageSpec;
import io.trustedlaunch.eligibility.EligibilityVerdict;
import java.util.Optional;

/**
 * The image that the VM names.
 *
 * @param uid of the GuestImage; empty if there is no such image
 * @param spec empty if there is no such image; with the digest that is on record, if its own spec has none
 * @param verdict on the image as it is now
 * @param askedAtEveryStart a policy asks again before every start
 */
public record ImageFacts(
        String name,
        Optional<String> uid,
        Optional<GuestImageSpec> spec,
        EligibilityVerdict verdict,
        boolean askedAtEveryStart) {
    public boolean isEligible() {
        return switch (verdict) {
            case EligibilityVerdict.Allowed allowed -> true;
            case EligibilityVerdict.Refused refused -> false;
        };
    }
}
