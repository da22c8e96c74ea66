package io.trustedlaunch.operator.image;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.GuestImage;
import io.trustedlaunch.api.image.GuestImageSpec;
import io.trustedlaunch.api.image.GuestImageStatus;
import io.trustedlaunch.api.image.ImageEligibilityPolicy;
import io.trustedlaunch.catalog.CatalogKey;
import io.trustedlaunch.catalog.CatalogMatch;
import io.trustedlaunch.catalog.CatalogsInForce;
import io.trustedlaunch.catalog.DigestResolution;
import io.trustedlaunch.eligibility.EligibilityVerdict;
import io.trustedlaunch.eligibility.ImageClaim;
import io.trustedlaunch.eligibility.ImageEligibility;
import io.trustedlaunch.eligibility.NamedPolicy;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The verdicts on images under all policies and catalogs, for the status of images and for the VMs created from them.
 */
public final class ImageVerdicts {
    private static final Comparator<GuestImage> OLDEST_FIRST = Comparator.comparing(
                    (GuestImage image) -> image.getMetadata().getCreationTimestamp())
            .thenComparing(image -> image.getMetadata().getName());

    private final List<GuestImage> images;
    private final List<NamedPolicy> policies;
    private final CatalogsInForce catalogs;

    public ImageVerdicts(List<GuestImage> images, List<ImageEligibilityPolicy> policies, CatalogsInForce catalogs) {
        this.images = images;
        this.policies = policies.stream()
                .map(policy -> new NamedPolicy(policy.getMetadata().getName(), policy.getSpec()))
                .toList();
        this.catalogs = catalogs;
    }

    private Optional<GuestImage> find(String name) {
        return images.stream()
                .filter(image -> image.getMetadata().getName().equals(name))
                .findFirst();
    }

    /** The UID of the GuestImage that has this name now. */
    public Optional<String> uid(String name) {
        return find(name).map(image -> image.getMetadata().getUid());
    }

    /** The spec with the digest that VMs are created from; without one while it is not recorded. */
    public Optional<GuestImageSpec> spec(String name) {
        return find(name)
                .map(image -> image.getSpec()
                        .withSha256(resolution(image) instanceof DigestResolution.Known known ? known.sha256() : null));
    }

    /**
     * The verdict for VMs, which are created only from a recorded digest, so that all VMs of an image have the same bytes.
     */
    public EligibilityVerdict verdict(String name) {
        Optional<GuestImage> found = find(name);
        if (found.isEmpty()) {
            return new EligibilityVerdict.Refused(
                    Reason.ImageNotFound, "there is no GuestImage " + name + ": create it");
        }
        return resolution(found.get()) instanceof DigestResolution.Listed listed
                ? new EligibilityVerdict.Refused(
                        Reason.DigestPending, "the digest from ImageCatalog " + listed.catalog() + " is being recorded")
                : finding(found.get()).verdict();
    }

    ImageFinding finding(GuestImage image) {
        return switch (resolution(image)) {
            case DigestResolution.Known known -> finding(image, known.sha256());
            case DigestResolution.Listed listed -> finding(image, listed.sha256());
            case DigestResolution.Unknown unknown ->
                new ImageFinding(
                        new EligibilityVerdict.Refused(unknown.reason(), unknown.message()),
                        recorded(image),
                        Optional.empty());
        };
    }

    private ImageFinding finding(GuestImage image, String digest) {
        CatalogKey key = key(image);
        Optional<CatalogMatch> match = catalogs.match(key, digest);
        EligibilityVerdict verdict = conflict(image, digest)
                .<EligibilityVerdict>map(older -> new EligibilityVerdict.Refused(
                        Reason.IdentifierConflict,
                        "GuestImage " + older.getMetadata().getName()
                                + " has the same identifier and version and another digest: correct or delete one of"
                                + " the two"))
                .orElseGet(() -> ImageEligibility.evaluate(
                        new ImageClaim(image.getSpec(), match, catalogs.whyNoMatch(key)), policies));
        return new ImageFinding(verdict, Optional.of(digest), match);
    }

    /** The older of two images keeps the name, so that a new image cannot take it away. */
    private Optional<GuestImage> conflict(GuestImage image, String digest) {
        return images.stream()
                .filter(other -> OLDEST_FIRST.compare(other, image) < 0)
                .filter(other -> key(other).equals(key(image)))
                .filter(other ->
                        digest(other).filter(known -> !known.equals(digest)).isPresent())
                .min(OLDEST_FIRST);
    }

    private Optional<String> digest(GuestImage image) {
        return switch (resolution(image)) {
            case DigestResolution.Known known -> Optional.of(known.sha256());
            case DigestResolution.Listed listed -> Optional.of(listed.sha256());
            case DigestResolution.Unknown unknown -> Optional.empty();
        };
    }

    private DigestResolution resolution(GuestImage image) {
        return DigestResolution.of(
                key(image), Optional.ofNullable(image.getSpec().sha256()), recorded(image), catalogs);
    }

    private static Optional<String> recorded(GuestImage image) {
        return image.status().map(GuestImageStatus::sha256);
    }

    private static CatalogKey key(GuestImage image) {
        return CatalogKey.of(image.getSpec().identifier(), image.getSpec().version());
    }

    public boolean askedAtEveryStart() {
        return ImageEligibility.askedAtEveryStart(policies);
    }

    /** The policy that refuses to start a VM with Secure Boot off. */
    public Optional<String> secureBootPolicy() {
        return ImageEligibility.requiresSecureBoot(policies);
    }
}
