package io.trustedlaunch.catalog;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** The contents of a signed catalog. */
public record Catalog(long serial, Instant expires, Map<CatalogKey, CatalogImage> images) {
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
