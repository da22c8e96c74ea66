package io.trustedlaunch.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/**
 * An image, named as its marketplace names it and fixed by its digest.
 *
 * @param sha256 of the source's bytes as they are, lower-case hex
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record GuestImageSpec(
        @Required OsType osType,
        @Required Identifier identifier,
        @Required @Size(min = 1, max = 64) String version,
        @Required Source source,
        @Required @Pattern(Schemas.SHA256) String sha256) {

    /** A marketplace identifier. Compared without regard to case, as the marketplace does. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Identifier(
            @Required @Size(min = 1, max = 128) String publisher,
            @Required @Size(min = 1, max = 128) String offer,
            @Required @Size(min = 1, max = 128) String sku) {}

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
