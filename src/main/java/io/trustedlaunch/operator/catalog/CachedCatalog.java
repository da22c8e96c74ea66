package io.trustedlaunch.operator.catalog;

import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.image.ImageCatalog;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/**
 * The Secret that caches the last good catalog with its signature, which is verified again at each use. Its name has the UID
 * of the ImageCatalog, so that one that is created again starts without a cache.
 */
public final class CachedCatalog {
    private CachedCatalog() {}

    public static String nameFor(ImageCatalog catalog) {
        return "image-catalog-" + catalog.getMetadata().getUid();
    }

    static Secret secret(ImageCatalog catalog, String namespace, SignedContent signed) {
        return new SecretBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(nameFor(catalog))
                .withOwnerReferences(new OwnerReferenceBuilder()
                        .withApiVersion(catalog.getApiVersion())
                        .withKind(catalog.getKind())
                        .withName(catalog.getMetadata().getName())
                        .withUid(catalog.getMetadata().getUid())
                        .build())
                .endMetadata()
                .withType(Api.IMAGE_CATALOG_TYPE)
                .withData(data(signed))
                .build();
    }

    static Map<String, String> data(SignedContent signed) {
        return Map.of(
                CatalogFiles.CONTENT, encode(signed.content()),
                CatalogFiles.SIGNATURE, encode(signed.signature().getBytes(StandardCharsets.US_ASCII)));
    }

    /** Empty if the Secret holds no catalog. */
    static Optional<SignedContent> read(Secret secret) {
        Map<String, String> data = secret.getData();
        if (data == null || data.get(CatalogFiles.CONTENT) == null || data.get(CatalogFiles.SIGNATURE) == null) {
            return Optional.empty();
        }
        return Optional.of(new SignedContent(
                Base64.getDecoder().decode(data.get(CatalogFiles.CONTENT)),
                new String(Base64.getDecoder().decode(data.get(CatalogFiles.SIGNATURE)), StandardCharsets.US_ASCII)));
    }

    private static String encode(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
