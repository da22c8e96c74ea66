package io.trustedlaunch.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;

/**
 * Where a catalog is, and whose signature it must have.
 *
 * @param publicKeys in PEM, {@code BEGIN PUBLIC KEY}, one in each text; P-256, or RSA of 2048 bits or more. A signature by
 *     any of them counts
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record ImageCatalogSpec(
        @Required @Size(min = 1, max = 8) List<@Size(min = 1, max = 4096) String> publicKeys,

        @Required Source source) {

    /** Exactly one of its fields. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @ValidationRule(
            value = "has(self.configMap) != has(self.https)",
            message = "source needs exactly one of: configMap, https")
    public record Source(ObjectRef configMap, HttpsSource https) {}

    /**
     * A web server. Redirects are followed where they lead to https.
     *
     * @param url of the catalog
     * @param signatureURL left out: {@code url} with {@code .sig} after it
     * @param caBundle certificates in PEM; left out: the authorities that the operator's system trusts
     * @param refreshMinutes how often it is asked
     * @param credentialsRef a Secret of the operator's namespace, of type {@code kubernetes.io/basic-auth}, or {@code
     *     trustedlaunch.io/bearer-token} with the key {@code token}. Only the server in {@code url} is shown what is in it
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
