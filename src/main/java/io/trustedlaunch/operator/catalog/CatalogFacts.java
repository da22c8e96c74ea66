package io.trustedlaunch.operator.catalog;

import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.api.ImageCatalog;
import java.time.Instant;
import java.util.Optional;

/**
 * All that a decision about a catalog is made from.
 *
 * @param kept the Secret with the last good one, if there was one
 */
record CatalogFacts(ImageCatalog catalog, SignerKeys keys, FetchResult delivery, Optional<Secret> kept, Instant now) {
    Optional<SignedContent> keptContent() {
        return kept.flatMap(CachedCatalog::read);
    }
}
