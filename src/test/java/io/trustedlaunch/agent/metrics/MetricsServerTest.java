package io.trustedlaunch.agent.metrics;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.trustedlaunch.custody.CertificatePurpose;
import io.trustedlaunch.custody.CertificateRequest;
import io.trustedlaunch.custody.Certificates;
import io.trustedlaunch.custody.NodeCertificateAuthority;
import io.trustedlaunch.custody.NodeChannel;
import io.trustedlaunch.custody.NodeKeyPair;
import io.trustedlaunch.custody.NodeSubject;
import io.trustedlaunch.custody.PublishedAuthority;
import io.trustedlaunch.testkit.ServerCertificate;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who reads an agent's metrics, over real sockets. The attacker is somebody on the host's network. */
@Timeout(60)
class MetricsServerTest {
    private static final Duration LIFETIME = Duration.ofDays(30);
    private static final int TIMEOUT_MILLIS = 10_000;
    /** Each from an authority of its own. */
    private static ServerCertificate scraper;

    private static ServerCertificate stranger;
    private static ServerCertificate expired;
    private static ServerCertificate webServer;

    private final SecureRandom random = new SecureRandom();
    private final NodeCertificateAuthority operator = NodeCertificateAuthority.create(
            PublishedAuthority.NODES, random, Instant.now().minus(LIFETIME), LIFETIME.multipliedBy(20));
    private final NodeChannel own = channel("host-b");
    private final AtomicInteger scrapes = new AtomicInteger();
    private final MetricsServer server = new MetricsServer(
            () -> Optional.of(own),
            () -> {
                scrapes.incrementAndGet();
                return "trusted_launch_agent_libvirt_up 1.0\n";
            },
            Duration.ofSeconds(10));

    private final List<Socket> silent = new ArrayList<>();

    @TempDir
    private Path folder;

    private Path authorities;

    @BeforeAll
    static void makeCertificates(@TempDir Path folder) throws Exception {
        scraper = ServerCertificate.make(folder.resolve("scraper"), 2);
        stranger = ServerCertificate.make(folder.resolve("stranger"), 2);
        expired = ServerCertificate.make(folder.resolve("expired"), -1);
        webServer =
                ServerCertificate.make(folder.resolve("web-server"), 2, "DNS:localhost\nextendedKeyUsage=serverAuth");
    }

    @BeforeEach
    void open() throws IOException {
        authorities = Files.writeString(folder.resolve("ca.crt"), scraper.authority());
        server.open(authorities, () -> Optional.of(InetAddress.getLoopbackAddress()), 0);
        await().until(() -> server.port().isPresent());
    }

    @AfterEach
    void close() throws IOException {
        for (Socket client : silent) {
            client.close();
        }
        server.close();
    }

    @Test
    void aScraperReadsThemAndVerifiesTheNodeByItsName() throws Exception {
        assertThat(get("/metrics", of(scraper)))
                .startsWith("HTTP/1.1 200 ")
                .endsWith("\r\n\r\ntrusted_launch_agent_libvirt_up 1.0\n");
        assertThat(get("/", of(scraper))).startsWith("HTTP/1.1 404 ");
    }

    @Test
    void whoHasNoCertificateReadsNothing() throws Exception {
        assertRefused(context());
    }

    @Test
    void whoHasACertificateOfAnotherAuthorityReadsNothing() throws Exception {
        assertRefused(of(stranger));
    }

    @Test
    void anotherNodesAgentReadsNothing() {
        assertRefused(channel("host-c").toNode("host-b"));
    }

    @Test
    void thisNodesOwnCertificateReadsNothing() {
        assertRefused(own.toNode("host-b"));
    }

    @Test
    void anExpiredCertificateReadsNothing() throws Exception {
        Files.writeString(authorities, expired.authority());

        assertRefused(of(expired));
    }

    @Test
    void theCertificateOfAServerReadsNothing() throws Exception {
        Files.writeString(authorities, webServer.authority());

        assertRefused(of(webServer));
    }

    @Test
    void plainTextReadsNothing() throws Exception {
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port())) {
            client.setSoTimeout(TIMEOUT_MILLIS);
            client.getOutputStream().write("GET /metrics HTTP/1.1\r\n\r\n".getBytes(US_ASCII));

            assertThat(new String(client.getInputStream().readAllBytes(), US_ASCII))
                    .doesNotContain("HTTP", "libvirt");
        }
        assertThat(scrapes).hasValue(0);
    }

    @Test
    void theAuthorityIsReplacedWithoutARestart() throws Exception {
        assertRefused(of(stranger));

        Path next = Files.writeString(folder.resolve("next"), scraper.authority() + stranger.authority());
        Files.move(next, authorities, StandardCopyOption.REPLACE_EXISTING);
        assertThat(get("/metrics", of(stranger))).startsWith("HTTP/1.1 200 ");
        assertThat(get("/metrics", of(scraper))).startsWith("HTTP/1.1 200 ");

        Files.writeString(authorities, stranger.authority());
        assertRefused(of(scraper));
    }

    @Test
    void withoutAnAuthorityNobodyReadsThem() throws Exception {
        Files.delete(authorities);
        assertThatThrownBy(() -> get("/metrics", of(scraper))).isInstanceOf(IOException.class);

        Files.writeString(authorities, "");
        assertThatThrownBy(() -> get("/metrics", of(scraper))).isInstanceOf(IOException.class);
    }

    @Test
    void silentClientsAtAnotherAddressDelayNoScrape() throws Exception {
        for (int client = 0; client < 8; client++) {
            silent.add(new Socket(InetAddress.getLoopbackAddress(), port(), InetAddress.getByName("127.0.0.2"), 0));
        }

        assertThat(get("/metrics", of(scraper))).startsWith("HTTP/1.1 200 ");
    }

    /** In TLS 1.3 a client learns of it when it reads. */
    private void assertRefused(SSLContext client) {
        int before = scrapes.get();
        assertThatThrownBy(() -> get("/metrics", client)).isInstanceOf(IOException.class);
        assertThat(scrapes).hasValue(before);
    }

    private String get(String path, SSLContext context) throws IOException {
        Socket plain = new Socket(InetAddress.getLoopbackAddress(), port());
        try (SSLSocket client = (SSLSocket) context.getSocketFactory().createSocket(plain, "host-b", port(), true)) {
            client.setSoTimeout(TIMEOUT_MILLIS);
            SSLParameters verified = client.getSSLParameters();
            verified.setEndpointIdentificationAlgorithm("HTTPS");
            client.setSSLParameters(verified);
            client.getOutputStream()
                    .write(("GET " + path + " HTTP/1.1\r\nHost: host-b\r\nConnection: close\r\n\r\n")
                            .getBytes(US_ASCII));
            String answer = new String(client.getInputStream().readAllBytes(), UTF_8);
            if (answer.isEmpty()) {
                throw new IOException("no answer");
            }
            return answer;
        }
    }

    private int port() {
        return server.port().orElseThrow();
    }

    private SSLContext of(ServerCertificate made) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(made.folder().resolve("server.p12"))) {
            store.load(in, "test".toCharArray());
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, "test".toCharArray());
        return context(keys.getKeyManagers());
    }

    /** Trusts the operator's authority, as a scraper's configuration does. */
    private SSLContext context(KeyManager... keys) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry("operator", Certificates.fromPem(operator.certificatePem()));
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(keys, trust.getTrustManagers(), random);
        return context;
    }

    private NodeChannel channel(String node) {
        NodeKeyPair pair = NodeKeyPair.generate(random);
        X509Certificate certificate = operator.issue(
                CertificateRequest.parse(pair.certificateRequest(random)),
                new NodeSubject(node),
                CertificatePurpose.AGENT,
                Instant.now(),
                LIFETIME,
                random);
        return new NodeChannel(pair, certificate, operator.verifier(), InstantSource.system(), random);
    }
}
