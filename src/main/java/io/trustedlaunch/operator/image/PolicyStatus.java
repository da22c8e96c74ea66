package io.trustedlaunch.operator.image;

import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.GuestImage;
import io.trustedlaunch.api.image.ImageEligibilityPolicy;
import io.trustedlaunch.api.image.ImageEligibilityPolicyStatus;
import io.trustedlaunch.controller.Conditions;
import io.trustedlaunch.controller.Conditions.State;
import io.trustedlaunch.eligibility.ImageEligibility;
import java.time.Instant;
import java.util.List;

/** Builds the status of a policy from the images that it allows. */
final class PolicyStatus {
    private PolicyStatus() {}

    static ImageEligibilityPolicyStatus of(ImageEligibilityPolicy policy, List<GuestImage> images, Instant now) {
        int matched =
                (int) images.stream().filter(image -> allows(policy, image)).count();
        Conditions conditions = new Conditions(policy, now);
        return new ImageEligibilityPolicyStatus(
                policy.getMetadata().getGeneration(),
                matched,
                conditions.all(conditions.of(
                        ConditionType.Ready,
                        State.True,
                        Reason.PolicyInForce,
                        "GuestImages that the policy allows: " + matched)));
    }

    /** An eligible image, of which its own status says whether its identity is proved. */
    private static boolean allows(ImageEligibilityPolicy policy, GuestImage image) {
        return image.isTrue(ConditionType.Eligible)
                && ImageEligibility.allows(
                        policy.getSpec(), image.getSpec(), image.getStatus().provenance());
    }
}
