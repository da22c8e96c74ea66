package io.trustedlaunch.operator.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.catalog.CatalogDocument;
import io.trustedlaunch.operator.catalog.FetchResult.Fetched;
import io.trustedlaunch.operator.catalog.FetchResult.Unavailable;
import java.util.Base64;
import java.util.Optional;

/** Reads catalogs from ConfigMaps in the operator's namespace. */
final class ConfigMapCatalogs {
    private ConfigMapCatalogs() {}

    /** @param found the ConfigMap of that name, if there is one */
    static FetchResult read(String namespace, String name, Optional<ConfigMap> found) {
        String what = "ConfigMap " + namespace + "/" + name;
        if (found.isEmpty()) {
            return new Unavailable(Reason.CatalogMissing, "there is no " + what + ": create it");
        }
        Optional<byte[]> content = value(found.get(), CatalogFiles.CONTENT);
        if (content.isEmpty()) {
            return new Unavailable(
                    Reason.CatalogMissing, what + " has no key " + CatalogFiles.CONTENT + ": put the catalog there");
        }
        if (content.get().length > CatalogDocument.MAX_BYTES) {
            return new Unavailable(
                    Reason.CatalogTooLarge,
                    what + " has " + content.get().length + " bytes in " + CatalogFiles.CONTENT + "; the maximum is "
                            + CatalogDocument.MAX_BYTES + ": divide the catalog among several ImageCatalogs");
        }
        return value(found.get(), CatalogFiles.SIGNATURE)
                .<FetchResult>map(
                        signature -> new Fetched(new SignedContent(content.get(), new String(signature, UTF_8))))
                .orElseGet(() -> new Unavailable(
                        Reason.CatalogUnsigned,
                        what + " has no key " + CatalogFiles.SIGNATURE
                                + ": sign the catalog, for example with cosign sign-blob --key"));
    }

    private static Optional<byte[]> value(ConfigMap map, String key) {
        return Optional.ofNullable(map.getData())
                .map(data -> data.get(key))
                .map(text -> text.getBytes(UTF_8))
                .or(() -> Optional.ofNullable(map.getBinaryData())
                        .map(data -> data.get(key))
                        .map(text -> Base64.getDecoder().decode(text)));
    }
}
