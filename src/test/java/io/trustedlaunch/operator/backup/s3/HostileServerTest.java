package io.trustedlaunch.operator.backup.s3;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.backup.BackupLocationSpecS3Builder;
import io.trustedlaunch.backup.BackupFile;
import io.trustedlaunch.backup.BackupFileName;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupIndex;
import io.trustedlaunch.backup.BackupRemoval;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.backup.StoreFault;
import io.trustedlaunch.backup.StoreMarker;
import io.trustedlaunch.backup.s3.Retries;
import io.trustedlaunch.backup.s3.S3Marker;
import io.trustedlaunch.backup.s3.S3Store;
import io.trustedlaunch.backup.s3.account.AccountAccess;
import io.trustedlaunch.testkit.BackupLocations;
import io.trustedlaunch.testkit.RawHttpsServer;
import io.trustedlaunch.testkit.S3Server;
import io.trustedlaunch.testkit.ServerCertificate;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server that answers anything. */
class HostileServerTest {
    private static final BackupId ID = new BackupId(new UUID(1, 1), new UUID(2, 2));
    private static final String PACK = BackupFileName.dataPack(0);

    @TempDir
    private static Path folder;

    private static ServerCertificate certificate;

    private RawHttpsServer server;
    private S3Store store;

    @BeforeAll
    static void makeACertificate() throws Exception {
        certificate = ServerCertificate.make(folder, 2);
    }

    @BeforeEach
    void start() throws IOException {
        server = new RawHttpsServer(certificate);
        store = new S3Store(access(), BackupLocations.ID);
    }

    private AccountAccess access() {
        return new AccountAccess(
                BackupLocationSpecS3Builder.builder()
                        .endpoint(server.url(""))
                        .bucket("vms")
                        .secretRef(new ObjectRef("s3"))
                        .caBundle(certificate.authority())
                        .build(),
                S3Server.ACCOUNT,
                Duration.ofHours(1),
                Clock.systemUTC());
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    /** It has the marker, whatever else it does. */
    private void respond(RawHttpsServer.Handler handler) {
        server.respond((request, out) -> {
            if (request.target().contains(StoreMarker.NAME)) {
                out.write(RawHttpsServer.head(200));
                out.write(StoreMarker.encode(BackupLocations.ID));
            } else {
                handler.answer(request, out);
            }
        });
    }

    private void answers(int status, String body, String... headers) {
        respond((request, out) -> {
            out.write(RawHttpsServer.head(status, headers));
            out.write(body.getBytes(UTF_8));
        });
    }

    private static void assertFault(ThrowingCallable call, StoreFault fault) {
        assertThatThrownBy(call)
                .asInstanceOf(type(BackupStoreException.class))
                .extracting(BackupStoreException::fault)
                .isEqualTo(fault);
    }

    private static String error(String code) {
        return "<Error><Code>" + code + "</Code><Message>m</Message></Error>";
    }

    @Test
    void noRedirectIsFollowed() {
        answers(307, "", "Location: " + server.url("/elsewhere"));

        assertFault(store::probe, StoreFault.REFUSED);
        assertFault(() -> store.index(ID), StoreFault.REFUSED);
        assertThatThrownBy(store::probe).hasMessageContaining("a redirect, which is not followed");
        assertThat(server.requests()).noneMatch(request -> request.target().contains("elsewhere"));
    }

    @Test
    void ofItsErrorsOnlyCodesAreRepeated() {
        answers(403, error("AccessDenied"));
        assertThatThrownBy(store::probe).hasMessageContaining("403 AccessDenied");
        answers(403, error("Run: rm -rf /"));
        assertThatThrownBy(store::probe).hasMessageNotContaining("rm -rf");
    }

    @Test
    void eachAnswerHasItsMeaning() {
        answers(503, error("SlowDown"));
        assertFault(store::probe, StoreFault.UNREACHABLE);
        answers(507, "");
        assertFault(store::probe, StoreFault.NO_SPACE);
        answers(400, error("QuotaExceeded"));
        assertFault(store::probe, StoreFault.NO_SPACE);
        answers(403, "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>");
        assertFault(store::probe, StoreFault.EXPIRED);
        answers(418, "");
        assertFault(store::probe, StoreFault.FAILED);
    }

    @Test
    void anObjectThatIsLargerThanItMayBeIsReadUpToThere() throws IOException {
        respond((request, out) -> {
            String range = request.header("range").orElseThrow().substring("bytes=".length());
            long last = Long.parseLong(range.split("-")[1]);
            out.write(RawHttpsServer.head(206, "ETag: \"a\"", "Content-Range: bytes " + range + "/999999999999999"));
            byte[] chunk = new byte[1 << 16];
            for (long at = 0; at < last + (1 << 20); at += chunk.length) {
                out.write(chunk);
            }
        });
        assertThat(store.index(ID).orElseThrow()).hasSize(BackupIndex.MAX_BYTES + 1);
    }

    private S3Store patient(Duration limit) throws IOException {
        return new S3Store(access(), BackupLocations.ID, retries(limit));
    }

    /** In no time: each pause only moves the clock. */
    private static Retries retries(Duration limit) {
        AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
        return new Retries(limit, now::get, time -> now.updateAndGet(before -> before.plus(time)));
    }

    private S3Store impatient(Retries retries) throws IOException {
        return new S3Store(access(), BackupLocations.ID, retries, Duration.ofMillis(300), Optional.empty());
    }

    @Test
    @Timeout(60)
    void aServerThatNeverAnswersIsGivenUp() throws IOException {
        respond((request, out) -> server.awaitClose());
        S3Store asked = impatient(Retries.NONE);

        assertFault(asked::probe, StoreFault.UNREACHABLE);
        assertFault(() -> asked.index(ID), StoreFault.UNREACHABLE);
        assertThatThrownBy(asked::probe).hasMessageContaining("no answer within");
    }

    /** It has begun to answer, so that no time-out of a request holds. */
    @Test
    @Timeout(60)
    void oneThatSendsAFewBytesASecondIsGivenUp() throws IOException {
        respond((request, out) -> {
            out.write(RawHttpsServer.head(
                    206, "ETag: \"a\"", "Content-Length: 1000000", "Content-Range: bytes 0-999999/1000000"));
            do {
                out.write('x');
                out.flush();
            } while (!server.isClosedWithin(Duration.ofMillis(20)));
        });

        S3Store asked = impatient(Retries.NONE);
        assertFault(() -> asked.index(ID), StoreFault.UNREACHABLE);
        assertThatThrownBy(() -> asked.index(ID)).hasMessageContaining("it sends less than 256 KiB a second");
    }

    /** The range that a request asks for. */
    private record Asked(int from, int length) {
        static Asked of(RawHttpsServer.Request request) {
            String[] range = request.header("range")
                    .orElseThrow()
                    .substring("bytes=".length())
                    .split("-");
            int from = Integer.parseInt(range[0]);
            return new Asked(from, Integer.parseInt(range[1]) - from + 1);
        }

        byte[] head(int objectBytes) {
            return RawHttpsServer.head(
                    206,
                    "ETag: \"a\"",
                    "Content-Length: " + length,
                    "Content-Range: bytes " + from + "-" + (from + length - 1) + "/" + objectBytes);
        }
    }

    /** A little progress at each attempt is no end of an outage. */
    @Test
    @Timeout(60)
    void oneThatSendsAFewBytesAtEachAttemptIsGivenUp() {
        respond((request, out) -> {
            Asked asked = Asked.of(request);
            out.write(asked.head(5000));
            out.write(new byte[Math.min(3, asked.length())]);
            if (asked.length() > 3) {
                throw new RawHttpsServer.CutException();
            }
        });

        assertFault(() -> patient(Duration.ofSeconds(20)).index(ID), StoreFault.UNREACHABLE);
        assertThat(server.requests()).hasSizeLessThan(100);
    }

    /** A connection that breaks is no damage: the rest is asked for again. */
    @Test
    void aReadThatBreaksGoesOnWhereItBroke() throws IOException {
        byte[] object = "0123456789".getBytes(UTF_8);
        AtomicInteger asked = new AtomicInteger();
        respond((request, out) -> {
            Asked range = Asked.of(request);
            out.write(range.head(object.length));
            boolean breaks = asked.incrementAndGet() % 2 == 0;
            out.write(object, range.from(), breaks ? Math.min(3, range.length()) : range.length());
            if (breaks) {
                throw new RawHttpsServer.CutException();
            }
        });
        assertThat(patient(Duration.ofMinutes(1)).read(ID, BackupFileName.GUEST_STATE, 100))
                .hasValue(object);
        asked.set(0);
        assertFault(() -> store.read(ID, BackupFileName.GUEST_STATE, 100), StoreFault.UNREACHABLE);
    }

    @Test
    void aPackIsSentAgainAndNotForEver() throws IOException {
        respond((request, out) -> out.write(RawHttpsServer.head(503)));
        S3Store sending =
                new S3Store(access(), BackupLocations.ID, retries(Duration.ofMinutes(1)), folder.resolve("spool"));
        try (BackupStore.NewFile pack = sending.create(ID, PACK)) {
            pack.write(ByteBuffer.wrap(new byte[] {1, 2, 3}));
            assertFault(pack::finish, StoreFault.UNREACHABLE);
        }
        assertThat(server.requests().stream().filter(request -> request.target().contains(PACK)))
                .as("sent once, and asked for then")
                .hasSizeBetween(5, 10);
        assertThat(folder.resolve("spool")).as("nothing is left").isEmptyDirectory();
    }

    @Test
    void aFolderThatTakesNoFilesIsNamed() throws IOException {
        respond((request, out) -> out.write(RawHttpsServer.head(200)));
        Path file = Files.createTempFile(folder, "no", "folder");
        S3Store sending = new S3Store(access(), BackupLocations.ID, Retries.NONE, file);
        assertThatThrownBy(() -> sending.create(ID, PACK)).hasMessageContaining("cannot keep in " + file);
    }

    /** Neither a body without an end nor a length that is not true gives a reader another number of bytes. */
    @Test
    @Timeout(60)
    void aBodyWithoutAnEndIsReadUpToTheLengthOfTheObject() throws IOException {
        respond((request, out) -> {
            String range = request.header("range").orElseThrow().substring("bytes=".length());
            out.write(RawHttpsServer.head(206, "ETag: \"a\"", "Content-Range: bytes " + range + "/5"));
            do {
                out.write(new byte[1 << 16]);
            } while (!server.isClosedWithin(Duration.ofMillis(1)));
        });
        S3Store asked = patient(Duration.ofMinutes(1));

        try (BackupStore.StoredObject disk = asked.open(ID, PACK)) {
            assertThat(disk.bytes()).isEqualTo(5);
            assertThat(disk.range(0, 1L << 40).readAllBytes()).hasSize(5);
        }
    }

    @Test
    void anotherRangeThanTheOneThatWasAskedForIsRefused() {
        respond((request, out) -> {
            out.write(RawHttpsServer.head(206, "ETag: \"a\"", "Content-Range: bytes 0-0/5"));
            out.write(1);
        });
        assertFault(() -> store.index(ID), StoreFault.FAILED);
        answers(200, "all of it", "ETag: \"a\"");
        assertFault(() -> store.index(ID), StoreFault.FAILED);
        answers(206, "1", "ETag: \"a\"", "Content-Range: bytes 0-0/*");
        assertFault(() -> store.index(ID), StoreFault.FAILED);
    }

    @Test
    void aListingNamesNoFileOfItsOwn() throws IOException {
        answers(
                200,
                "<ListBucketResult><CommonPrefixes><Prefix>../../etc/</Prefix></CommonPrefixes>"
                        + "<CommonPrefixes><Prefix></Prefix></CommonPrefixes></ListBucketResult>");
        assertThat(store.vms()).isEmpty();
        answers(
                200,
                "<ListBucketResult><Contents><Key>" + new UUID(9, 9) + "/" + ID.backup()
                        + "/guest-state</Key></Contents><Contents><Key>" + ID.vm() + "/" + ID.backup()
                        + "/../data-00000</Key></Contents></ListBucketResult>");
        store.removeFiles(ID);
        assertThat(server.requests()).allMatch(request -> request.method().equals("GET"));
    }

    @Test
    void aListingWithoutAnEndEnds() {
        answers(200, "<ListBucketResult><NextContinuationToken>again</NextContinuationToken></ListBucketResult>");
        assertFault(store::vms, StoreFault.FAILED);
    }

    /** Each a thousand times a page of S3, and none like another. */
    @Test
    void ofAListingWithTooMuchInEachPageLittleIsAskedFor() {
        AtomicInteger listed = new AtomicInteger();
        respond((request, out) -> {
            StringBuilder page =
                    new StringBuilder("<ListBucketResult><NextContinuationToken>n</NextContinuationToken>");
            for (int i = 0; i < 20_000; i++) {
                page.append("<CommonPrefixes><Prefix>")
                        .append(new UUID(7, listed.incrementAndGet()))
                        .append("/</Prefix></CommonPrefixes>");
            }
            out.write(RawHttpsServer.head(200));
            out.write(page.append("</ListBucketResult>").toString().getBytes(UTF_8));
        });
        assertFault(store::vms, StoreFault.FAILED);
        assertThat(server.requests()).hasSizeLessThan(10);
    }

    /** Each has as many packs as it may have, and none that another has: their names would fill the operator's memory. */
    @Test
    @Timeout(60)
    void ofIndexesWithoutAnEndLittleIsKept() throws IOException {
        String listing = IntStream.range(0, 40)
                .mapToObj(number -> "<CommonPrefixes><Prefix>" + ID.vm() + "/" + new UUID(7, number)
                        + "/</Prefix></CommonPrefixes>")
                .collect(Collectors.joining("", "<ListBucketResult>", "</ListBucketResult>"));
        respond((request, out) -> {
            UUID backup = backup(request);
            boolean lists = request.target().contains("list-type");
            if (lists || !request.target().contains(BackupFileName.INDEX) || isRemoved(backup)) {
                out.write(RawHttpsServer.head(lists ? 200 : 404));
                out.write(lists ? listing.getBytes(UTF_8) : new byte[0]);
                return;
            }
            byte[] index = index(backup);
            int from = Asked.of(request).from();
            int length = Math.min(Asked.of(request).length(), index.length - from);
            out.write(RawHttpsServer.head(
                    206,
                    "ETag: \"a\"",
                    "Content-Range: bytes " + from + "-" + (from + length - 1) + "/" + index.length));
            out.write(index, from, length);
        });

        assertThat(BackupRemoval.remove(store, new BackupId(ID.vm(), new UUID(7, 0))))
                .hasValueSatisfying(why -> assertThat(why).contains("more than 100000 packs"));
    }

    private static UUID backup(RawHttpsServer.Request request) {
        Matcher file = Pattern.compile(ID.vm() + "/([0-9a-f-]{36})/").matcher(request.target());
        return file.find() ? UUID.fromString(file.group(1)) : ID.backup();
    }

    private static boolean isRemoved(UUID backup) {
        return backup.getLeastSignificantBits() < 3;
    }

    private static byte[] index(UUID backup) {
        String digest = "0".repeat(64);
        int number = (int) backup.getLeastSignificantBits();
        List<BackupFile> packs = IntStream.range(number * 4000, (number + 1) * 4000)
                .mapToObj(pack -> new BackupFile(BackupFileName.dataPack(pack % 100_000), 1, digest))
                .sorted(Comparator.comparing(BackupFile::name))
                .toList();
        return new BackupIndex(
                        backup,
                        ID.vm(),
                        "0".repeat(16),
                        List.of(
                                new BackupFile(BackupFileName.DESCRIPTION, 1, digest),
                                new BackupFile(BackupFileName.GUEST_STATE, 1, digest)),
                        List.of(new BackupIndex.Packs(new UUID(7, number / 25 % 3), packs)))
                .encoded();
    }

    @Test
    void noEntityIsResolved() throws IOException {
        answers(
                200,
                "<!DOCTYPE a [<!ENTITY x SYSTEM \"" + server.url("/entity") + "\">]><ListBucketResult><CommonPrefixes>"
                        + "<Prefix>&x;</Prefix></CommonPrefixes></ListBucketResult>");
        assertThat(store.vms()).isEmpty();
        assertThat(server.requests()).noneMatch(request -> request.target().contains("entity"));
    }

    /** What it says of a run decides whether packs of others may go. */
    @Test
    void aRunOfWhichNothingIsKnownIsNoRemovedOne() {
        respond((request, out) -> {
            out.write(RawHttpsServer.head(request.target().contains("list-type") ? 200 : 500));
            out.write(("<ListBucketResult><CommonPrefixes><Prefix>" + ID.vm() + "/" + ID.backup()
                            + "/</Prefix></CommonPrefixes></ListBucketResult>")
                    .getBytes(UTF_8));
        });
        assertFault(() -> store.backups(ID.vm()), StoreFault.UNREACHABLE);
    }

    /** Two pages of a run with more packs than one page has. */
    @Test
    void allPagesOfARunAreRemoved() throws IOException {
        AtomicInteger deleted = new AtomicInteger();
        respond((request, out) -> {
            boolean isSecond = request.target().contains("continuation-token");
            String page = IntStream.range(0, isSecond ? 7 : 40)
                    .mapToObj(number -> "<Contents><Key>" + ID.vm() + "/" + ID.backup() + "/"
                            + BackupFileName.dataPack(number + (isSecond ? 40 : 0)) + "</Key></Contents>")
                    .collect(Collectors.joining());
            switch (request.method()) {
                case "DELETE" -> {
                    deleted.incrementAndGet();
                    out.write(RawHttpsServer.head(204));
                }
                case "PUT" -> out.write(RawHttpsServer.head(200));
                default -> {
                    boolean lists = request.target().contains("list-type");
                    out.write(RawHttpsServer.head(lists ? 200 : 404));
                    out.write(("<ListBucketResult>" + page
                                    + (isSecond ? "" : "<NextContinuationToken>n</NextContinuationToken>")
                                    + "</ListBucketResult>")
                            .getBytes(UTF_8));
                }
            }
        });
        store.removeFiles(ID, pack -> pack.equals(BackupFileName.dataPack(43)));
        assertThat(deleted).hasValue(46);
    }

    @Test
    void withoutItsMarkerNothingIsAskedOfIt() {
        server.respond((request, out) -> out.write(RawHttpsServer.head(404)));
        assertNothingIsAsked("has no marker");
        byte[] other = StoreMarker.encode(new UUID(1, 1));
        server.respond((request, out) -> {
            out.write(RawHttpsServer.head(200));
            out.write(other);
        });
        assertNothingIsAsked("is store " + new UUID(1, 1) + " by its marker");
        server.respond((request, out) -> {
            out.write(RawHttpsServer.head(200));
            do {
                out.write(new byte[1 << 16]);
            } while (!server.isClosedWithin(Duration.ofMillis(1)));
        });
        assertNothingIsAsked("cannot be used: it has more than 1024 bytes");
    }

    /** Each act of a store. */
    private void assertNothingIsAsked(String message) {
        for (ThrowingCallable act : List.<ThrowingCallable>of(
                store::probe,
                () -> store.begin(ID),
                () -> store.create(ID, PACK),
                () -> store.write(ID, BackupFileName.GUEST_STATE, new java.io.ByteArrayInputStream(new byte[1]), 1),
                () -> store.commit(ID, new byte[] {1}),
                () -> store.replaceClusterEscrow(ID, new byte[] {1}),
                () -> store.open(ID, PACK),
                () -> store.index(ID),
                store::vms,
                () -> store.backups(ID.vm()),
                () -> store.removeIndex(ID),
                () -> store.removeFiles(ID))) {
            assertFault(act, StoreFault.UNMARKED);
            assertThatThrownBy(act).hasMessageContaining(message);
        }
        assertThat(server.requests())
                .allMatch(request ->
                        request.method().equals("GET") && request.target().contains(StoreMarker.NAME));
    }

    @Test
    void aMarkerIsMadeOnlyWhereThereIsNone() throws IOException {
        AtomicReference<byte[]> there = new AtomicReference<>();
        server.respond((request, out) -> {
            if (request.method().equals("PUT")) {
                assertThat(request.header("if-none-match")).hasValue("*");
                boolean made = there.compareAndSet(null, StoreMarker.encode(BackupLocations.ID));
                out.write(RawHttpsServer.head(made ? 200 : 412));
            } else {
                out.write(RawHttpsServer.head(there.get() == null ? 404 : 200));
                out.write(there.get() == null ? new byte[0] : there.get());
            }
        });
        S3Marker marker = new S3Marker(access());
        assertThat(marker.find()).isEmpty();
        marker.make(BackupLocations.ID);
        marker.make(BackupLocations.ID);
        assertThat(marker.find()).contains(BackupLocations.ID);
        assertFault(() -> marker.make(new UUID(1, 1)), StoreFault.UNMARKED);
        assertThat(server.requests().stream().filter(request -> request.method().equals("PUT")))
                .hasSize(1);
    }
}
