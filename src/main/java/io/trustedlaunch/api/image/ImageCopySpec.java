package io.trustedlaunch.api.image;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.crd.generator.annotation.SelectableField;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Quantity;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.Schemas;
import io.trustedlaunch.api.image.GuestImageSpec.HttpsSource;
import io.trustedlaunch.api.image.GuestImageSpec.OciSource;

/**
 * An image to import, where to, and by which agent. Everything except size and envelope is immutable.
 *
 * @param storageLocation the storage location that the copy is for
 * @param nodeName node whose agent imports it; other nodes with the same folder find it there
 * @param form what the image is of; absent: a disk
 * @param sha256 SHA-256 of the source's bytes, lower-case hexadecimal
 * @param size bytes of the source; absent if no catalog in force lists the image
 * @param envelope credentials for the source; absent if it needs none, and once the copy is there
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@RecordBuilder
public record ImageCopySpec(
        @Required @ValidationRule(value = "self == oldSelf", message = "image is immutable")
        Image image,

        @Required @ValidationRule(value = "self == oldSelf", message = "storageLocation is immutable")
        Location storageLocation,

        @Required
        @SelectableField
        @ValidationRule(value = "self == oldSelf", message = "nodeName is immutable")
        @Size(min = 1, max = 253)
        String nodeName,

        @Required @ValidationRule(value = "self == oldSelf", message = "source is immutable")
        Source source,

        @ValidationRule(value = "self == oldSelf", message = "form is immutable")
        @JsonInclude(JsonInclude.Include.NON_NULL)
        GuestImageForm form,

        @Required
        @Pattern(Schemas.SHA256)
        @Size(max = 64)
        @ValidationRule(value = "self == oldSelf", message = "sha256 is immutable")
        String sha256,

        Quantity size,

        Envelope envelope) {

    public ImageCopySpec withEnvelope(Envelope sealed) {
        return ImageCopySpecBuilder.builder(this).envelope(sealed).build();
    }

    /**
     * A GuestImage.
     *
     * @param name name of the GuestImage
     * @param uid UID of the GuestImage
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Image(
            @Required @Size(min = 1, max = 253) String name,
            @Required @Pattern(Schemas.UID) @Size(max = 36) String uid) {}

    /**
     * A folder on the node.
     *
     * @param name name of the StorageLocation
     * @param path absolute path of its folder
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Location(
            @Required @Size(min = 1, max = 253) String name,
            @Required @Size(min = 1, max = 512) String path) {}

    /**
     * Where the image's bytes are: exactly one of file, https and oci.
     *
     * @param file a file in a storage location
     * @param https a file on a web server
     * @param oci an artifact in a registry
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @ValidationRule(
            value = "[has(self.file), has(self.https), has(self.oci)].filter(given, given).size() == 1",
            message = "source needs exactly one of: file, https, oci")
    public record Source(FileSource file, HttpsSource https, OciSource oci) {
        /** The source's server needs credentials. */
        public boolean wantsCredentials() {
            return (https != null && https.credentialsRef() != null) || (oci != null && oci.pullSecretRef() != null);
        }
    }

    /**
     * A file in a storage location.
     *
     * @param storageLocation the storage location
     * @param path relative to the storage location's folder
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record FileSource(
            @Required Location storageLocation,
            @Required @Size(min = 1, max = 512) String path) {}

    /**
     * Credentials for the source's server, which only the node's agent can open.
     *
     * @param sealed base64 of a CMS structure
     * @param from which version of the Secret it holds, and for which key of the node
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Envelope(
            @Required @Size(max = 1048576) String sealed,
            @Required @Size(max = 1024) String from) {}
}
