package io.trustedlaunch.api.image;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.Lists;
import io.trustedlaunch.api.NamespaceRestricted;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Schemas;
import java.util.List;

/**
 * An image: its marketplace identifier, where it is, and its digest.
 *
 * @param version version of the image in its marketplace
 * @param form Disk, which an OS disk is made from, or Disc, which VMs have in a drive (spec.discs of a TrustedLaunchVM); default
 *     Disk
 * @param sha256 SHA-256 of the source's bytes, lower-case hexadecimal. If omitted, it is the one that a catalog in force lists
 *     for this identifier and version; status.sha256 then has it, and never another one
 * @param allowedNamespaces the namespaces whose VMs may be created from the image; if omitted, all. VMs that exist start as
 *     before
 * @param preload names of StorageLocations into which the image is imported before a VM needs it: once in a folder that nodes
 *     share, otherwise on each node that has the location. If omitted, none: the first VM has it imported
 */
@RecordBuilder
@JsonIgnoreProperties(ignoreUnknown = true)
public record GuestImageSpec(
        @Required OsType osType,
        @Required Identifier identifier,

        @Required @Size(min = 1, max = 64) @Pattern(Schemas.IDENTIFIER)
        String version,

        @Required Source source,

        @Default("Disk") @JsonInclude(JsonInclude.Include.NON_NULL)
        GuestImageForm form,

        @Pattern(Schemas.SHA256) @Size(min = 64, max = 64) String sha256,

        @Size(min = 1, max = 256) @JsonInclude(JsonInclude.Include.NON_EMPTY)
        List<@Pattern(Schemas.DNS_LABEL) @Size(min = 1, max = 63) String> allowedNamespaces,

        @Size(min = 1, max = 16) @JsonInclude(JsonInclude.Include.NON_EMPTY)
        List<@Pattern(Schemas.OBJECT_NAME) @Size(min = 1, max = 253) String> preload)
        implements NamespaceRestricted {

    public GuestImageSpec {
        allowedNamespaces = Lists.orEmpty(allowedNamespaces);
        preload = Lists.orEmpty(preload);
    }

    public GuestImageForm formOrDefault() {
        return form == null ? GuestImageForm.Disk : form;
    }

    /** The same, with a digest that was found elsewhere. */
    public GuestImageSpec withSha256(String digest) {
        return GuestImageSpecBuilder.builder(this).sha256(digest).build();
    }

    /**
     * A marketplace identifier. Case does not matter.
     *
     * @param publisher publisher of the image
     * @param offer product of the publisher
     * @param sku edition of the product
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Identifier(
            @Required @Size(min = 1, max = 128) @Pattern(Schemas.IDENTIFIER)
            String publisher,

            @Required @Size(min = 1, max = 128) @Pattern(Schemas.IDENTIFIER)
            String offer,

            @Required @Size(min = 1, max = 128) @Pattern(Schemas.IDENTIFIER)
            String sku) {

        /** Marketplaces write it like this. */
        @Override
        public String toString() {
            return publisher + ":" + offer + ":" + sku;
        }
    }

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
    public record Source(FileSource file, HttpsSource https, OciSource oci) {}

    /**
     * A file in a storage location.
     *
     * @param storageLocationRef the StorageLocation
     * @param path relative to the storage location's folder, without parts . and ..
     */
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

    /**
     * A file on a web server. Up to five redirects are followed, only to https.
     *
     * @param url URL of the file; https, without user and fragment
     * @param caBundle certificates of the server's authorities, PEM; by default those that the node's agent trusts
     * @param credentialsRef a Secret of the operator's namespace, of type kubernetes.io/basic-auth, or
     *     trustedlaunch.io/bearer-token with the key token. It is sent only to the server in url
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record HttpsSource(
            @Required @Size(max = 2048) @ValidationRule(value = Schemas.HTTPS_URL, message = Schemas.HTTPS_URL_MESSAGE)
            String url,

            @Size(max = 65536) String caBundle,
            ObjectRef credentialsRef) {}

    /**
     * An artifact of one layer in a registry, as oras push makes it. The layer is the image.
     *
     * @param reference registry, repository, and a tag or a digest, for example
     *     registry.example:5000/images/ws2022:20348.2700
     * @param caBundle certificates of the registry's authorities, PEM; by default those that the node's agent trusts
     * @param pullSecretRef a Secret of the operator's namespace, of type kubernetes.io/dockerconfigjson
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record OciSource(
            @Required @Size(max = 512) @Pattern(Schemas.OCI_REFERENCE)
            String reference,

            @Size(max = 65536) String caBundle,
            ObjectRef pullSecretRef) {}
}
