package io.trustedlaunch.agent.imagesource;

import static io.trustedlaunch.testkit.RawHttpsServer.head;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.GuestImageSpec.OciSource;
import io.trustedlaunch.custody.PullCredentials;
import io.trustedlaunch.custody.Sha256;
import io.trustedlaunch.testkit.RawHttpsServer;
import io.trustedlaunch.testkit.RawHttpsServer.Request;
import io.trustedlaunch.testkit.ServerCertificate;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Behaviour of registries beyond that of Debian's, which {@code RegistryIT} tests. */
class RegistryArtifactTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String PATH = "/v2/images/proof/";
    private static final Optional<PullCredentials> ADA = Optional.of(PullCredentials.basic("ada", "hunter2"));
    private static final String ADAS = "Basic YWRhOmh1bnRlcjI=";

    private static ServerCertificate certificate;
    private static RawHttpsServer registry;
    private static RawHttpsServer other;

    private final byte[] image = new byte[100_000];
    private OptionalLong bytes = OptionalLong.empty();
    private String manifest;
    private Optional<PullCredentials> credentials = Optional.empty();

    @TempDir
    private Path folder;

    @BeforeAll
    static void startServers(@TempDir Path keys) throws Exception {
        certificate = ServerCertificate.make(keys, 2);
        registry = new RawHttpsServer(certificate);
        other = new RawHttpsServer(certificate);
    }

    @AfterAll
    static void stopServers() throws IOException {
        registry.close();
        other.close();
    }

    @BeforeEach
    void begin() {
        registry.requests().clear();
        other.requests().clear();
        new Random(7).nextBytes(image);
        manifest = manifestOf(image, image.length);
        registry.respond(this::offer);
    }

    @Test
    void theOnlyLayerIsTheImage() {
        bring();
        assertThat(staged()).hasBinaryContent(image);
        assertThat(registry.requests())
                .extracting(Request::target)
                .containsExactly(PATH + "manifests/1", PATH + "blobs/sha256:" + Sha256.of(image));
    }

    @Test
    void aManifestRequestedByDigestMustHaveIt() {
        RegistryArtifact artifact = artifact("@sha256:" + Sha256.of(manifest.getBytes(UTF_8)));
        artifact.fetch(staged(), wanted(), (done, total) -> {});
        assertThat(staged()).hasBinaryContent(image);

        RefusedException refused = refused(artifact("@sha256:" + "0".repeat(64)));
        assertThat(refused.reason()).isEqualTo(Reason.ImageArtifactUnusable);
        assertThat(refused).hasMessageContaining("another manifest for this digest");
    }

    @Test
    void aLayerWithAnotherDigestIsNotFetched() {
        manifest = manifestOf(new byte[] {1}, 1);
        RefusedException refused = refused(artifact(":1"));
        assertThat(refused.reason()).isEqualTo(Reason.DigestMismatch);
        assertThat(refused).hasMessageContaining("images/proof:1 has the layer sha256:" + Sha256.of(new byte[] {1}));
        assertThat(registry.requests()).hasSize(1);
    }

    @Test
    void anArtifactWithoutExactlyOneLayerIsRefusedWithTheReason() {
        manifest = "{\"manifests\": [{}]}";
        RefusedException refused = refused(artifact(":1"));
        assertThat(refused.reason()).isEqualTo(Reason.ImageArtifactUnusable);
        assertThat(refused).hasMessageContaining("images/proof:1: it is an index of 1 artifacts");
        manifest = " ".repeat(5 << 20);
        assertThat(refused(artifact(":1"))).hasMessageContaining("longer than 4 MiB");
    }

    @Test
    void aBlobLongerThanInItsManifestIsRefused() throws IOException {
        manifest = manifestOf(image, image.length - 1);
        assertThat(refused(artifact(":1")).reason()).isEqualTo(Reason.ImageSizeMismatch);
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void anArtifactOfAnotherSizeThanInTheCatalogIsNotFetched() {
        bytes = OptionalLong.of(image.length + 1);
        RefusedException refused = refused(artifact(":1"));
        assertThat(refused.reason()).isEqualTo(Reason.ImageSizeMismatch);
        assertThat(refused).hasMessageContaining("but its source has " + image.length);
        assertThat(registry.requests()).hasSize(1);
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void anInterruptedBlobIsResumed() throws IOException {
        Files.write(staged(), Arrays.copyOf(image, 70_000));
        bring();
        assertThat(registry.requests().getLast().rangeStart()).contains(70_000);
        assertThat(staged()).hasBinaryContent(image);
    }

    @Test
    void aTokenIsFetchedFromTheServerThatTheRegistryNames() {
        credentials = ADA;
        wantsToken(other.url("/token?a=b"));
        other.respond((request, out) -> json(out, "{\"token\": \"t0k3n\"}"));
        bring();
        assertThat(staged()).hasBinaryContent(image);
        assertThat(other.requests()).hasSize(1);
        assertThat(other.requests().getFirst().target())
                .isEqualTo("/token?a=b&service=a+registry&scope=repository%3Aimages%2Fproof%3Apull");
        assertThat(other.requests().getFirst().header("authorization")).contains(ADAS);
        assertThat(registry.requests())
                .extracting(request -> request.header("authorization"))
                .containsExactly(Optional.empty(), Optional.of("Bearer t0k3n"), Optional.of("Bearer t0k3n"));
    }

    @Test
    void aPublicImageNeedsATokenAndNoCredentials() {
        wantsToken(other.url("/token"));
        other.respond((request, out) -> json(out, "{\"access_token\": \"t0k3n\", \"expires_in\": 60}"));
        bring();
        assertThat(other.requests().getFirst().header("authorization")).isEmpty();
    }

    @Test
    void anExpiredTokenIsReplaced() throws IOException {
        other.respond((request, out) ->
                json(out, "{\"token\": \"t0k3n" + other.requests().size() + "\"}"));
        registry.respond((request, out) -> {
            String counts = request.target().contains("/blobs/") ? "Bearer t0k3n2" : "Bearer t0k3n1";
            if (request.header("authorization").equals(Optional.of(counts))) {
                offer(request, out);
            } else {
                out.write(challenge(other.url("/token")));
            }
        });
        bring();
        assertThat(staged()).hasBinaryContent(image);
        assertThat(other.requests()).hasSize(2);
    }

    @Test
    void aTokenIsFetchedOverHttpsOnly() {
        credentials = ADA;
        for (String realm : List.of("http://localhost:1/token", "file:///etc/hostname", "", "token", "https://a b/")) {
            wantsToken(realm);
            assertThat(refused(artifact(":1")).reason()).as(realm).isEqualTo(Reason.ImageRedirectRefused);
        }
        assertThat(registry.requests())
                .noneMatch(request -> request.header("authorization").isPresent());
    }

    /** The registry is the attacker. */
    @Test
    void aTokenServerOnThisHostIsNotAsked() throws IOException {
        credentials = ADA;
        try (RawHttpsServer victim = new RawHttpsServer(certificate, "127.0.0.1")) {
            wantsToken(victim.url("/token"));
            assertThat(refused(artifact(":1")).reason()).isEqualTo(Reason.ImageRedirectRefused);
            assertThat(victim.requests()).isEmpty();
        }
    }

    @Test
    void failuresOfATokenServerAreDistinguished() {
        wantsToken(other.url("/token"));
        other.respond((request, out) -> out.write(head(401, "Content-Length: 0")));
        RefusedException refused = refused(artifact(":1"));
        assertThat(refused.reason()).isEqualTo(Reason.ImageAccessDenied);
        assertThat(refused)
                .hasMessageContaining(other.url("/token") + " answered 401; name a Secret with credentials in"
                        + " spec.source.oci.pullSecretRef");
        other.respond((request, out) -> out.write(head(429, "Content-Length: 0", "Retry-After: 7")));
        assertThat(later(artifact(":1")).retryAfter()).contains(Duration.ofSeconds(7));
        for (String answer : List.of("", "{}", "{\"token\": \"a\\nb\"}", "{\"token\": 7", "[]", " ".repeat(100_000))) {
            other.respond((request, out) -> json(out, answer));
            assertThat(later(artifact(":1"))).as(answer).hasMessageContaining("did not send a token");
        }
    }

    @Test
    void aRegistryThatRefusesTheTokenIsNotAskedForever() {
        wantsToken(other.url("/token"));
        other.respond((request, out) -> json(out, "{\"token\": \"wrong\"}"));
        assertThat(refused(artifact(":1")).reason()).isEqualTo(Reason.ImageAccessDenied);
        assertThat(registry.requests()).hasSize(2);
    }

    @Test
    void aBearerTokenIsSentAtOnceAndAPasswordOnRequest() {
        credentials = Optional.of(PullCredentials.bearer("t0k3n"));
        wantsToken(other.url("/token"));
        bring();
        assertThat(other.requests()).isEmpty();
        assertThat(registry.requests()).hasSize(2);

        credentials = Optional.of(PullCredentials.bearer("wrong"));
        assertThat(refused(artifact(":1")).reason()).isEqualTo(Reason.ImageAccessDenied);
        assertThat(other.requests()).isEmpty();

        credentials = ADA;
        registry.requests().clear();
        registry.respond((request, out) -> {
            if (request.header("authorization").equals(Optional.of(ADAS))) {
                offer(request, out);
            } else {
                out.write(head(401, "Content-Length: 0", "WWW-Authenticate: Basic realm=\"r\""));
            }
        });
        bring();
        assertThat(registry.requests())
                .extracting(request -> request.header("authorization"))
                .containsExactly(Optional.empty(), Optional.of(ADAS), Optional.of(ADAS));
        credentials = Optional.empty();
        assertThat(refused(artifact(":1")).reason()).isEqualTo(Reason.ImageAccessDenied);
    }

    @Test
    void aServerThatTheRegistryRedirectsToGetsNoCredentials() {
        credentials = ADA;
        registry.respond((request, out) -> {
            if (request.header("authorization").isEmpty()) {
                out.write(head(401, "Content-Length: 0", "WWW-Authenticate: Basic realm=\"r\""));
            } else if (request.target().contains("/blobs/")) {
                out.write(head(307, "Content-Length: 0", "Location: " + other.url("/store")));
            } else {
                offer(request, out);
            }
        });
        other.respond((request, out) -> {
            out.write(head(200, "Content-Length: " + image.length));
            out.write(image);
        });
        bring();
        assertThat(staged()).hasBinaryContent(image);

        // Not even if it asks for them.
        other.respond((request, out) -> out.write(challenge(other.url("/token"))));
        assertThat(refused(artifact(":1")).reason()).isEqualTo(Reason.ImageAccessDenied);
        assertThat(other.requests())
                .hasSize(2)
                .noneMatch(request -> request.header("authorization").isPresent());
    }

    @Test
    void missingImagesAndUntrustedServersAreReported() {
        registry.respond((request, out) -> out.write(head(404, "Content-Length: 0")));
        RefusedException refused = refused(artifact(":1"));
        assertThat(refused.reason()).isEqualTo(Reason.ImageSourceMissing);
        assertThat(refused).hasMessageContaining(registry.url(PATH + "manifests/1") + " answered 404");
        RegistryArtifact unbelieved =
                new RegistryArtifact(new OciSource(registry.authority() + "/images/proof:1", null, null), credentials);
        assertThat(refused(unbelieved).reason()).isEqualTo(Reason.ImageServerUntrusted);
        assertThat(refused(artifact("")).reason()).isEqualTo(Reason.ImageSourceMissing);
    }

    /** A registry that has the artifact and needs no authentication. */
    private void offer(Request request, OutputStream out) throws IOException {
        if (request.target().contains("/manifests/")) {
            json(out, manifest);
            return;
        }
        int from = request.rangeStart().orElse(0);
        out.write(
                from == 0
                        ? head(200, "Content-Length: " + image.length)
                        : head(
                                206,
                                "Content-Length: " + (image.length - from),
                                "Content-Range: bytes " + from + "-" + (image.length - 1) + "/" + image.length));
        out.write(Arrays.copyOfRange(image, from, image.length));
    }

    private void wantsToken(String realm) {
        registry.respond((request, out) -> {
            if (request.header("authorization").equals(Optional.of("Bearer t0k3n"))) {
                offer(request, out);
            } else {
                out.write(challenge(realm));
            }
        });
    }

    private static byte[] challenge(String realm) {
        return head(
                401,
                "Content-Length: 0",
                "WWW-Authenticate: Bearer realm=\"" + realm
                        + "\",service=\"a registry\",scope=\"repository:images/proof:pull\"");
    }

    private static void json(OutputStream out, String text) throws IOException {
        out.write(head(200, "Content-Length: " + text.length(), "Content-Type: " + OciManifest.MEDIA_TYPE));
        out.write(text.getBytes(UTF_8));
    }

    private static String manifestOf(byte[] layer, int size) {
        return "{\"schemaVersion\": 2, \"layers\": [{\"digest\": \"sha256:" + Sha256.of(layer) + "\", \"size\": " + size
                + "}]}";
    }

    private Path staged() {
        return folder.resolve("image");
    }

    private WantedImage wanted() {
        return new WantedImage("proof", Sha256.of(image), bytes);
    }

    private RegistryArtifact artifact(String version) {
        return new RegistryArtifact(
                new OciSource(registry.authority() + "/images/proof" + version, certificate.authority(), null),
                new FetchOptions(credentials, path -> Long.MAX_VALUE, PATIENCE));
    }

    private void bring() {
        artifact(":1").fetch(staged(), wanted(), (done, total) -> {});
    }

    private RefusedException refused(RegistryArtifact artifact) {
        return catchThrowableOfType(RefusedException.class, () -> freshly(artifact));
    }

    private TryLaterException later(RegistryArtifact artifact) {
        return catchThrowableOfType(TryLaterException.class, () -> freshly(artifact));
    }

    private void freshly(RegistryArtifact artifact) throws IOException {
        Files.deleteIfExists(staged());
        artifact.fetch(staged(), wanted(), (done, total) -> {});
    }
}
