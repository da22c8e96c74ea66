package io.trustedlaunch.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.trustedlaunch.api.GuestImageSpec.Identifier;
import io.trustedlaunch.api.OsType;
import io.trustedlaunch.catalog.Architecture;
import io.trustedlaunch.catalog.CatalogDocument;
import io.trustedlaunch.catalog.CatalogImage;
import io.trustedlaunch.catalog.ImageFormat;
import java.util.Arrays;

/** Catalogs for tests. */
public final class CatalogText {
    public static final String NEVER = "2999-01-01T00:00:00Z";

    private CatalogText() {}

    public static byte[] of(long serial, String expires, CatalogImage... images) {
        return new CatalogDocument(CatalogDocument.FORMAT, serial, expires, Arrays.asList(images))
                .toJson()
                .getBytes(UTF_8);
    }

    /** A generation 2 image for Linux on x64. */
    public static CatalogImage image(String publisher, String sku, String version, String sha256) {
        return new CatalogImage(
                new Identifier(publisher, "offer", sku),
                version,
                sha256,
                1 << 20,
                ImageFormat.qcow2,
                OsType.Linux,
                2,
                Architecture.x64);
    }

    public static CatalogImage of(CatalogImage image, int generation, Architecture architecture, OsType osType) {
        return new CatalogImage(
                image.identifier(),
                image.version(),
                image.sha256(),
                image.size(),
                image.format(),
                osType,
                generation,
                architecture);
    }
}
