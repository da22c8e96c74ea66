package io.trustedlaunch.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.crd.generator.annotation.SelectableField;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.ValidationRule;

/**
 * Which image is to be where, and which agent brings it. Everything but what is sealed is fixed when it is made.
 *
 * @param storageLocation where it is to be
 * @param nodeName whose agent brings it; nodes that have the same folder find it there
 * @param sha256 of the source's bytes
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record ImageCopySpec(
        @Required @ValidationRule(value = "self == oldSelf", message = "image is immutable")
        Image image,

        @Required @ValidationRule(value = "self == oldSelf", message = "storageLocation is immutable")
        Location storageLocation,

        @Required @SelectableField @ValidationRule(value = "self == oldSelf", message = "nodeName is immutable")
        String nodeName,

        @Required @ValidationRule(value = "self == oldSelf", message = "source is immutable")
        Source source,

        @Required @Pattern(Schemas.SHA256) @ValidationRule(value = "self == oldSelf", message = "sha256 is immutable")
        String sha256) {

    /** A GuestImage; another that is given its name has another UID. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Image(
            @Required String name,
            @Required @Pattern(Schemas.UID) String uid) {}

    /** A folder on the node. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Location(@Required String name, @Required String path) {}

    /** Where the image's bytes are, as the agent finds them: exactly one of its fields. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @ValidationRule(value = "has(self.file)", message = "source needs one of: file")
    public record Source(FileSource file) {}

    /**
     * A file in a storage location.
     *
     * @param path below it
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record FileSource(
            @Required Location storageLocation, @Required String path) {}
}
