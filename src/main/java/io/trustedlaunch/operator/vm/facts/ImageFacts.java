package io.trustedlaunch.operator.vm.facts;

import io.trustedlaunch.api.GuestImageSpec;
import io.trustedlaunch.eligibility.EligibilityVerdict;
import java.util.Optional;

/**
 * The GuestImage that the VM names.
 *
 * @param uid empty if the image does not exist
 * @param spec empty if the image does not exist; with the resolved digest if the spec itself has none
 * @param verdict of the policies on the image as it is now
 * @param askedAtEveryStart a policy checks the image again before every start
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
