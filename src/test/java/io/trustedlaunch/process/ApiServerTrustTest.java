package io.trustedlaunch.process;

import static io.trustedlaunch.testkit.RawHttpsServer.head;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.trustedlaunch.testkit.RawHttpsServer;
import io.trustedlaunch.testkit.ServerCertificate;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Another authority than the API server's is among those that the Java runtime trusts. */
class ApiServerTrustTest {
    private static final String RUNTIMES_AUTHORITIES = "javax.net.ssl.trustStore";

    @TempDir
    private Path folder;

    private ServerCertificate own;
    private ServerCertificate others;

    @BeforeEach
    void trustTheOther() throws Exception {
        own = ServerCertificate.make(folder.resolve("own"), 1);
        others = ServerCertificate.make(folder.resolve("others"), 1);
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry(
                "public",
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(Files.newInputStream(folder.resolve("others/ca.crt"))));
        Path file = folder.resolve("authorities");
        try (OutputStream out = Files.newOutputStream(file)) {
            store.store(out, "changeit".toCharArray());
        }
        System.setProperty(RUNTIMES_AUTHORITIES, file.toString());
    }

    @AfterEach
    void reset() {
        System.clearProperty(RUNTIMES_AUTHORITIES);
    }

    @Test
    void theApiServerHasACertificateOfTheAuthorityThatIsNamed() throws Exception {
        assertThat(version(own, configuration().withCaCertData(base64(own)))).isEqualTo("37");
        assertThat(version(own, configuration().withCaCertFile(folder + "/own/ca.crt")))
                .isEqualTo("37");
    }

    @Test
    void oneOfTheRuntimesAuthoritiesDoesNotSpeakForIt() {
        assertThatThrownBy(() -> version(others, configuration().withCaCertData(base64(own))))
                .isInstanceOf(KubernetesClientException.class)
                .hasStackTraceContaining("CertPathValidatorException")
                .hasStackTraceContaining(SSLHandshakeException.class.getName());
        assertThatThrownBy(() -> version(others, configuration().withCaCertFile(folder + "/own/ca.crt")))
                .isInstanceOf(KubernetesClientException.class);
    }

    @Test
    void withoutAnAuthorityThoseOfTheRuntimeCount() {
        assertThatThrownBy(() -> version(own, configuration())).isInstanceOf(KubernetesClientException.class);
    }

    @Test
    void verificationThatIsOffStaysOff() throws Exception {
        assertThat(version(own, configuration().withTrustCerts(true))).isEqualTo("37");
    }

    @Test
    void anAuthorityThatIsNoneIsToldAsSuch() {
        assertThatThrownBy(() -> version(own, configuration().withCaCertData("bm9uZQ==")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("certificate authorities of the kubeconfig");
    }

    private static ConfigBuilder configuration() {
        return new ConfigBuilder(Config.empty()).withRequestRetryBackoffLimit(0);
    }

    private static String base64(ServerCertificate certificate) {
        return Base64.getEncoder().encodeToString(certificate.authority().getBytes(UTF_8));
    }

    private static String version(ServerCertificate certificate, ConfigBuilder configuration) throws Exception {
        try (RawHttpsServer server = new RawHttpsServer(certificate)) {
            server.respond((request, out) -> {
                byte[] body = "{\"major\": \"1\", \"minor\": \"37\"}".getBytes(UTF_8);
                out.write(head(200, "Content-Type: application/json", "Content-Length: " + body.length));
                out.write(body);
            });
            Config config = configuration.withMasterUrl(server.url("/")).build();
            try (KubernetesClient client = new KubernetesClientBuilder()
                    .withConfig(config)
                    .withHttpClientBuilderConsumer(http -> ApiServerTrust.require(config, http))
                    .build()) {
                return client.getKubernetesVersion().getMinor();
            }
        }
    }
}
