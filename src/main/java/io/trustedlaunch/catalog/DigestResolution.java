package io.trustedlaunch.catalog;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.catalog.CatalogsInForce.Found;
import java.util.List;
import java.util.Optional;

/** Which bytes an image has. */
public sealed interface DigestResolution {

    /** The digest is the spec's, or on record and vouched for: it can be used. */
    record Known(String sha256) implements DigestResolution {}

    /** A catalog in force has it; to be recorded first, so that all use the same for ever. */
    record Listed(String catalog, String sha256) implements DigestResolution {}

    /** Nobody knows. */
    record Unknown(Reason reason, String message) implements DigestResolution {}

    /**
     * @param given in the spec
     * @param recorded when it was resolved before. Whoever can write a status could have written it, so that it counts
     *     only where a catalog has it, too
     */
    static DigestResolution of(
            CatalogKey key, Optional<String> given, Optional<String> recorded, CatalogsInForce catalogs) {
        if (given.isPresent()) {
            return new Known(given.get());
        }
        if (recorded.isPresent()) {
            return catalogs.vouching(key, recorded.get()).isPresent()
                    ? new Known(recorded.get())
                    : new Unknown(
                            Reason.DigestChanged,
                            "it was resolved to " + recorded.get() + ", and " + catalogs.silence(key)
                                    + ": have it listed again, or make another GuestImage");
        }
        List<Found> found = catalogs.find(key).toList();
        List<String> digests =
                found.stream().map(each -> each.image().sha256()).distinct().toList();
        return switch (digests.size()) {
            case 0 ->
                new Unknown(
                        Reason.DigestUnknown,
                        "spec.sha256 is left out, and " + catalogs.silence(key)
                                + ": set spec.sha256, or have a catalog list it");
            case 1 -> new Listed(found.getFirst().catalog(), digests.getFirst());
            default ->
                new Unknown(
                        Reason.DigestAmbiguous,
                        "spec.sha256 is left out, and catalogs have different digests for " + key + ": "
                                + String.join(
                                        ", ", found.stream().map(Found::catalog).toList())
                                + "; make a GuestImage with the sha256 that is meant");
        };
    }
}
