package io.trustedlaunch.operator.vm.facts;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.GuestImageSpec;
import io.trustedlaunch.api.image.Provenance;
import io.trustedlaunch.eligibility.EligibilityVerdict;
import io.trustedlaunch.placement.ImageReport;
import io.trustedlaunch.testkit.GuestImages;
import java.util.List;
import java.util.Optional;

/** The VM's image in its different states. */
public final class ImageFixture {
    private ImageFixture() {}

    public static ImageFacts allowed() {
        return withDigest(GuestImages.DIGEST);
    }

    /** @param digest null: no catalog has it */
    public static ImageFacts withDigest(String digest) {
        return image(
                Optional.of(GuestImages.spec(digest)), new EligibilityVerdict.Allowed("lab/proof", Provenance.None));
    }

    public static ImageFacts refused(Reason reason) {
        return image(
                Optional.of(GuestImages.spec(GuestImages.DIGEST)), new EligibilityVerdict.Refused(reason, "refused"));
    }

    public static ImageFacts missing() {
        return image(Optional.empty(), new EligibilityVerdict.Refused(Reason.ImageNotFound, "gone"));
    }

    /** By a policy, not only before the first one. */
    public static ImageFacts askedAtEveryStart(ImageFacts image) {
        return ImageFactsBuilder.builder(image).askedAtEveryStart(true).build();
    }

    /** By a policy, which refuses to start a VM without it. */
    public static ImageFacts requiringSecureBoot(String policy) {
        return ImageFactsBuilder.builder(allowed())
                .secureBootPolicy(Optional.of(policy))
                .build();
    }

    /** Its source is a file. */
    public static ImageFacts reported(ImageReport... reports) {
        return ImageFactsBuilder.builder(allowed()).reports(List.of(reports)).build();
    }

    private static ImageFacts image(Optional<GuestImageSpec> spec, EligibilityVerdict verdict) {
        return ImageFactsBuilder.builder()
                .name(GuestImages.NAME)
                .uid(spec.map(present -> GuestImages.UID))
                .spec(spec)
                .verdict(verdict)
                .reports(List.of())
                .build();
    }
}
