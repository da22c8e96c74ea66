package io.trustedlaunch.operator.backup.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.api.backup.BackupLocationSpec.S3;
import io.trustedlaunch.api.backup.BackupLocationSpecS3Builder;
import io.trustedlaunch.backup.BackupFile;
import io.trustedlaunch.backup.BackupFileName;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupIndex;
import io.trustedlaunch.backup.BackupRemoval;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.backup.BackupStore.Listed;
import io.trustedlaunch.backup.BackupStore.State;
import io.trustedlaunch.backup.BackupStore.StoredObject;
import io.trustedlaunch.backup.BackupStoreContract;
import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.backup.PackLimits;
import io.trustedlaunch.backup.StoreFault;
import io.trustedlaunch.backup.StoredIndex;
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
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a real S3 server: as the operator asks it, and as the node of a run does. */
class S3StoreIT extends BackupStoreContract {
    private static final Duration VALIDITY = Duration.ofHours(1);
    private static final String PACK = BackupFileName.dataPack(0);
    private static final int MIB = 1 << 20;

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
        return store(access, Retries.NONE);
    }

    private static S3Store store(S3Access access, Retries retries) throws BackupStoreException {
        return new S3Store(access, BackupLocations.ID, retries, folder.resolve("spool"));
    }

    @Override
    protected BackupStore store() {
        try {
            return store(account(location));
        } catch (BackupStoreException e) {
            throw new AssertionError(e);
        }
    }

    /** As each run begins: otherwise it cannot be committed. */
    @Override
    protected void write(BackupId id, String name, int... bytes) throws IOException {
        store().begin(id);
        super.write(id, name, bytes);
    }

    private static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i * 31 + (i >> 10));
        }
        return bytes;
    }

    /** A run's node, which has the URLs of its envelope and nothing else. */
    private S3Store node(BackupIndex... earlier) throws BackupStoreException {
        return store(GrantedAccess.decode(granted(earlier).encoded()));
    }

    private GrantedAccess granted(BackupIndex... earlier) throws BackupStoreException {
        return GrantedAccess.toWrite(ID, account(location), new PackLimits(MIB, 2, 1), List.of(earlier));
    }

    private static void write(BackupStore store, String file, byte[] content) throws BackupStoreException {
        write(store, ID, file, content);
    }

    private static void write(BackupStore store, BackupId id, String file, byte[] content) throws BackupStoreException {
        store.write(id, file, new ByteArrayInputStream(content), content.length);
    }

    private static void pack(BackupStore store, String name, byte[] content) throws IOException {
        try (BackupStore.NewFile pack = store.create(ID, name)) {
            pack.write(ByteBuffer.wrap(content));
            pack.finish();
        }
    }

    @Test
    void aRunWritesItsPacksAndItsIndexLast() throws IOException {
        byte[] data = bytes(3 * MIB + 12345);
        S3Store node = node();

        assertFault(() -> node.commit(ID, new byte[] {3}), StoreFault.MISSING);
        node.begin(ID);
        node.begin(ID);
        assertThat(store().backups(ID.vm())).containsExactly(new Listed(ID.backup(), State.OPEN));
        assertThat(node.index(ID)).isEmpty();
        pack(node, PACK, data);
        pack(node, BackupFileName.mapPack(0), new byte[] {7});
        write(node, BackupFileName.GUEST_STATE, new byte[] {1, 2});
        write(node, BackupFileName.CLUSTER_ESCROW, new byte[] {4});
        node.commit(ID, new byte[] {3});
        node.commit(ID, new byte[] {3});

        assertThat(node.index(ID)).hasValue(new byte[] {3});
        assertThat(store().backups(ID.vm())).containsExactly(new Listed(ID.backup(), State.COMMITTED));
        assertThat(server.bucket(location.bucket())
                        .resolve("lab/one")
                        .resolve(ID.vm().toString())
                        .resolve(ID.backup().toString())
                        .resolve(PACK))
                .hasBinaryContent(data);
        try (StoredObject object = store().open(ID, PACK)) {
            assertThat(object.range(MIB - 5, MIB))
                    .hasBinaryContent(java.util.Arrays.copyOfRange(data, MIB - 5, 2 * MIB - 5));
        }
        assertThat(folder.resolve("spool")).isEmptyDirectory();
    }

    private BackupIndex earlier(long backup) throws IOException {
        BackupFile file = new BackupFile(BackupFileName.DESCRIPTION, 1, "0".repeat(64));
        BackupFile state = new BackupFile(BackupFileName.GUEST_STATE, 1, "0".repeat(64));
        BackupFile map = new BackupFile(BackupFileName.mapPack(0), 1, "0".repeat(64));
        UUID uid = new UUID(3, backup);
        BackupIndex index = new BackupIndex(
                uid, ID.vm(), "0".repeat(16), List.of(file, state), List.of(new BackupIndex.Packs(uid, List.of(map))));
        for (String each : List.of(BackupFileName.DESCRIPTION, BackupFileName.GUEST_STATE, PACK, map.name())) {
            write(index.id(), each, 1);
        }
        store().commit(index.id(), index.encoded());
        return index;
    }

    @Test
    void aRunReadsTheMapsThatItIsComparedWithAndNothingElse() throws IOException {
        BackupIndex base = earlier(1);
        BackupIndex other = earlier(2);
        S3Store node = node(base);

        assertThat(node.index(base.id())).hasValue(base.encoded());
        assertThat(node.read(base.id(), BackupFileName.DESCRIPTION, 9)).hasValue(new byte[] {1});
        assertThat(node.read(base.id(), BackupFileName.mapPack(0), 9)).hasValue(new byte[] {1});
        assertFault(() -> node.open(base.id(), PACK), StoreFault.REFUSED);
        assertFault(() -> node.open(base.id(), BackupFileName.GUEST_STATE), StoreFault.REFUSED);
        assertThat(StoredIndex.read(node, other.ref()))
                .isInstanceOfSatisfying(
                        StoredIndex.Reading.Unusable.class,
                        unusable -> assertThat(unusable.finding().message()).contains("may not ask"));
        assertFault(() -> node.open(other.id(), BackupFileName.mapPack(0)), StoreFault.REFUSED);
        assertThat(node.vms()).as("its own").containsExactly(ID.vm());
        assertFault(() -> node.backups(ID.vm()), StoreFault.REFUSED);
        assertFault(() -> node.removeIndex(base.id()), StoreFault.REFUSED);
        assertFault(() -> node.removeFiles(base.id()), StoreFault.REFUSED);
        assertFault(() -> node.replaceClusterEscrow(base.id(), new byte[] {1}), StoreFault.REFUSED);
        assertThat(store().index(base.id())).hasValue(base.encoded());
    }

    /** Neither of its own VM's earlier backups nor of another VM; nor more than were expected. */
    @Test
    void aRunWritesNoPackButItsOwn() throws IOException {
        BackupIndex base = earlier(1);
        S3Store node = node(base);
        ThrowingCallable more = () -> pack(node, BackupFileName.dataPack(2), new byte[1]);
        ThrowingCallable ofAnother = () -> write(node, new BackupId(new UUID(9, 9), ID.backup()), PACK, new byte[1]);
        ThrowingCallable earlier = () -> write(node, base.id(), BackupFileName.dataPack(1), new byte[1]);
        for (ThrowingCallable act : List.of(more, ofAnother, earlier)) {
            assertFault(act, StoreFault.REFUSED);
        }
        assertThat(store().vms()).containsExactly(ID.vm());
    }

    /** The object would be there, if the node had not been slow. */
    @Test
    void whatASlowNodeSendsAfterTheRemovalGoesWithTheNextOne() throws IOException {
        S3Store node = node();
        node.begin(ID);
        store().removeFiles(ID);
        pack(node, PACK, new byte[] {1});

        assertFault(() -> node.commit(ID, new byte[] {3}), StoreFault.MISSING);
        assertThat(store().backups(ID.vm())).containsExactly(new Listed(ID.backup(), State.REMOVED));
        assertThat(BackupRemoval.remove(store(), new BackupId(ID.vm(), new UUID(8, 8))))
                .isEmpty();
        assertThat(store().vms()).isEmpty();
    }

    @Test
    void aRunThatWasRemovedIsNotCommittedWhilePacksOfItStay() throws IOException {
        S3Store node = node();
        node.begin(ID);
        pack(node, PACK, new byte[] {1});
        pack(node, BackupFileName.dataPack(1), new byte[] {1});
        store().removeFiles(ID, PACK::equals);

        assertFault(() -> node.commit(ID, new byte[] {3}), StoreFault.EXISTS);
        assertThat(store().backups(ID.vm())).containsExactly(new Listed(ID.backup(), State.REMOVED));
        assertThat(store().read(ID, PACK, 9)).isPresent();
        assertThat(store().read(ID, BackupFileName.dataPack(1), 9)).isEmpty();
    }

    /** Only an operator could, when the cluster's key is replaced. */
    @Test
    void aRunDoesNotReplaceTheClustersEscrow() throws IOException {
        S3Store node = node();
        write(node, BackupFileName.CLUSTER_ESCROW, new byte[] {4});

        assertThatThrownBy(() -> node.replaceClusterEscrow(ID, new byte[] {5}))
                .isInstanceOf(BackupStoreException.class);
        assertThat(store().read(ID, BackupFileName.CLUSTER_ESCROW, 10)).hasValue(new byte[] {4});
    }

    /** The condition is signed: whoever has the URL cannot leave it out, and replace what is there. */
    @Test
    void theUrlOfAWrittenPackReplacesNothing() throws Exception {
        S3Access account = account(location);
        write(ID, PACK, 1);
        URI url = account.sign(S3Request.create(ID, PACK));

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
        S3Store node = node();
        assertFault(() -> pack(node, PACK, new byte[] {2}), StoreFault.EXISTS);
        assertThat(store().read(ID, PACK, 10)).hasValue(new byte[] {1});
    }

    @Test
    void anOpenObjectIsNotAnotherOneInItsPlace() throws IOException {
        write(ID, PACK, 1, 2);
        try (StoredObject object = store().open(ID, PACK)) {
            store().removeFiles(ID);
            write(ID, PACK, 9, 9);
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
    void aServerThatGoesAwayInTheMiddleOfAPackLeavesNoObject() throws Exception {
        byte[] data = bytes(2 * MIB);
        S3Store node = node();
        InputStream untilTheServerDies = new SequenceInputStream(
                new ByteArrayInputStream(data, 0, MIB + 1000), new FilterInputStream(new ByteArrayInputStream(data)) {
                    @Override
                    public int read(byte[] into, int offset, int length) throws IOException {
                        server.stop();
                        return super.read(into, offset, length);
                    }
                });
        try {
            assertFault(() -> node.write(ID, PACK, untilTheServerDies, data.length), StoreFault.UNREACHABLE);
        } finally {
            server.start();
        }
        assertThat(store().read(ID, PACK, 1)).isEmpty();
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
        public Optional<UUID> onlyVm() {
            return granted.onlyVm();
        }
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
    void aServerThatIsAwayForAWhileDuringARunGetsThePacksAgain() throws Exception {
        byte[] data = bytes(2 * MIB + 77);
        AtomicInteger requests = new AtomicInteger();
        Meddled access = new Meddled(granted(), url -> url, request -> {
            if (requests.incrementAndGet() % 3 == 0) {
                server.stop();
            }
        });
        S3Store node = store(access, retries(S3StoreIT::restart));

        node.begin(ID);
        pack(node, PACK, data);
        write(node, BackupFileName.GUEST_STATE, new byte[] {1, 2});
        node.commit(ID, new byte[] {3});

        assertThat(requests.get()).isGreaterThan(8);
        assertThat(store().read(ID, PACK, data.length + 1)).hasValue(data);
        assertThat(store().read(ID, BackupFileName.GUEST_STATE, 9)).hasValue(new byte[] {1, 2});
        assertThat(store().index(ID)).hasValue(new byte[] {3});
    }

    @Test
    void aFileWhoseConnectionBreaksIsReadAndSentAgain() throws Exception {
        byte[] data = bytes(2 * MIB + 77);
        AtomicBoolean dead = new AtomicBoolean();
        InputStream content = new ByteArrayInputStream(data) {
            @Override
            public synchronized int read(byte[] into, int offset, int length) {
                if (pos > MIB + 1000 && dead.compareAndSet(false, true)) {
                    server.stop();
                }
                return super.read(into, offset, Math.min(length, 1000));
            }
        };
        S3Store node = store(granted(), retries(S3StoreIT::restart));

        node.write(ID, PACK, content, data.length);

        assertThat(dead).isTrue();
        assertThat(store().read(ID, PACK, data.length + 1)).hasValue(data);
    }

    /** The request arrives, and its answer does not. */
    @Test
    void whatWasMadeByARequestWhoseAnswerWasLostCounts() throws Exception {
        byte[] data = bytes(MIB + 77);
        GrantedAccess granted = granted();
        Set<String> lost = new HashSet<>();
        AtomicBoolean lose = new AtomicBoolean();
        Meddled access = new Meddled(
                granted, url -> lose.getAndSet(false) ? URI.create("https://localhost:1/") : url, request -> {
                    if (request.onlyIfAbsent() && lost.add(request.toString())) {
                        make(granted, request, data);
                        lose.set(true);
                    }
                });
        S3Store node = store(access, retries(() -> {}));

        node.begin(ID);
        pack(node, PACK, data);
        write(node, BackupFileName.GUEST_STATE, new byte[] {1, 2});
        node.commit(ID, new byte[] {3});

        assertThat(lost).hasSize(4);
        assertThat(store().read(ID, PACK, data.length + 1)).hasValue(data);
        assertFault(() -> write(node, BackupFileName.GUEST_STATE, new byte[] {1, 2}), StoreFault.EXISTS);
    }

    private void make(GrantedAccess granted, S3Request request, byte[] data) {
        try {
            String file = request.key().substring(request.key().lastIndexOf('/') + 1);
            S3Store other = store(granted, retries(() -> {}));
            switch (file) {
                case BackupFileName.BEGUN -> other.begin(ID);
                case BackupFileName.INDEX -> other.commit(ID, new byte[] {3});
                case BackupFileName.GUEST_STATE -> write(other, file, new byte[] {1, 2});
                default -> write(other, file, data);
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
                granted(),
                url -> lose.getAndSet(false) ? URI.create("https://localhost:1/") : url,
                request -> lose.set(request.onlyIfAbsent() && first.getAndSet(false)));
        write(store(), BackupFileName.GUEST_STATE, new byte[] {1, 2, 3});
        S3Store node = store(access, retries(() -> {}));
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
