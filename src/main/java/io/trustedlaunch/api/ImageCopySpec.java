package io.trustedlaunch.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.crd.generator.annotation.SelectableField;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.ValidationRule;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.GuestImageSpec.HttpsSource;
import io.trustedlaunch.api.GuestImageSpec.OciSource;

/**
 * Which image is to be where, and which agent brings it. Everything but its size and what is sealed is fixed when it is made.
 *
 * @param storageLocation where it is to be
 * @param nodeName whose agent brings it; nodes that have the same folder find it there
 * @param sha256 of the source's bytes
 * @param bytes how many the source has, where a catalog in force says so
 * @param envelope absent where none is needed, and while the copy is there
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@RecordBuilder
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
        String sha256,

        @Min(1) Long bytes,

        Envelope envelope) {

    public ImageCopySpec withEnvelope(Envelope sealed) {
        return ImageCopySpecBuilder.builder(this).envelope(sealed).build();
    }

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
    @ValidationRule(
            value = "[has(self.file), has(self.https), has(self.oci)].filter(given, given).size() == 1",
            message = "source needs exactly one of: file, https, oci")
    public record Source(FileSource file, HttpsSource https, OciSource oci) {
        /** A server is to be shown credentials. */
        public boolean wantsCredentials() {
            return (https != null && https.credentialsRef() != null) || (oci != null && oci.pullSecretRef() != null);
        }
    }

    /**
     * A file in a storage location.
     *
     * @param path below it
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record FileSource(
            @Required Location storageLocation, @Required String path) {}

    /**
     * What the source's server is to be shown, for the node's agent alone.
     *
     * @param sealed base64 of a CMS structure
     * @param from which version of the Secret is in it, and which certificate it was sealed to
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Envelope(
            @Required String sealed, @Required String from) {}
}
