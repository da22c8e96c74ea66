package io.trustedlaunch.operator.catalog;

import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.api.image.ImageCatalog;
import io.trustedlaunch.api.image.ImageCatalogSpec;
import io.trustedlaunch.catalog.CatalogInForce;
import io.trustedlaunch.catalog.CatalogsInForce;
import io.trustedlaunch.operator.catalog.CatalogVerification.Good;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Reads which catalogs are in force from ImageCatalogs and the Secrets that cache them. It does not trust their status, which
 * more users may write.
 */
public final class CatalogReader {
    /** Keyed by the ImageCatalog's UID. A verification is repeated when the Secret or the spec has changed. */
    private final Map<String, Read> read = new ConcurrentHashMap<>();

    private record Read(String secretVersion, ImageCatalogSpec spec, CatalogVerification verification) {}

    /** @param cached all Secrets that cache catalogs */
    public CatalogsInForce inForce(List<ImageCatalog> catalogs, List<Secret> cached, Instant now) {
        Map<String, Secret> byName = cached.stream()
                .collect(Collectors.toMap(secret -> secret.getMetadata().getName(), Function.identity()));
        read.keySet()
                .retainAll(catalogs.stream()
                        .map(catalog -> catalog.getMetadata().getUid())
                        .toList());
        return new CatalogsInForce(catalogs.stream()
                .filter(catalog -> !catalog.isMarkedForDeletion())
                .flatMap(catalog -> inForce(catalog, byName, now))
                .toList());
    }

    private Stream<CatalogInForce> inForce(ImageCatalog catalog, Map<String, Secret> cached, Instant now) {
        return Optional.ofNullable(cached.get(CachedCatalog.nameFor(catalog)))
                .flatMap(secret -> verification(catalog, secret))
                .map(verification -> verification.at(now))
                .filter(Good.class::isInstance)
                .map(Good.class::cast)
                .map(good -> new CatalogInForce(catalog.getMetadata().getName(), good.catalog()))
                .stream();
    }

    private Optional<CatalogVerification> verification(ImageCatalog catalog, Secret secret) {
        String version = secret.getMetadata().getResourceVersion();
        ImageCatalogSpec spec = catalog.getSpec();
        Read known = read.get(catalog.getMetadata().getUid());
        if (known != null
                && known.secretVersion().equals(version)
                && known.spec().equals(spec)) {
            return Optional.of(known.verification());
        }
        Optional<CatalogVerification> verification = CachedCatalog.read(secret)
                .map(signed -> CatalogVerification.of(signed, SignerKeys.of(spec.publicKeys()), spec.catalogName()));
        verification.ifPresent(found -> read.put(catalog.getMetadata().getUid(), new Read(version, spec, found)));
        return verification;
    }
}
