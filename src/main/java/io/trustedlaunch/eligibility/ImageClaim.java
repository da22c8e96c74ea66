package io.trustedlaunch.eligibility;

import io.trustedlaunch.api.image.GuestImageSpec;
import io.trustedlaunch.api.image.Provenance;
import io.trustedlaunch.catalog.CatalogMatch;
import java.util.Optional;

/**
 * The claims of a GuestImage, and the catalog that confirms them.
 *
 * @param match the catalog that lists the image's digest
 * @param whyNoMatch why no catalog lists it, for messages
 */
public record ImageClaim(GuestImageSpec image, Optional<CatalogMatch> match, String whyNoMatch) {

    public static ImageClaim withoutMatch(GuestImageSpec image, String whyNoMatch) {
        return new ImageClaim(image, Optional.empty(), whyNoMatch);
    }

    public Provenance provenance() {
        return match.isPresent() ? Provenance.Signed : Provenance.None;
    }
}
