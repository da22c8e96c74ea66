package io.trustedlaunch.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/**
 * An image, named as its marketplace names it and fixed by its digest.
 *
 * @param sha256 of the source's bytes as they are, lower-case hex. Left out: what a catalog in force has for this
 *     identifier and version; {@code status.sha256} then has it, and keeps it
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record GuestImageSpec(
        @Required OsType osType,
        @Required Identifier identifier,

        @Required @Size(min = 1, max = 64) @Pattern(Schemas.IDENTIFIER)
        String version,

        @Required Source source,
        @Pattern(Schemas.SHA256) String sha256) {

    /** The same, with a digest that was found elsewhere. */
    public GuestImageSpec withSha256(String digest) {
        return new GuestImageSpec(osType, identifier, version, source, digest);
    }

    /** A marketplace identifier. Compared without regard to case, as the marketplace does. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Identifier(
            @Required @Size(min = 1, max = 128) @Pattern(Schemas.IDENTIFIER)
            String publisher,

            @Required @Size(min = 1, max = 128) @Pattern(Schemas.IDENTIFIER)
            String offer,

            @Required @Size(min = 1, max = 128) @Pattern(Schemas.IDENTIFIER)
            String sku) {

        /** As marketplaces write it. */
        @Override
        public String toString() {
            return publisher + ":" + offer + ":" + sku;
        }
    }

    /** Where the image's bytes are: exactly one of its fields. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @ValidationRule(value = "has(self.file)", message = "source needs one of: file")
    public record Source(FileSource file) {}

    /** A file in a storage location. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record FileSource(
            @Required ObjectRef storageLocationRef,

            @Required
            @Size(min = 1, max = 512)
            @Pattern(Schemas.NO_CONTROL_CHARACTERS)
            @ValidationRule(
                    value = "!self.startsWith('/') && !self.split('/').exists(p, p == '..' || p == '.' || p == '')",
                    message = "path is relative to the storage location, without '.', '..' or empty parts")
            String path) {}
}
