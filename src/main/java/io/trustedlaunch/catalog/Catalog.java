package io.trustedlaunch.catalog;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * The contents of a signed catalog.
 *
 * @param name its own, which its signer gave it: serials of different names are not compared
 */
public record Catalog(String name, long serial, Instant expires, Map<CatalogKey, CatalogImage> images) {
    public Catalog {
        images = Map.copyOf(images);
    }

    public boolean isExpiredAt(Instant now) {
        return !now.isBefore(expires);
    }

    Optional<CatalogImage> find(CatalogKey key) {
        return Optional.ofNullable(images.get(key));
    }
}
