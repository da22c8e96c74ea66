package io.trustedlaunch.api.image;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Schemas;
import java.util.List;

/**
 * Where a catalog is, and which keys verify it.
 *
 * @param catalogName the name that the signed catalog must have in its field name; other lists by the same key are not accepted
 * @param publicKeys PEM blocks BEGIN PUBLIC KEY, one in each entry; P-256, or RSA of at least 2048 bits. A signature by any
 *     of these keys is accepted
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record ImageCatalogSpec(
        @Required
        @Size(min = 1, max = 128)
        @Pattern(Schemas.CATALOG_NAME)
        @ValidationRule(
                value = "self == oldSelf",
                message =
                        "catalogName is immutable, since serials of different catalogs are not compared: create another ImageCatalog")
        String catalogName,

        @Required @Size(min = 1, max = 8) List<@Size(min = 1, max = 4096) String> publicKeys,

        @Required Source source) {

    /**
     * Where the catalog is: exactly one of configMap and https.
     *
     * @param configMap a ConfigMap of the operator's namespace, with the keys catalog.json and catalog.json.sig
     * @param https a web server
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @ValidationRule(
            value = "has(self.configMap) != has(self.https)",
            message = "source needs exactly one of: configMap, https")
    public record Source(ObjectRef configMap, HttpsSource https) {}

    /**
     * A web server. Redirects are followed, only to https.
     *
     * @param url URL of the catalog; https, without user and fragment
     * @param signatureURL URL of the signature; by default url with .sig appended
     * @param caBundle certificates of the server's authorities, PEM; by default those that the operator's system trusts
     * @param refreshMinutes minutes between two reads; default 60
     * @param credentialsRef a Secret of the operator's namespace, of type kubernetes.io/basic-auth, or
     *     trustedlaunch.io/bearer-token with the key token. It is sent only to the server in url
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record HttpsSource(
            @Required @Size(max = 2048) @ValidationRule(value = Schemas.HTTPS_URL, message = Schemas.HTTPS_URL_MESSAGE)
            String url,

            @Size(max = 2048) @ValidationRule(value = Schemas.HTTPS_URL, message = Schemas.HTTPS_URL_MESSAGE)
            String signatureURL,

            @Size(max = 65536) String caBundle,

            @Default("60") @Min(1) @Max(1440) Integer refreshMinutes,

            ObjectRef credentialsRef) {}
}
