package io.trustedlaunch.agent.imagesource;

import static io.trustedlaunch.testkit.RawHttpsServer.head;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.GuestImageSpec.HttpsSource;
import io.trustedlaunch.custody.PullCredentials;
import io.trustedlaunch.custody.Sha256;
import io.trustedlaunch.testkit.RawHttpsServer;
import io.trustedlaunch.testkit.RawHttpsServer.Request;
import io.trustedlaunch.testkit.ServerCertificate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Images from a real server with its own authority, which sends any bytes. */
class WebFileTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long MUCH = 1L << 50;
    private static final String ETAG = "ETag: \"v1\"";
    private static final Random RANDOM = new Random(7);

    private static ServerCertificate certificate;
    private static RawHttpsServer server;
    private static RawHttpsServer stranger;

    @TempDir
    private Path folder;

    private Path staged;
    private String caBundle;
    private Optional<PullCredentials> credentials = Optional.empty();
    private Duration patience = PATIENCE;
    private long free = MUCH;
    private OptionalLong bytes = OptionalLong.empty();
    private final List<Long> progress = new ArrayList<>();

    @BeforeAll
    static void startServers(@TempDir Path keys) throws Exception {
        certificate = ServerCertificate.make(keys.resolve("server"), 2);
        server = new RawHttpsServer(certificate);
        stranger = new RawHttpsServer(ServerCertificate.make(keys.resolve("stranger"), 2));
    }

    @AfterAll
    static void stopServers() throws IOException {
        server.close();
        stranger.close();
    }

    @BeforeEach
    void begin() {
        server.requests().clear();
        stranger.requests().clear();
        staged = folder.resolve("image");
        caBundle = certificate.authority();
    }

    @Test
    void anImageIsFetchedUnchangedIntoAPrivateFile() throws IOException {
        for (int length : new int[] {1, 1000, 1 << 20, (1 << 20) + 1, 2_500_000}) {
            byte[] image = random(length);
            server.respond((request, out) -> {
                out.write(head(200, "Content-Length: " + image.length));
                out.write(image);
            });
            bring(image);
            assertThat(staged).hasBinaryContent(image);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(staged)))
                    .isEqualTo("rw-------");
            assertThat(progress).isSorted().endsWith((long) length);
            assertAlone();
            Files.delete(staged);
            progress.clear();
        }
    }

    @Test
    void zerosBecomeHoles() throws IOException {
        byte[] image = new byte[4 << 20];
        image[3 << 20] = 1;
        server.respond((request, out) -> {
            out.write(head(200, "Content-Length: " + image.length));
            out.write(image);
        });
        bring(image);
        assertThat(Files.size(staged)).isEqualTo(image.length);
        assertThat(blocks(staged) * 512L).isLessThan(2 << 20);
    }

    /** Received bytes are kept, except those that the JDK's client drops with the connection. */
    @Test
    void aConnectionCutAtAnyByteIsResumed() throws IOException {
        byte[] image = random(16);
        byte[] answer = joined(head(200, "Content-Length: 16", ETAG), image);
        for (int cut = 0; cut < answer.length; cut++) {
            int at = cut;
            server.requests().clear();
            server.respond((request, out) -> {
                if (server.requests().size() == 1) {
                    out.write(answer, 0, at);
                    out.flush();
                    throw new RawHttpsServer.CutException();
                }
                out.write(range(image, request.rangeStart().orElse(0), ETAG));
            });
            // If nothing was received, the client may have repeated the request by itself.
            if (!arrives(image)) {
                long kept = Files.size(staged);
                assertThat(staged).as("cut at %d", at).hasBinaryContent(Arrays.copyOf(image, (int) kept));
                assertThat(kept).isLessThanOrEqualTo(Math.max(0, at - (answer.length - image.length)));
                bring(image);
                assertThat(server.requests().getLast().rangeStart())
                        .isEqualTo(kept > 0 ? Optional.of((int) kept) : Optional.empty());
            }
            assertThat(staged).as("cut at %d", at).hasBinaryContent(image);
            assertAlone();
            Files.delete(staged);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void aLargeImageThatIsCutRepeatedlyIsFetchedInTheEnd(long seed) throws IOException {
        Random random = new Random(seed);
        byte[] image = withHoles(random, 1_100_000 + random.nextInt(1_000_000));
        boolean polite = random.nextBoolean();
        server.respond((request, out) -> {
            byte[] answer = range(image, request.rangeStart().orElse(0), ETAG);
            int cut = server.requests().size() > 8 ? answer.length : 1 + random.nextInt(answer.length);
            out.write(answer, 0, cut);
            out.flush();
            if (cut < answer.length && !polite) {
                throw new RawHttpsServer.CutException();
            }
        });
        int times = 0;
        while (!arrives(image)) {
            times++;
        }
        assertThat(staged).hasBinaryContent(image);
        assertThat(times).as("seed %d", seed).isPositive();
    }

    /** As after a power cut: the length is right, but the last bytes are missing. */
    @Test
    void damagedBytesAreFetchedAgain() throws IOException {
        byte[] image = random(300_000);
        byte[] left = Arrays.copyOf(image, 200_000);
        Arrays.fill(left, 150_000, 200_000, (byte) 0);
        Files.write(staged, left);
        serveRanges(image, ETAG);
        bring(image);
        assertThat(staged).hasBinaryContent(image);
        assertThat(server.requests())
                .extracting(Request::rangeStart)
                .containsExactly(Optional.of(200_000), Optional.empty());
    }

    @Test
    void aCompleteFileIsNotRequested() throws IOException {
        byte[] image = random(3000);
        Files.write(staged, image);
        server.respond((request, out) -> out.write(head(500)));
        bring(image);
        assertThat(server.requests()).isEmpty();
    }

    @Test
    void aFileWithTooManyBytesIsFetchedAgain() throws IOException {
        byte[] image = random(3000);
        Files.write(staged, Arrays.copyOf(image, 3001));
        serveRanges(image, ETAG);
        bring(image);
        assertThat(staged).hasBinaryContent(image);
    }

    @Test
    void withoutRangesADownloadStartsAgain() throws IOException {
        byte[] image = random(100_000);
        Files.write(staged, Arrays.copyOf(image, 60_000));
        server.respond((request, out) -> out.write(joined(head(200, "Content-Length: 100000"), image)));
        bring(image);
        assertThat(staged).hasBinaryContent(image);
        assertThat(server.requests()).hasSize(1);
    }

    @Test
    void aShorterRangeIsFollowedByAnotherRequest() throws IOException {
        byte[] image = random(100_000);
        Files.write(staged, Arrays.copyOf(image, 10_000));
        server.respond((request, out) -> {
            int from = request.rangeStart().orElse(0);
            byte[] part = Arrays.copyOfRange(image, from, Math.min(image.length, from + 30_000));
            out.write(head(
                    206,
                    "Content-Length: " + part.length,
                    "Content-Range: bytes " + from + "-" + (from + part.length - 1) + "/" + image.length));
            out.write(part);
        });
        bring(image);
        assertThat(staged).hasBinaryContent(image);
        assertThat(server.requests()).hasSize(3);
    }

    @ParameterizedTest
    @CsvSource({"bytes 0-99999/100000", "bytes 10001-99999/100000", "bytes x/y", "''", "bytes 99999999999999999999-1/2"
    })
    void afterAnotherRangeADownloadStartsAgain(String part) throws IOException {
        byte[] image = random(100_000);
        Files.write(staged, Arrays.copyOf(image, 10_000));
        server.respond((request, out) -> out.write(
                request.rangeStart().isPresent()
                        ? joined(head(206, "Content-Length: 100000", "Content-Range: " + part), image)
                        : joined(head(200, "Content-Length: 100000"), image)));
        bring(image);
        assertThat(staged).hasBinaryContent(image);
    }

    @Test
    void anotherVersionIsDownloadedFromItsBeginning() throws IOException {
        byte[] before = random(100_000);
        byte[] image = random(120_000);
        dieAfter(50_000, before, "ETag: \"v0\"");

        // The server ignores If-Range; its ETag shows the other version.
        serveRanges(image, ETAG);
        bring(image);
        assertThat(staged).hasBinaryContent(image);
        assertThat(server.requests().get(1).header("if-range")).contains("\"v0\"");
        assertThat(server.requests()).hasSize(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Last-Modified: Wed, 25 Nov 2026 10:00:00 GMT", "X-None: none", "ETag: W/\"weak\""})
    void anUnmarkedOtherVersionIsFoundByItsDigest(String version) throws IOException {
        byte[] before = random(100_000);
        byte[] image = random(120_000);
        dieAfter(50_000, before, version);
        serveRanges(image, version);
        bring(image);
        assertThat(staged).hasBinaryContent(image);
        assertThat(server.requests().get(1).header("if-range"))
                .isEqualTo(version.startsWith("Last") ? Optional.of(version.substring(15)) : Optional.empty());
    }

    @Test
    void anotherImageIsRefusedAndLeavesNothing() throws IOException {
        serveRanges(random(100_000), ETAG);
        RefusedException refused = refused(random(100_000));
        assertThat(refused.reason()).isEqualTo(Reason.DigestMismatch);
        assertThat(refused).hasMessageContaining("image ws2022 at " + server.url("/image") + " has SHA-256 ");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aServerWithChangingContentIsRefusedInTheEnd() throws IOException {
        Files.write(staged, random(10));
        server.respond((request, out) ->
                out.write(range(random(1000), request.rangeStart().orElse(0), "X-None: none")));
        assertThat(refused(random(1000)).reason()).isEqualTo(Reason.DigestMismatch);
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aTooSmallContentLengthIsUsed() throws IOException {
        byte[] image = random(1000);
        server.respond((request, out) -> out.write(joined(head(200, "Content-Length: 999"), image)));
        assertThat(refused(image).reason()).isEqualTo(Reason.DigestMismatch);
    }

    @Test
    void aTooLargeContentLengthIsABrokenConnection() throws IOException {
        byte[] image = random(1000);
        server.respond((request, out) -> out.write(joined(head(200, "Content-Length: 1001"), image)));
        assertThat(later(image)).hasMessageContaining("cannot fetch image ws2022: " + server.url("/image"));
        serveRanges(image, ETAG);
        bring(image);
        assertThat(staged).hasBinaryContent(image);
    }

    @Test
    void aBodyWithoutALengthIsReceivedAndMayBeCut() throws IOException {
        byte[] image = random(1000);
        server.respond((request, out) -> out.write(joined(head(200), image)));
        bring(image);
        Files.delete(staged);
        server.respond((request, out) -> {
            out.write(head(200, "Transfer-Encoding: chunked"));
            out.write("3e8\r\n".getBytes(ISO_8859_1));
            out.write(image, 0, 700);
        });
        later(image);
        serveRanges(image, ETAG);
        bring(image);
        assertThat(staged).hasBinaryContent(image);
    }

    @Test
    void moreBytesThanInTheCatalogAreRefused() throws IOException {
        server.respond((request, out) -> {
            out.write(head(200));
            byte[] chunk = new byte[1 << 16];
            for (int i = 0; i < 1_000_000; i++) {
                out.write(chunk);
            }
        });
        bytes = OptionalLong.of(1_000_000);
        RefusedException refused = refused(random(1));
        assertThat(refused.reason()).isEqualTo(Reason.ImageSizeMismatch);
        assertThat(refused).hasMessageContaining("should have 1000000 bytes, but its source sends more");
        assertThat(progress.getLast()).isLessThanOrEqualTo(1_000_000);
        assertThat(folder).isEmptyDirectory();
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 1})
    void anotherLengthThanInTheCatalogIsRefusedBeforeAByteIsReceived(int more) throws IOException {
        byte[] image = random(100_000);
        serveRanges(random(100_000 + more), ETAG);
        bytes = OptionalLong.of(image.length);
        RefusedException refused = refused(image);
        assertThat(refused.reason()).isEqualTo(Reason.ImageSizeMismatch);
        assertThat(refused).hasMessageContaining("should have 100000 bytes, but its source has " + (100_000 + more));
        assertThat(progress).isEmpty();

        Files.write(staged, Arrays.copyOf(image, 70_000));
        assertThat(refused(image).reason()).isEqualTo(Reason.ImageSizeMismatch);
        assertThat(server.requests().getLast().rangeStart()).contains(70_000);
        assertThat(progress).containsExactly(70_000L);
        assertThat(folder).isEmptyDirectory();
        serveRanges(image, ETAG);
        bring(image);
    }

    @Test
    void anImageTooLargeByItsCatalogIsNotRequested() throws IOException {
        byte[] image = random(1_000_000);
        serveRanges(image, ETAG);
        Files.write(staged, Arrays.copyOf(image, 400_000));
        bytes = OptionalLong.of(image.length);
        free = 999_999;
        RefusedException refused = refused(image);
        assertThat(refused.reason()).isEqualTo(Reason.NoSpace);
        assertThat(refused).hasMessageContaining("600000 more bytes are needed, but only 599999 bytes are free");
        assertThat(server.requests()).isEmpty();
        free = MUCH;
        bring(image);
    }

    @Test
    void anImageThatDoesNotFitIsNotFetched() throws IOException {
        byte[] image = random(1_000_000);
        serveRanges(image, ETAG);
        free = 999_999;
        RefusedException refused = refused(image);
        assertThat(refused.reason()).isEqualTo(Reason.NoSpace);
        assertThat(refused)
                .hasMessageContaining("there is no space for image ws2022 in " + folder)
                .hasMessageContaining("1000000 more bytes are needed, but only 999999 bytes are free");
        assertThat(folder).isEmptyDirectory();
        free = MUCH;
        bring(image);
    }

    @Test
    void aFetchThatUsesReservedSpaceIsStopped() throws IOException {
        server.respond((request, out) -> {
            out.write(head(200));
            byte[] chunk = new byte[1 << 16];
            Arrays.fill(chunk, (byte) 1);
            while (true) {
                out.write(chunk);
            }
        });
        free = 66L << 20;
        RefusedException refused = refused(random(1));
        assertThat(refused.reason()).isEqualTo(Reason.NoSpace);
        assertThat(refused).hasMessageContaining("the rest is reserved for the VMs' disks");
        assertThat(folder).isEmptyDirectory();
    }

    @ParameterizedTest
    @CsvSource({
        "401, ImageAccessDenied, name a Secret with credentials in spec.source.https.credentialsRef",
        "403, ImageAccessDenied, name a Secret",
        "404, ImageSourceMissing, put the image there",
        "410, ImageSourceMissing, put the image there"
    })
    void errorsThatAPersonHasToFixAreRefusals(int status, Reason reason, String message) throws IOException {
        byte[] image = random(1000);
        Files.write(staged, Arrays.copyOf(image, 500));
        server.respond((request, out) -> out.write(head(status, "Content-Length: 0")));
        RefusedException refused = refused(image);
        assertThat(refused.reason()).isEqualTo(reason);
        assertThat(refused)
                .hasMessageContaining(server.url("/image") + " answered " + status)
                .hasMessageContaining(message);

        serveRanges(image, ETAG);
        bring(image);
        assertThat(server.requests().getLast().rangeStart()).contains(500);
    }

    @ParameterizedTest
    @ValueSource(ints = {204, 206, 300, 304, 400, 408, 416, 418, 429, 500, 502, 503, 599})
    void otherErrorsMayBeTemporary(int status) {
        server.respond((request, out) -> out.write(head(status, "Content-Length: 0")));
        TryLaterException later = later(random(10));
        assertThat(later).hasMessageContaining(server.url("/image") + " answered " + status);
        assertThat(later.retryAfter()).isEmpty();
        assertThat(later.madeProgress()).isFalse();
        assertThat(later.reason()).isEqualTo(Reason.ImageSourceUnreachable);
    }

    @Test
    void retryAfterIsReported() {
        server.respond((request, out) -> out.write(head(429, "Content-Length: 0", "Retry-After: 120")));
        assertThat(later(random(10)).retryAfter()).contains(Duration.ofSeconds(120));
        String soon = DateTimeFormatter.RFC_1123_DATE_TIME.format(
                ZonedDateTime.now(ZoneOffset.UTC).plusHours(1));
        server.respond((request, out) -> out.write(head(503, "Content-Length: 0", "Retry-After: " + soon)));
        assertThat(later(random(10)).retryAfter().orElseThrow())
                .isBetween(Duration.ofMinutes(58), Duration.ofMinutes(60));
        server.respond((request, out) -> out.write(head(503, "Content-Length: 0", "Retry-After: soon")));
        assertThat(later(random(10)).retryAfter()).isEmpty();
    }

    @Test
    void aServerThatStopsSendingTimesOutAndTheFetchIsResumed() throws IOException {
        byte[] image = random(1000);
        // Warms up.
        serveRanges(image, ETAG);
        bring(image);
        Files.delete(staged);

        patience = Duration.ofSeconds(5);
        stallAfter(300, image, ETAG);
        TryLaterException later = later(image);
        assertThat(later).hasMessageContaining("sent less than 1 MiB within 5 s");
        assertThat(later.madeProgress()).isTrue();
        server.respond((request, out) -> server.awaitClose());
        patience = Duration.ofSeconds(1);
        assertThat(later(image)).hasMessageContaining("has not begun to answer within 1 s");
        patience = PATIENCE;
        serveRanges(image, ETAG);
        bring(image);
        assertThat(staged).hasBinaryContent(image);
        assertThat(server.requests().getLast().rangeStart()).contains(300);
        assertThat(server.requests().getLast().header("if-range")).contains("\"v1\"");
    }

    /** The server is the attacker: each byte comes in time. */
    @Test
    @Timeout(60)
    void aServerThatSendsOneByteAtATimeTimesOutAndTheFetchIsResumed() throws IOException {
        byte[] image = random(1_000_000);
        serveRanges(image, ETAG);
        bring(image);
        Files.delete(staged);

        patience = Duration.ofSeconds(1);
        server.respond((request, out) -> {
            out.write(head(200, "Content-Length: " + image.length, ETAG));
            for (byte each : image) {
                out.write(each);
                out.flush();
                if (server.isClosedWithin(Duration.ofMillis(20))) {
                    return;
                }
            }
        });
        TryLaterException later = later(image);
        assertThat(later).hasMessageContaining("sent less than 1 MiB within 1 s");
        assertThat(later.madeProgress()).isTrue();
        patience = PATIENCE;
        serveRanges(image, ETAG);
        bring(image);
        assertThat(staged).hasBinaryContent(image);
        assertThat(server.requests().getLast().rangeStart().orElseThrow()).isPositive();
    }

    @Test
    void anUnreachableServerIsRetriedLater() throws IOException {
        RawHttpsServer gone = new RawHttpsServer(certificate);
        String url = gone.url("/image");
        gone.close();
        TryLaterException later = catchThrowableOfType(
                TryLaterException.class, () -> source(url).fetch(staged, wanted(random(10)), this::hear));
        assertThat(later).hasMessageContaining(url);
    }

    @Test
    void aServerOfAnotherAuthorityIsNotTrusted() {
        caBundle = null;
        assertThat(refused(random(10)).reason()).isEqualTo(Reason.ImageServerUntrusted);
        caBundle = certificate.authority();
        RefusedException refused = catchThrowableOfType(
                RefusedException.class,
                () -> source(stranger.url("/image")).fetch(staged, wanted(random(10)), this::hear));
        assertThat(refused.reason()).isEqualTo(Reason.ImageServerUntrusted);
        assertThat(refused).hasMessageContaining("spec.source.https.caBundle");
        assertThat(stranger.requests()).isEmpty();
    }

    @Test
    void aServerOfAnotherNameIsNotTrusted() throws Exception {
        ServerCertificate named = ServerCertificate.make(folder.resolve("named"), 2, "DNS:images.example");
        caBundle = named.authority();
        try (RawHttpsServer misnamed = new RawHttpsServer(named)) {
            RefusedException refused = catchThrowableOfType(
                    RefusedException.class,
                    () -> source(misnamed.url("/image")).fetch(staged, wanted(random(10)), this::hear));
            assertThat(refused.reason()).isEqualTo(Reason.ImageServerUntrusted);
            assertThat(misnamed.requests()).isEmpty();
        }
    }

    @Test
    void anExpiredCertificateIsNotTrusted() throws Exception {
        ServerCertificate over = ServerCertificate.make(folder.resolve("over"), -1);
        caBundle = over.authority();
        try (RawHttpsServer late = new RawHttpsServer(over)) {
            RefusedException refused = catchThrowableOfType(
                    RefusedException.class,
                    () -> source(late.url("/image")).fetch(staged, wanted(random(10)), this::hear));
            assertThat(refused.reason()).isEqualTo(Reason.ImageServerUntrusted);
            assertThat(refused).hasMessageContaining("NotAfter");
        }
    }

    @Test
    void aMalformedBundleOrAddressIsReported() {
        caBundle = "nothing";
        assertThat(refused(random(10)))
                .hasMessageContaining("spec.source.https.caBundle is not a list of certificates in PEM")
                .extracting("reason")
                .isEqualTo(Reason.ImageServerUntrusted);
        caBundle = null;
        for (String url : List.of("https://a b/?token=hunter2", "https://a_b/?token=hunter2", "http://localhost/")) {
            RefusedException refused = catchThrowableOfType(
                    RefusedException.class, () -> source(url).fetch(staged, wanted(random(10)), this::hear));
            assertThat(refused.reason()).as(url).isEqualTo(Reason.ImageSourceMissing);
            assertThat(refused).hasMessageContaining("spec.source.https.url").hasMessageNotContaining("hunter2");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 303, 307, 308})
    void aRedirectToHttpsIsFollowedAndResumed(int status) throws IOException {
        byte[] image = random(1000);
        server.respond((request, out) -> {
            out.write(
                    request.target().equals("/image")
                            ? head(status, "Location: /there/%C3%A4?signature=1", "Content-Length: 0")
                            : range(image, request.rangeStart().orElse(0), ETAG));
        });
        Files.write(staged, Arrays.copyOf(image, 900));
        bring(image);
        assertThat(staged).hasBinaryContent(image);
        assertThat(server.requests().getLast().target()).isEqualTo("/there/%C3%A4?signature=1");
        assertThat(server.requests().getLast().rangeStart()).contains(900);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://localhost:1/x",
                "file:///etc/hostname",
                "ftp://localhost/x",
                "//",
                "https:///etc/hostname",
                "javascript:0",
                "https://a b/",
                "HTTP://localhost/"
            })
    void aRedirectElsewhereIsNotFollowed(String elsewhere) {
        server.respond((request, out) -> out.write(head(302, "Location: " + elsewhere, "Content-Length: 0")));
        RefusedException refused = refused(random(10));
        assertThat(refused.reason()).isEqualTo(Reason.ImageRedirectRefused);
        assertThat(refused).hasMessageContaining("answers 302, a redirect that is not followed");
    }

    /** The server is the attacker: what this host can reach, and the server cannot, is none of its business. */
    @Test
    void aRedirectToAnAddressOfThisHostIsNotFollowed() throws IOException {
        try (RawHttpsServer victim = new RawHttpsServer(certificate, "127.0.0.1")) {
            victim.respond((request, out) -> out.write(head(418, "Content-Length: 0")));
            server.respond((request, out) -> out.write(head(302, "Location: " + victim.url("/"), "Content-Length: 0")));
            RefusedException refused = refused(random(10));
            assertThat(victim.requests()).isEmpty();
            assertThat(refused.reason()).isEqualTo(Reason.ImageRedirectRefused);
            assertThat(refused).hasMessageContaining("127.0.0.1, whose addresses it may not lead to");
        }
    }

    @Test
    void fiveRedirectsAreFollowedAndNotSix() throws IOException {
        byte[] image = random(10);
        server.respond((request, out) -> {
            int step = request.target().length() - "/image".length();
            out.write(
                    step == 5
                            ? range(image, 0, ETAG)
                            : head(302, "Location: " + request.target() + "x", "Content-Length: 0"));
        });
        bring(image);
        server.respond((request, out) -> out.write(head(302, "Location: /image", "Content-Length: 0")));
        server.requests().clear();
        assertThat(refused(random(10)).reason()).isEqualTo(Reason.ImageRedirectRefused);
        assertThat(server.requests()).hasSize(6);
    }

    @Test
    void credentialsAreSentOnlyToTheirServer() throws IOException {
        credentials = Optional.of(PullCredentials.basic("ada", "hunter2"));
        byte[] image = random(10);
        try (RawHttpsServer other = new RawHttpsServer(certificate)) {
            server.respond((request, out) -> out.write(
                    request.target().equals("/image")
                            ? head(302, "Location: " + other.url("/x"), "Content-Length: 0")
                            : range(image, 0, ETAG)));
            other.respond(
                    (request, out) -> out.write(head(302, "Location: " + server.url("/back"), "Content-Length: 0")));
            bring(image);
            assertThat(server.requests())
                    .extracting(request -> request.header("authorization"))
                    .containsExactly(Optional.of("Basic YWRhOmh1bnRlcjI="), Optional.of("Basic YWRhOmh1bnRlcjI="));
            assertThat(other.requests()).hasSize(1);
            assertThat(other.requests().getFirst().headers().toString())
                    .doesNotContainIgnoringCase("authorization")
                    .doesNotContain("YWRhOmh1bnRlcjI=");
        }
    }

    @Test
    void messagesHaveNothingConfidential() {
        credentials = Optional.of(PullCredentials.bearer("hunter2"));
        for (int status : new int[] {401, 404, 500}) {
            server.respond((request, out) -> out.write(head(status, "Content-Length: 0")));
            Throwable refused = catchThrowableOfType(
                    RuntimeException.class,
                    () -> source(server.url("/image?password=hunter3")).fetch(staged, wanted(random(10)), this::hear));
            assertThat(server.requests().getLast().header("authorization")).contains("Bearer hunter2");
            for (Throwable cause = refused; cause != null; cause = cause.getCause()) {
                assertThat(cause.toString()).doesNotContain("hunter");
            }
            if (status == 401) {
                assertThat(refused)
                        .hasMessageContaining("to the credentials in the Secret of spec.source.https.credentialsRef");
            }
        }
    }

    private HttpsSource https(String url) {
        return new HttpsSource(url, caBundle, null);
    }

    private ImageSource source(String url) {
        return new WebFile(https(url), new FetchOptions(credentials, this::freeBeside, patience));
    }

    private long freeBeside(Path file) throws IOException {
        return free - Files.size(file);
    }

    private ImageSource source() {
        return source(server.url("/image"));
    }

    private WantedImage wanted(byte[] image) {
        return new WantedImage("ws2022", Sha256.of(image), bytes);
    }

    private void hear(long done, OptionalLong total) {
        progress.add(done);
    }

    private void bring(byte[] image) {
        source().fetch(staged, wanted(image), this::hear);
    }

    private boolean arrives(byte[] image) {
        try {
            bring(image);
            return true;
        } catch (TryLaterException e) {
            return false;
        }
    }

    private TryLaterException later(byte[] image) {
        return catchThrowableOfType(TryLaterException.class, () -> bring(image));
    }

    private RefusedException refused(byte[] image) {
        return catchThrowableOfType(RefusedException.class, () -> bring(image));
    }

    private void assertAlone() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(staged);
        }
    }

    private static void serveRanges(byte[] image, String version) {
        server.respond(
                (request, out) -> out.write(range(image, request.rangeStart().orElse(0), version)));
    }

    /** Receives so many bytes, then stops the agent. */
    private void dieAfter(int length, byte[] image, String version) throws IOException {
        stallAfter(length, image, version);
        IllegalStateException death = new IllegalStateException("dead");
        Throwable end = catchThrowable(() -> source().fetch(staged, wanted(image), (done, total) -> {
            if (done == length) {
                throw death;
            }
        }));
        assertThat(end).isSameAs(death);
        assertThat(staged).hasBinaryContent(Arrays.copyOf(image, length));
    }

    private static void stallAfter(int length, byte[] image, String version) {
        server.respond((request, out) -> {
            out.write(head(200, "Content-Length: " + image.length, version));
            out.write(image, 0, length);
            out.flush();
            server.awaitClose();
        });
    }

    /** The response of a server with the image to a client that has so many bytes of it. */
    private static byte[] range(byte[] image, int from, String version) {
        if (from == 0) {
            return joined(head(200, "Content-Length: " + image.length, version), image);
        }
        if (from >= image.length) {
            return head(416, "Content-Range: bytes */" + image.length, "Content-Length: 0", version);
        }
        return joined(
                head(
                        206,
                        "Content-Length: " + (image.length - from),
                        "Content-Range: bytes " + from + "-" + (image.length - 1) + "/" + image.length,
                        version),
                Arrays.copyOfRange(image, from, image.length));
    }

    private static long blocks(Path file) throws IOException {
        Process stat = new ProcessBuilder("stat", "-c", "%b", file.toString()).start();
        return Long.parseLong(new String(stat.getInputStream().readAllBytes(), ISO_8859_1).strip());
    }

    private static byte[] joined(byte[] one, byte[] other) {
        byte[] both = Arrays.copyOf(one, one.length + other.length);
        System.arraycopy(other, 0, both, one.length, other.length);
        return both;
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        RANDOM.nextBytes(bytes);
        return bytes;
    }

    private static byte[] withHoles(Random random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        int from = random.nextInt(length / 2);
        Arrays.fill(bytes, from, length - random.nextInt(3) * (length / 8), (byte) 0);
        return bytes;
    }
}
