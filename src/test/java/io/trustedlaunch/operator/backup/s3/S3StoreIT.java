package io.trustedlaunch.operator.backup.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.api.backup.BackupLocationSpec.S3;
import io.trustedlaunch.api.backup.BackupLocationSpecS3Builder;
import io.trustedlaunch.backup.BackupFileName;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.backup.BackupStore.StoredObject;
import io.trustedlaunch.backup.BackupStoreContract;
import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.backup.StoreFault;
import io.trustedlaunch.backup.s3.BegunUpload;
import io.trustedlaunch.backup.s3.GrantedAccess;
import io.trustedlaunch.backup.s3.Retries;
import io.trustedlaunch.backup.s3.S3Access;
import io.trustedlaunch.backup.s3.S3Request;
import io.trustedlaunch.backup.s3.S3Store;
import io.trustedlaunch.backup.s3.account.AccountAccess;
import io.trustedlaunch.custody.PullCredentials;
import io.trustedlaunch.testkit.BackupLocations;
import io.trustedlaunch.testkit.S3Server;
import io.trustedlaunch.testkit.ServerCertificate;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a real S3 server: as the operator asks it, and as the node of a run does. */
class S3StoreIT extends BackupStoreContract {
    private static final Duration VALIDITY = Duration.ofHours(1);
    private static final int PART = 5 << 20;

    @TempDir
    private static Path folder;

    private static S3Server server;

    private S3 location;

    @BeforeAll
    static void startTheServer() throws Exception {
        server = new S3Server(folder);
    }

    @AfterAll
    static void stopTheServer() {
        server.close();
    }

    @BeforeEach
    void makeABucket() throws IOException {
        location = server.location("b-" + UUID.randomUUID(), "lab/one");
    }

    private static S3Access account(S3 of) {
        return new AccountAccess(of, S3Server.ACCOUNT, VALIDITY, Clock.systemUTC());
    }

    private static S3Store store(S3Access access) throws BackupStoreException {
        return new S3Store(access, BackupLocations.ID);
    }

    @Override
    protected BackupStore store() {
        try {
            return store(account(location));
        } catch (BackupStoreException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i * 31 + (i >> 10));
        }
        return bytes;
    }

    /** A run's node, which has the URLs of its envelope and nothing else. */
    private S3Store node(BackupId id, long diskBytes, BackupId... bases) throws BackupStoreException {
        S3Access account = account(location);
        BegunUpload begun = store(account).begin(id, BackupFileName.ROOT_DISK, diskBytes, 10);
        BegunUpload upload = new BegunUpload(begun.uploadId(), PART, 4);
        GrantedAccess granted =
                GrantedAccess.toWrite(id, account, Map.of(BackupFileName.ROOT_DISK, upload), List.of(bases));
        return store(GrantedAccess.decode(granted.encoded()));
    }

    private static void write(BackupStore store, String file, byte[] content) throws BackupStoreException {
        store.write(ID, file, new ByteArrayInputStream(content), content.length);
    }

    @Test
    void aRunUploadsItsDiskInPartsAndItsIndexLast() throws IOException {
        byte[] disk = bytes(2 * PART + 12345);
        S3Store node = node(ID, disk.length);

        assertThat(node.index(ID)).isEmpty();
        write(node, BackupFileName.ROOT_DISK, disk);
        write(node, BackupFileName.GUEST_STATE, new byte[] {1, 2});
        write(node, BackupFileName.CLUSTER_ESCROW, new byte[] {4});
        node.commit(ID, new byte[] {3});
        node.commit(ID, new byte[] {3});

        assertThat(node.index(ID)).hasValue(new byte[] {3});
        assertThat(Files.readAllBytes(server.bucket(location.bucket())
                        .resolve("lab/one")
                        .resolve(ID.vm().toString())
                        .resolve(ID.backup().toString())
                        .resolve(BackupFileName.ROOT_DISK)))
                .isEqualTo(disk);
        try (StoredObject object = store().open(ID, BackupFileName.ROOT_DISK)) {
            assertThat(object.range(PART - 5, PART))
                    .hasBinaryContent(java.util.Arrays.copyOfRange(disk, PART - 5, 2 * PART - 5));
        }
    }

    @Test
    void aRunReadsTheIndexesThatItMayFollowFromAndNothingElse() throws IOException {
        BackupId base = new BackupId(ID.vm(), UUID.randomUUID());
        BackupId other = new BackupId(ID.vm(), UUID.randomUUID());
        for (BackupId each : List.of(base, other)) {
            write(each, BackupFileName.ROOT_DISK, 1);
            store().commit(each, new byte[] {4});
        }
        S3Store node = node(ID, 1, base);

        assertThat(node.index(base)).hasValue(new byte[] {4});
        assertFault(() -> node.index(other), StoreFault.REFUSED);
        assertFault(() -> node.open(base, BackupFileName.ROOT_DISK), StoreFault.REFUSED);
        assertThat(node.backups(ID.vm()))
                .as("what it may read")
                .containsExactly(new BackupStore.Listed(base.backup(), true));
        assertFault(() -> node.removeIndex(base), StoreFault.REFUSED);
        assertFault(() -> node.removeFiles(base), StoreFault.REFUSED);
        assertFault(() -> node.replaceClusterEscrow(base, new byte[] {1}), StoreFault.REFUSED);
        assertThat(store().index(base)).hasValue(new byte[] {4});
    }

    /** Only an operator could, when the cluster's key is replaced. */
    @Test
    void aRunDoesNotReplaceTheClustersEscrow() throws IOException {
        S3Store node = node(ID, 1);
        write(node, BackupFileName.CLUSTER_ESCROW, new byte[] {4});

        assertThatThrownBy(() -> node.replaceClusterEscrow(ID, new byte[] {5}))
                .isInstanceOf(BackupStoreException.class);
        assertThat(store().read(ID, BackupFileName.CLUSTER_ESCROW, 10)).hasValue(new byte[] {4});
    }

    /** The condition is signed: whoever has the URL cannot leave it out, and replace what is there. */
    @Test
    void theUrlOfAWrittenFileReplacesNothing() throws Exception {
        S3Access account = account(location);
        write(ID, BackupFileName.GUEST_STATE, 1);
        URI url = account.sign(S3Request.create(ID, BackupFileName.GUEST_STATE));

        var request = java.net.http.HttpRequest.newBuilder(url)
                .PUT(java.net.http.HttpRequest.BodyPublishers.ofString("another"))
                .build();
        try (var client = java.net.http.HttpClient.newBuilder()
                .sslContext(io.trustedlaunch.custody.ServerTrust.only(location.caBundle()))
                .build()) {
            assertThat(client.send(request, java.net.http.HttpResponse.BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(403);
        }
        assertThat(store().read(ID, BackupFileName.GUEST_STATE, 10)).hasValue(new byte[] {1});
    }

    @Test
    void aDiskThatIsLargerThanItsUrlsIsRefusedBeforeItIsSent() throws BackupStoreException {
        S3Store node = node(ID, 1);
        assertThatThrownBy(() -> write(node, BackupFileName.ROOT_DISK, new byte[4 * PART + 1]))
                .hasMessageContaining("was expected to have at most " + 4 * PART);
    }

    @Test
    void partsOfABrokenOffUploadAreRemovedWithTheRunsFiles() throws IOException {
        S3Store node = node(ID, 1);
        store(account(location)).begin(ID, BackupFileName.ROOT_DISK, 1, 1);
        write(node, BackupFileName.GUEST_STATE, new byte[] {1});

        store().removeFiles(ID);

        assertThat(store().vms()).isEmpty();
        assertThatThrownBy(() -> write(node, BackupFileName.ROOT_DISK, new byte[] {1}))
                .as("the upload was aborted")
                .isInstanceOf(BackupStoreException.class);
        assertFault(() -> node.commit(ID, new byte[] {1}), StoreFault.MISSING);
    }

    @Test
    void anOpenObjectIsNotAnotherOneInItsPlace() throws IOException {
        write(ID, BackupFileName.ROOT_DISK, 1, 2);
        try (StoredObject object = store().open(ID, BackupFileName.ROOT_DISK)) {
            store().removeFiles(ID);
            write(ID, BackupFileName.ROOT_DISK, 9, 9);
            assertFault(() -> object.range(0, 2), StoreFault.FAILED);
        }
    }

    @Test
    void wrongCredentialsAreRefused() throws BackupStoreException {
        S3Store store = store(new AccountAccess(
                location,
                (PullCredentials.Basic) PullCredentials.basic(S3Server.ACCOUNT.user(), "wrong"),
                VALIDITY,
                Clock.systemUTC()));

        assertFault(store::probe, StoreFault.REFUSED);
        assertThatThrownBy(() -> store.index(ID))
                .hasMessageContaining("403 SignatureDoesNotMatch")
                .hasMessageContaining("spec.s3.secretRef")
                .hasMessageNotContaining("X-Amz");
    }

    @Test
    void whatWasSignedExpires() throws BackupStoreException {
        Clock earlier = Clock.fixed(Instant.now().minus(VALIDITY).minusSeconds(60), ZoneOffset.UTC);
        S3Store store = store(new AccountAccess(location, S3Server.ACCOUNT, VALIDITY, earlier));

        assertFault(() -> store.index(ID), StoreFault.EXPIRED);
        assertFault(() -> store.commit(ID, new byte[] {1}), StoreFault.EXPIRED);
    }

    /** This server looks only for what is too old; others refuse what is signed in their future, too. */
    @Test
    void aClockThatIsWrongHasItsReason() throws BackupStoreException {
        Clock late = Clock.fixed(Instant.now().minus(Duration.ofDays(1)), ZoneOffset.UTC);
        S3Store store = store(new AccountAccess(location, S3Server.ACCOUNT, VALIDITY, late));
        assertThatThrownBy(store::probe).hasMessageContaining("the clock of the server or the operator is wrong");
    }

    @Test
    void aMissingBucketIsUnreachable() throws BackupStoreException {
        S3Store store = store(account(
                BackupLocationSpecS3Builder.builder(location).bucket("missing").build()));

        assertFault(store::probe, StoreFault.UNREACHABLE);
        assertFault(() -> write(store, BackupFileName.GUEST_STATE, new byte[] {1}), StoreFault.UNREACHABLE);
    }

    @Test
    void onlyTheLocationsOwnAuthorityIsTrusted() throws Exception {
        String other = ServerCertificate.make(Files.createTempDirectory(folder, "other"), 2)
                .authority();
        for (Optional<String> authority : List.of(Optional.of(other), Optional.<String>empty())) {
            S3Store store = store(account(BackupLocationSpecS3Builder.builder(location)
                    .caBundle(authority.orElse(null))
                    .build()));
            assertFault(store::probe, StoreFault.UNREACHABLE);
            assertThatThrownBy(store::probe).hasMessageContaining("caBundle");
        }
        assertThatThrownBy(() -> store(account(BackupLocationSpecS3Builder.builder(location)
                        .caBundle("none")
                        .build())))
                .hasMessageContaining("CA bundle");
    }

    @Test
    void aServerThatIsAwayIsUnreachableAndBackLater() throws Exception {
        S3Store store = store(account(location));
        store.probe();
        server.stop();
        try {
            assertFault(store::probe, StoreFault.UNREACHABLE);
        } finally {
            server.start();
        }
        store.probe();
    }

    @Test
    void aServerThatGoesAwayInTheMiddleOfAnUploadLeavesNoObject() throws Exception {
        byte[] disk = bytes(2 * PART);
        S3Store node = node(ID, disk.length);
        InputStream untilTheServerDies = new SequenceInputStream(
                new ByteArrayInputStream(disk, 0, PART + 1000), new FilterInputStream(new ByteArrayInputStream(disk)) {
                    @Override
                    public int read(byte[] into, int offset, int length) throws IOException {
                        server.stop();
                        return super.read(into, offset, length);
                    }
                });
        try {
            assertFault(
                    () -> node.write(ID, BackupFileName.ROOT_DISK, untilTheServerDies, disk.length),
                    StoreFault.UNREACHABLE);
        } finally {
            server.start();
        }
        assertFault(() -> node.commit(ID, new byte[] {1}), StoreFault.MISSING);
        store().removeFiles(ID);
        assertThat(store().vms()).isEmpty();
    }

    /** What a run's node may ask, with something done before each request is signed. */
    private record Meddled(GrantedAccess granted, UnaryOperator<URI> url, Consumer<S3Request> before)
            implements S3Access {
        @Override
        public String name() {
            return granted.name();
        }

        @Override
        public Optional<String> caBundle() {
            return granted.caBundle();
        }

        @Override
        public URI sign(S3Request request) throws BackupStoreException {
            before.accept(request);
            return url.apply(granted.sign(request));
        }

        @Override
        public Optional<List<BackupId>> readable() {
            return granted.readable();
        }

        @Override
        public Optional<BegunUpload> upload(BackupId id, String file) {
            return granted.upload(id, file);
        }
    }

    private GrantedAccess granted(long diskBytes) throws BackupStoreException {
        BegunUpload begun = store(account(location)).begin(ID, BackupFileName.ROOT_DISK, diskBytes, 10);
        BegunUpload upload = new BegunUpload(begun.uploadId(), PART, 4);
        return GrantedAccess.toWrite(ID, account(location), Map.of(BackupFileName.ROOT_DISK, upload), List.of());
    }

    /** In no time: the pauses only move the clock, and do what the test wants. */
    private static Retries retries(Runnable pause) {
        AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
        return new Retries(Duration.ofMinutes(5), now::get, time -> {
            now.updateAndGet(before -> before.plus(time));
            pause.run();
        });
    }

    private static void restart() {
        try {
            server.start();
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aServerThatIsAwayForAWhileDuringARunGetsThePartsAgain() throws Exception {
        byte[] disk = bytes(2 * PART + 77);
        AtomicInteger requests = new AtomicInteger();
        Meddled access = new Meddled(granted(disk.length), url -> url, request -> {
            if (requests.incrementAndGet() % 3 == 0) {
                server.stop();
            }
        });
        S3Store node = new S3Store(access, BackupLocations.ID, retries(S3StoreIT::restart));

        node.write(ID, BackupFileName.ROOT_DISK, new ByteArrayInputStream(disk), disk.length);
        write(node, BackupFileName.GUEST_STATE, new byte[] {1, 2});
        node.commit(ID, new byte[] {3});

        assertThat(requests.get()).isGreaterThan(8);
        assertThat(store().read(ID, BackupFileName.ROOT_DISK, disk.length + 1)).hasValue(disk);
        assertThat(store().read(ID, BackupFileName.GUEST_STATE, 9)).hasValue(new byte[] {1, 2});
        assertThat(store().index(ID)).hasValue(new byte[] {3});
    }

    @Test
    void aPartWhoseConnectionBreaksIsReadAndSentAgain() throws Exception {
        byte[] disk = bytes(2 * PART + 77);
        AtomicBoolean dead = new AtomicBoolean();
        InputStream content = new ByteArrayInputStream(disk) {
            @Override
            public synchronized int read(byte[] into, int offset, int length) {
                if (pos > PART + 1000 && dead.compareAndSet(false, true)) {
                    server.stop();
                }
                return super.read(into, offset, Math.min(length, 1000));
            }
        };
        S3Store node = new S3Store(granted(disk.length), BackupLocations.ID, retries(S3StoreIT::restart));

        node.write(ID, BackupFileName.ROOT_DISK, content, disk.length);

        assertThat(dead).isTrue();
        assertThat(store().read(ID, BackupFileName.ROOT_DISK, disk.length + 1)).hasValue(disk);
    }

    /** The request arrives, and its answer does not. */
    @Test
    void whatWasMadeByARequestWhoseAnswerWasLostCounts() throws Exception {
        byte[] disk = bytes(PART + 77);
        GrantedAccess granted = granted(disk.length);
        Set<String> lost = new HashSet<>();
        AtomicBoolean lose = new AtomicBoolean();
        Meddled access = new Meddled(
                granted, url -> lose.getAndSet(false) ? URI.create("https://localhost:1/") : url, request -> {
                    if (request.onlyIfAbsent() && lost.add(request.toString())) {
                        make(granted, request, disk);
                        lose.set(true);
                    }
                });
        S3Store node = new S3Store(access, BackupLocations.ID, retries(() -> {}));

        node.write(ID, BackupFileName.ROOT_DISK, new ByteArrayInputStream(disk), disk.length);
        write(node, BackupFileName.GUEST_STATE, new byte[] {1, 2});
        node.commit(ID, new byte[] {3});

        assertThat(lost).hasSize(3);
        assertThat(store().read(ID, BackupFileName.ROOT_DISK, disk.length + 1)).hasValue(disk);
        assertFault(() -> write(node, BackupFileName.GUEST_STATE, new byte[] {1, 2}), StoreFault.EXISTS);
    }

    private void make(GrantedAccess granted, S3Request request, byte[] disk) {
        try {
            String file = request.key().substring(request.key().lastIndexOf('/') + 1);
            S3Store other = store(granted);
            switch (file) {
                case BackupFileName.ROOT_DISK -> write(other, file, disk);
                case BackupFileName.INDEX -> other.commit(ID, new byte[] {3});
                default -> write(other, file, new byte[] {1, 2});
            }
        } catch (BackupStoreException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void somethingElseInThePlaceOfAFileIsNotTakenForIt() throws Exception {
        AtomicBoolean first = new AtomicBoolean(true);
        AtomicBoolean lose = new AtomicBoolean();
        Meddled access = new Meddled(
                granted(1),
                url -> lose.getAndSet(false) ? URI.create("https://localhost:1/") : url,
                request -> lose.set(request.onlyIfAbsent() && first.getAndSet(false)));
        write(store(), BackupFileName.GUEST_STATE, new byte[] {1, 2, 3});
        S3Store node = new S3Store(access, BackupLocations.ID, retries(() -> {}));
        assertFault(() -> write(node, BackupFileName.GUEST_STATE, new byte[] {1, 2}), StoreFault.EXISTS);
    }

    @Test
    void anExpiredCertificateIsNotAccepted() throws Exception {
        Path other = Files.createTempDirectory(folder, "expired");
        try (S3Server expired = new S3Server(other, "localhost", ServerCertificate.make(other, -1))) {
            S3Store store = store(account(expired.unmarked("vms", "lab")));
            assertFault(store::probe, StoreFault.UNREACHABLE);
            assertThatThrownBy(store::probe).hasMessageContaining("when the certificate expires");
        }
    }
}
