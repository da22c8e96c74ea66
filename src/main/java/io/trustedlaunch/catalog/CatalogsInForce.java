package io.trustedlaunch.catalog;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** All catalogs in force: an image that one of them lists is listed, whatever the others list. */
public record CatalogsInForce(List<CatalogInForce> catalogs) {
    public CatalogsInForce {
        catalogs = catalogs.stream()
                .sorted(Comparator.comparing(CatalogInForce::name))
                .toList();
    }

    public static CatalogsInForce none() {
        return new CatalogsInForce(List.of());
    }

    record Found(String catalog, CatalogImage image) {}

    Stream<Found> find(CatalogKey key) {
        return catalogs.stream()
                .flatMap(each -> each.catalog().find(key).map(image -> new Found(each.name(), image)).stream());
    }

    /** The first catalog that lists this digest under this key. */
    public Optional<CatalogMatch> match(CatalogKey key, String sha256) {
        return find(key)
                .filter(found -> found.image().sha256().equals(sha256))
                .findFirst()
                .map(found -> new CatalogMatch(found.catalog(), found.image()));
    }

    /** Why no catalog lists a digest under this key, for messages. */
    public String whyNoMatch(CatalogKey key) {
        if (catalogs.isEmpty()) {
            return "no ImageCatalog is in force";
        }
        List<String> others = find(key).map(Found::catalog).toList();
        return others.isEmpty()
                ? "no catalog in force lists " + key
                : "ImageCatalog " + String.join(", ", others) + " has another digest for " + key;
    }

    /** When the first of them expires. */
    public Optional<Instant> nextExpiry() {
        return catalogs.stream().map(each -> each.catalog().expires()).min(Comparator.naturalOrder());
    }
}
