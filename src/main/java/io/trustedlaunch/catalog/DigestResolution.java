package io.trustedlaunch.catalog;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.catalog.CatalogsInForce.Found;
import java.util.List;
import java.util.Optional;

/** How an image's digest is determined. */
public sealed interface DigestResolution {

    /** The digest is in the spec, or in the status and still listed in a catalog: it can be used. */
    record Known(String sha256) implements DigestResolution {}

    /** A catalog in force lists it. It must be recorded in the status first, so that it never changes. */
    record Listed(String catalog, String sha256) implements DigestResolution {}

    record Unknown(Reason reason, String message) implements DigestResolution {}

    /**
     * @param given in the spec
     * @param recorded in the status, when it was resolved before. More users can write a status than a catalog, so it is used
     *     only if a catalog lists it too
     */
    static DigestResolution of(
            CatalogKey key, Optional<String> given, Optional<String> recorded, CatalogsInForce catalogs) {
        if (given.isPresent()) {
            return new Known(given.get());
        }
        if (recorded.isPresent()) {
            return catalogs.match(key, recorded.get()).isPresent()
                    ? new Known(recorded.get())
                    : new Unknown(
                            Reason.DigestChanged,
                            "the image was resolved to digest " + recorded.get() + ", and " + catalogs.whyNoMatch(key)
                                    + ": have a catalog list it again, or create another GuestImage");
        }
        List<Found> found = catalogs.find(key).toList();
        List<String> digests =
                found.stream().map(each -> each.image().sha256()).distinct().toList();
        return switch (digests.size()) {
            case 0 ->
                new Unknown(
                        Reason.DigestUnknown,
                        "spec.sha256 is not set, and " + catalogs.whyNoMatch(key)
                                + ": set spec.sha256, or have a catalog list it");
            case 1 -> new Listed(found.getFirst().catalog(), digests.getFirst());
            default ->
                new Unknown(
                        Reason.DigestAmbiguous,
                        "spec.sha256 is not set, and catalogs list different digests for " + key + ": "
                                + String.join(
                                        ", ", found.stream().map(Found::catalog).toList())
                                + "; create a GuestImage with the right spec.sha256");
        };
    }
}
