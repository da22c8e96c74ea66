package io.trustedlaunch.agent.imagesource;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.GuestImageSpec.OciSource;
import io.trustedlaunch.custody.PullCredentials;
import io.trustedlaunch.custody.Sha256;
import io.trustedlaunch.testkit.DockerRegistry;
import io.trustedlaunch.testkit.RawHttpsServer;
import io.trustedlaunch.testkit.RegistryToken;
import io.trustedlaunch.testkit.ServerCertificate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images in Debian's docker-registry. */
class RegistryIT {
    private static final String REPOSITORY = "images/proof";
    private static final Optional<PullCredentials> ADA = Optional.of(PullCredentials.basic("ada", "hunter2"));
    private static final byte[] IMAGE = new byte[12 << 20];
    private static final byte[] OTHER = "other".getBytes(UTF_8);

    private static ServerCertificate certificate;
    private static DockerRegistry registry;
    private static String manifest;
    private static String sha256;

    @TempDir
    private Path folder;

    @BeforeAll
    static void push(@TempDir Path files) throws Exception {
        new Random(7).nextBytes(IMAGE);
        sha256 = Sha256.of(IMAGE);
        certificate = ServerCertificate.make(files.resolve("keys"), 2);
        registry = DockerRegistry.withPassword(files.resolve("registry"), certificate, "ada", "hunter2");
        String ada = ADA.orElseThrow().authorization();
        manifest = registry.pushArtifact(REPOSITORY, "1", ada, IMAGE);
        registry.pushArtifact(REPOSITORY, "two", ada, IMAGE, OTHER);
        registry.pushManifest(
                REPOSITORY,
                "index",
                OciManifest.INDEX,
                "{\"schemaVersion\": 2, \"mediaType\": \"" + OciManifest.INDEX
                        + "\", \"manifests\": [{\"mediaType\": \""
                        + OciManifest.MEDIA_TYPE + "\", \"digest\": \"sha256:" + digestOfManifest() + "\", \"size\": "
                        + manifest.length() + "}]}",
                ada);
    }

    @AfterAll
    static void stop() throws InterruptedException {
        registry.close();
    }

    @Test
    void anImageIsFetchedByTagAndByDigest() throws IOException {
        for (String version : new String[] {":1", "@sha256:" + digestOfManifest(), ":0@sha256:" + digestOfManifest()}) {
            bring(version, ADA);
            assertCame();
            Files.delete(staged());
        }
    }

    @Test
    void existingBytesAreNotFetchedAgain() throws IOException {
        Files.write(staged(), Arrays.copyOf(IMAGE, 10 << 20));
        List<Long> heard = new ArrayList<>();
        artifact(":1", ADA).fetch(staged(), wanted(), (done, total) -> heard.add(done));
        assertThat(heard).first().isEqualTo(10L << 20);
        assertThat(heard).isSorted();
        assertCame();
    }

    @Test
    void aFetchResumesAfterTheRegistryRestarts() throws Exception {
        AtomicBoolean killed = new AtomicBoolean();
        TryLaterException later = catchThrowableOfType(
                TryLaterException.class,
                () -> artifact(":1", ADA).fetch(staged(), wanted(), (done, total) -> {
                    if (done > 1 << 20 && !killed.getAndSet(true)) {
                        kill();
                    }
                }));
        assertThat(later.madeProgress()).isTrue();
        assertThat(catchThrowableOfType(TryLaterException.class, () -> bring(":1", ADA))
                        .madeProgress())
                .isFalse();
        long kept = Files.size(staged());
        assertThat(kept).isBetween(1L << 20, IMAGE.length - 1L);
        registry.start();
        bring(":1", ADA);
        assertCame();
    }

    @Test
    void missingOrWrongCredentialsAreRefused() {
        assertThat(refused(":1", Optional.empty())).isEqualTo(Reason.ImageAccessDenied);
        assertThat(refused(":1", Optional.of(PullCredentials.basic("ada", "wrong"))))
                .isEqualTo(Reason.ImageAccessDenied);
        assertThat(refused(":1", Optional.of(PullCredentials.bearer("wrong")))).isEqualTo(Reason.ImageAccessDenied);
        assertThat(folder.resolve("image")).isEmptyFile();
    }

    @Test
    void missingImagesAndOtherArtifactsAreReported() {
        assertThat(refused(":2", ADA)).isEqualTo(Reason.ImageSourceMissing);
        assertThat(refused("@sha256:" + "0".repeat(64), ADA)).isEqualTo(Reason.ImageSourceMissing);
        assertThat(refused(":two", ADA)).isEqualTo(Reason.ImageArtifactUnusable);
        assertThat(refused(":index", ADA)).isEqualTo(Reason.ImageArtifactUnusable);
    }

    @Test
    void aReplacedImageIsNotFetched() {
        RefusedException refused = catchThrowableOfType(
                RefusedException.class,
                () -> artifact(":1", ADA)
                        .fetch(
                                staged(),
                                new WantedImage("proof", "0".repeat(64), OptionalLong.empty()),
                                (done, total) -> {
                                    throw new AssertionError("fetched");
                                }));
        assertThat(refused.reason()).isEqualTo(Reason.DigestMismatch);
    }

    /** With real tokens that the registry verifies. */
    @Test
    void aRegistryWithATokenServerAcceptsKnownUsersOnly() throws Exception {
        try (RawHttpsServer tokens = new RawHttpsServer(certificate);
                DockerRegistry guarded =
                        DockerRegistry.withTokens(folder.resolve("guarded"), certificate, tokens.url("/token"))) {
            RegistryToken token = RegistryToken.of(certificate);
            String pusher = "Bearer " + token.forActions(REPOSITORY, "pull", "push");
            guarded.pushArtifact(REPOSITORY, "1", pusher, IMAGE);
            String answer = "{\"token\": \"" + token.forActions(REPOSITORY, "pull") + "\"}";
            tokens.respond((request, out) -> {
                boolean known = request.header("authorization").equals(ADA.map(PullCredentials::authorization));
                boolean right = request.target().equals("/token?service=test&scope=repository%3Aimages%2Fproof%3Apull");
                out.write(RawHttpsServer.head(
                        known && right ? 200 : 401, "Content-Length: " + (known && right ? answer.length() : 0)));
                out.write((known && right ? answer : "").getBytes(UTF_8));
            });

            OciSource source =
                    new OciSource(guarded.authority() + "/" + REPOSITORY + ":1", certificate.authority(), null);
            new RegistryArtifact(source, ADA).fetch(staged(), wanted(), (done, total) -> {});
            assertCame();

            Files.delete(staged());
            assertThat(catchThrowableOfType(
                                    RefusedException.class,
                                    () -> new RegistryArtifact(source, Optional.empty())
                                            .fetch(staged(), wanted(), (done, total) -> {}))
                            .reason())
                    .isEqualTo(Reason.ImageAccessDenied);
        }
    }

    private static void kill() {
        try {
            registry.kill();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static String digestOfManifest() {
        return Sha256.of(manifest.getBytes(UTF_8));
    }

    private Path staged() {
        return folder.resolve("image");
    }

    private static WantedImage wanted() {
        return new WantedImage("proof", sha256, OptionalLong.empty());
    }

    /** Faster than AssertJ's comparison of so many bytes. */
    private void assertCame() throws IOException {
        assertThat(Files.readAllBytes(staged())).isEqualTo(IMAGE);
    }

    private static RegistryArtifact artifact(String version, Optional<PullCredentials> credentials) {
        return new RegistryArtifact(
                new OciSource(registry.authority() + "/" + REPOSITORY + version, certificate.authority(), null),
                credentials);
    }

    private void bring(String version, Optional<PullCredentials> credentials) {
        artifact(version, credentials).fetch(staged(), wanted(), (done, total) -> {});
    }

    private Reason refused(String version, Optional<PullCredentials> credentials) {
        return catchThrowableOfType(RefusedException.class, () -> bring(version, credentials))
                .reason();
    }
}
