package io.trustedlaunch.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.trustedlaunch.api.image.GuestImageSpec.Identifier;
import io.trustedlaunch.api.image.OsType;
import io.trustedlaunch.catalog.Architecture;
import io.trustedlaunch.catalog.CatalogDocument;
import io.trustedlaunch.catalog.CatalogImage;
import io.trustedlaunch.catalog.CatalogImageBuilder;
import io.trustedlaunch.catalog.ImageFormat;
import java.util.Arrays;

/** Catalogs for tests. */
public final class CatalogText {
    public static final String NEVER = "2999-01-01T00:00:00Z";

    public static final String NAME = "contoso/production";

    private CatalogText() {}

    public static byte[] of(long serial, String expires, CatalogImage... images) {
        return of(NAME, serial, expires, images);
    }

    public static byte[] of(String name, long serial, String expires, CatalogImage... images) {
        return new CatalogDocument(CatalogDocument.FORMAT, name, serial, expires, Arrays.asList(images))
                .toJson()
                .getBytes(UTF_8);
    }

    /** A generation 2 image for Linux on x64. */
    public static CatalogImage image(String publisher, String sku, String version, String sha256) {
        return CatalogImageBuilder.builder()
                .identifier(new Identifier(publisher, "offer", sku))
                .version(version)
                .sha256(sha256)
                .size(1 << 20)
                .format(ImageFormat.qcow2)
                .osType(OsType.Linux)
                .generation(2)
                .architecture(Architecture.x64)
                .build();
    }

    public static CatalogImage of(CatalogImage image, int generation, Architecture architecture, OsType osType) {
        return CatalogImageBuilder.builder(image)
                .osType(osType)
                .generation(generation)
                .architecture(architecture)
                .build();
    }
}
