package io.trustedlaunch.catalog;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.image.GuestImageSpec.Identifier;
import io.trustedlaunch.api.image.OsType;

/**
 * An image that a catalog lists.
 *
 * @param sha256 of its file, lower-case hex
 * @param size of its file, in bytes
 * @param generation of the virtual machine: 1 has a BIOS, 2 has UEFI
 */
@JsonPropertyOrder({"identifier", "version", "sha256", "size", "format", "osType", "generation", "architecture"})
@RecordBuilder
public record CatalogImage(
        Identifier identifier,
        String version,
        String sha256,
        long size,
        ImageFormat format,
        OsType osType,
        int generation,
        Architecture architecture) {

    public CatalogKey key() {
        return CatalogKey.of(identifier, version);
    }
}
