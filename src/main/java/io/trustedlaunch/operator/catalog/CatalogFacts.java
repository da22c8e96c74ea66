package io.trustedlaunch.operator.catalog;

import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.api.image.ImageCatalog;
import java.time.Instant;
import java.util.Optional;

/**
 * The facts from which the next step for a catalog is planned.
 *
 * @param cached the Secret with the last good catalog, if there is one
 */
record CatalogFacts(ImageCatalog catalog, SignerKeys keys, FetchResult fetched, Optional<Secret> cached, Instant now) {
    Optional<SignedContent> cachedContent() {
        return cached.flatMap(CachedCatalog::read);
    }

    CatalogVerification verify(SignedContent signed) {
        return CatalogVerification.of(signed, keys, catalog.getSpec().catalogName());
    }
}
