package io.trustedlaunch.eligibility;

import io.trustedlaunch.api.GuestImageSpec;
import io.trustedlaunch.api.Provenance;
import io.trustedlaunch.catalog.CatalogMatch;
import java.util.Optional;

/**
 * What an image says it is, and who says so, too.
 *
 * @param silence for people: why no catalog vouches for it; only where none does
 */
public record ImageClaim(GuestImageSpec image, Optional<CatalogMatch> voucher, String silence) {

    /** One that nobody vouches for. */
    public static ImageClaim unproved(GuestImageSpec image, String silence) {
        return new ImageClaim(image, Optional.empty(), silence);
    }

    public Provenance provenance() {
        return voucher.isPresent() ? Provenance.Signed : Provenance.None;
    }
}
