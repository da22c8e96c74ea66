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
    @ValidationRule(
            value = "[has(self.file), has(self.https), has(self.oci)].filter(given, given).size() == 1",
            message = "source needs exactly one of: file, https, oci")
    public record Source(FileSource file, HttpsSource https, OciSource oci) {}

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

    /**
     * A web server. Redirects are followed where they lead to https, five at most.
     *
     * @param caBundle certificates in PEM; left out: the authorities that the node's agent trusts
     * @param credentialsRef a Secret of the operator's namespace, of type {@code kubernetes.io/basic-auth}, or {@code
     *     trustedlaunch.io/bearer-token} with the key {@code token}. Only the server in {@code url} is shown what is in it
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record HttpsSource(
            @Required @Size(max = 2048) @ValidationRule(value = Schemas.HTTPS_URL, message = Schemas.HTTPS_URL_MESSAGE)
            String url,

            @Size(max = 65536) String caBundle,
            ObjectRef credentialsRef) {}

    /**
     * An artifact in a registry, of one layer, as {@code oras push} makes it. The layer is the image.
     *
     * @param reference with its registry, and a tag or a digest: {@code registry.example:5000/images/ws2022:20348.2700}
     * @param caBundle certificates in PEM; left out: the authorities that the node's agent trusts
     * @param pullSecretRef a Secret of the operator's namespace, of type {@code kubernetes.io/dockerconfigjson}
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record OciSource(
            @Required @Size(max = 512) @Pattern(Schemas.OCI_REFERENCE)
            String reference,

            @Size(max = 65536) String caBundle,
            ObjectRef pullSecretRef) {}
}
