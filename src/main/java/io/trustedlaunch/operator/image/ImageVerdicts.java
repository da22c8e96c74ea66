package io.trustedlaunch.operator.image;

import io.trustedlaunch.api.GuestImage;
import io.trustedlaunch.api.GuestImageSpec;
import io.trustedlaunch.api.ImageEligibilityPolicy;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.eligibility.EligibilityVerdict;
import io.trustedlaunch.eligibility.ImageEligibility;
import io.trustedlaunch.eligibility.NamedPolicy;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The verdict on every image under all policies: the same for the image's own status and for the VMs made from it. */
public final class ImageVerdicts {
    private static final Comparator<GuestImage> OLDEST_FIRST = Comparator.comparing(
                    (GuestImage image) -> image.getMetadata().getCreationTimestamp())
            .thenComparing(image -> image.getMetadata().getName());

    private final List<GuestImage> images;
    private final List<NamedPolicy> policies;

    public ImageVerdicts(List<GuestImage> images, List<ImageEligibilityPolicy> policies) {
        this.images = images;
        this.policies = policies.stream()
                .map(policy -> new NamedPolicy(policy.getMetadata().getName(), policy.getSpec()))
                .toList();
    }

    public Optional<GuestImage> find(String name) {
        return images.stream()
                .filter(image -> image.getMetadata().getName().equals(name))
                .findFirst();
    }

    public EligibilityVerdict verdict(String name) {
        return find(name)
                .map(this::verdict)
                .orElseGet(
                        () -> new EligibilityVerdict.Refused(Reason.ImageNotFound, "there is no GuestImage " + name));
    }

    EligibilityVerdict verdict(GuestImage image) {
        return conflict(image)
                .<EligibilityVerdict>map(older -> new EligibilityVerdict.Refused(
                        Reason.IdentifierConflict,
                        "GuestImage " + older.getMetadata().getName()
                                + " has the same identifier and version, and another digest: one name for two images"
                                + " says nothing of either"))
                .orElseGet(() -> ImageEligibility.judge(image.getSpec(), policies));
    }

    /** The older of two keeps the name, so that nobody can take it away by adding another. */
    private Optional<GuestImage> conflict(GuestImage image) {
        return images.stream()
                .filter(other -> OLDEST_FIRST.compare(other, image) < 0)
                .filter(other -> identity(other.getSpec()).equals(identity(image.getSpec())))
                .filter(other ->
                        !other.getSpec().sha256().equals(image.getSpec().sha256()))
                .min(OLDEST_FIRST);
    }

    private static List<String> identity(GuestImageSpec image) {
        return List.of(
                lower(image.identifier().publisher()),
                lower(image.identifier().offer()),
                lower(image.identifier().sku()),
                lower(image.version()));
    }

    private static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }

    public boolean askedAtEveryStart() {
        return ImageEligibility.askedAtEveryStart(policies);
    }
}
