package io.trustedlaunch.process;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.internal.CertUtils;
import io.fabric8.kubernetes.client.internal.SSLUtils;
import io.fabric8.kubernetes.client.utils.Utils;
import io.trustedlaunch.custody.ServerTrust;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Optional;

/**
 * Whom a client of the Kubernetes API takes for the API server: whoever has a certificate from the authorities that the kubeconfig
 * or the pod's service account names, and nobody else. The client's library adds the public authorities that the Java runtime
 * brings, any of which could then speak for the API server.
 */
public final class ApiServerTrust {
    private ApiServerTrust() {}

    /**
     * For the builder of the client of this configuration. Without an authority those of the system count, as for kubectl.
     *
     * @throws IllegalArgumentException if what the configuration names cannot be read
     */
    public static void require(Config config, HttpClient.Builder http) {
        if (config.isTrustCerts()) {
            return;
        }
        try {
            Optional<String> authorities = authorities(config);
            if (authorities.isPresent()) {
                http.sslContext(SSLUtils.keyManagers(config), ServerTrust.managers(authorities.get()));
            }
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "the API server cannot be recognized by the certificate authorities of the kubeconfig or the service account: "
                            + e.getMessage(),
                    e);
        }
    }

    private static Optional<String> authorities(Config config) throws IOException {
        if (Utils.isNullOrEmpty(config.getCaCertData()) && Utils.isNullOrEmpty(config.getCaCertFile())) {
            return Optional.empty();
        }
        try (InputStream found =
                CertUtils.getInputStreamFromDataOrFile(config.getCaCertData(), config.getCaCertFile())) {
            return Optional.of(new String(found.readAllBytes(), StandardCharsets.ISO_8859_1));
        }
    }
}
