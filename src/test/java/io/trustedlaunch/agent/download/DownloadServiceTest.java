package io.trustedlaunch.agent.download;

import static io.trustedlaunch.backup.BackupFixture.VM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.trustedlaunch.agent.download.DownloadClient.Received;
import io.trustedlaunch.api.backup.VMBackupDownload;
import io.trustedlaunch.backup.BackupFileName;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupIndex;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.backup.BackupStore.StoredObject;
import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.backup.Pack;
import io.trustedlaunch.backup.StoreFault;
import io.trustedlaunch.backup.pack.GatedStore;
import io.trustedlaunch.custody.RestoreEnvelope;
import io.trustedlaunch.custody.SessionKey;
import io.trustedlaunch.download.DownloadRequest;
import io.trustedlaunch.testkit.Blocked;
import io.trustedlaunch.testkit.SealingKey;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who gets a disk of a backup, what they get, and how it ends; over real sockets. */
class DownloadServiceTest {
    private static final int BLOCK = 64 << 10;
    private static final int LARGE = 48 * BLOCK;
    private static final String ONE = "one";
    private static final long TO_THE_END = DownloadRequest.TO_THE_END;

    private DownloadWorld world = new DownloadWorld(1);
    private final SessionKey key = world.key();

    @AfterEach
    void close() {
        world.close();
    }

    private void impatient(Duration limit) {
        world.close();
        world = new DownloadWorld(1, limit);
    }

    private static byte[] disk(long seed, int blocks) {
        Random random = new Random(seed);
        byte[] content = new byte[blocks * BLOCK - random.nextInt(BLOCK)];
        for (int block = 0; block < blocks; block++) {
            if (random.nextInt(3) == 0) {
                byte[] bytes = new byte[Math.min(BLOCK, content.length - block * BLOCK)];
                random.nextBytes(bytes);
                System.arraycopy(bytes, 0, content, block * BLOCK, bytes.length);
            }
        }
        return content;
    }

    /** Without zeros, and longer than what the sockets hold. */
    private byte[] large() {
        return world.backups.bytes(LARGE);
    }

    private Received download(String name, SessionKey as, long offset, long length, int most) throws IOException {
        try (DownloadClient client = world.connect(name, as)) {
            return client.request(offset, length).receive(most);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void theStreamIsTheDiskOrThePartOfItThatWasAskedFor(long seed) throws IOException {
        byte[] before = disk(seed, 70);
        BackupIndex first = world.backUp(1, Optional.empty(), before);
        byte[] content = before.clone();
        System.arraycopy(disk(seed + 100, 20), 0, content, 30 * BLOCK, 19 * BLOCK);
        BackupIndex second = world.backUp(2, Optional.of(first), content);
        assertThat(second.packs()).as("it needs packs of both").hasSize(2);
        world.grant(ONE, key, second);

        Received all = download(ONE, key, 0, TO_THE_END, content.length);
        assertThat(all.error()).isEmpty();
        assertThat(all.bytes()).isEqualTo(content.length);
        assertThat(all.content()).isEqualTo(content);
        assertThat(all.received()).as("zeros are left out").isLessThan(content.length);
        Random random = new Random(seed);
        for (int draw = 0; draw < 4; draw++) {
            int offset = random.nextInt(content.length + 1);
            int length = random.nextInt(content.length - offset + 1);
            Received part = download(ONE, key, offset, length, content.length);

            byte[] expected = new byte[content.length];
            System.arraycopy(content, offset, expected, offset, length);
            assertThat(part.error()).isEmpty();
            assertThat(part.content()).as("%d from %d", length, offset).isEqualTo(expected);
        }
    }

    @Test
    void aRangeThatTheDiskDoesNotHaveIsRefused() throws IOException {
        world.grant(ONE, key, world.backUp(1, Optional.empty(), disk(1, 3)));
        for (long[] range : new long[][] {
            {-1, 5},
            {0, 3L * BLOCK + 1},
            {3L * BLOCK + 1, TO_THE_END},
            {1, Long.MAX_VALUE},
            {0, -2},
            {Long.MAX_VALUE, 1}
        }) {
            Received received = download(ONE, key, range[0], range[1], 3 * BLOCK);
            assertThat(received.isEnded()).isFalse();
            assertThat(received.error().orElseThrow()).contains("from byte " + range[0]);
        }
        assertThat(world.audited).isEmpty();
    }

    @Test
    void aDownloadIsOnRecordWithItsBytesAndItsOutcome() throws IOException {
        byte[] content = world.backups.bytes(3 * BLOCK);
        world.grant(ONE, key, world.backUp(1, Optional.empty(), content));
        String about = "\"kind\":\"VMBackupDownload\",\"namespace\":\"finance\",\"name\":\"one\",\"uid\":\""
                + Downloads.uid(ONE) + "\",\"vm\":\"" + VM + "\",\"node\":\"host-b\",\"requestedBy\":\"ada\","
                + "\"publicKey\":\"" + key.fingerprint() + "\"";

        download(ONE, key, 0, TO_THE_END, content.length);

        await().until(() -> world.audited.size() == 2);
        assertThat(world.audited.getFirst()).contains("\"act\":\"DownloadOpened\",\"outcome\":\"Success\"," + about);
        assertThat(world.audited.getLast())
                .contains("\"act\":\"DownloadClosed\",\"outcome\":\"Success\"," + about + ",\"bytes\":" + 3 * BLOCK
                        + "}");
    }

    @Test
    void theKeysAreOverwrittenAtTheEnd() throws IOException {
        world.grant(ONE, key, world.backUp(1, Optional.empty(), disk(1, 3)));
        download(ONE, key, 0, TO_THE_END, 3 * BLOCK);
        download(ONE, key, 0, 5L * BLOCK, 3 * BLOCK);

        assertThat(world.keys).hasSize(2);
        await().untilAsserted(() -> assertThat(world.keys)
                .allSatisfy(keys -> assertThat(keys.packSecret()).containsOnly(0)));
    }

    @Test
    void noOtherKeyIsAdmitted() throws IOException {
        BackupIndex backup = world.backUp(1, Optional.empty(), disk(1, 3));
        world.grant(ONE, key, backup);
        SessionKey others = world.key();
        world.grant("two", others, backup);

        for (SessionKey wrong : List.of(world.key(), others)) {
            assertRefusedAtTheDoor(ONE, wrong);
        }
        assertRefusedAtTheDoor("none", key);
        assertThat(world.keys).as("no envelope was opened").isEmpty();
        assertThat(download(ONE, key, 0, TO_THE_END, 3 * BLOCK).isEnded()).isTrue();
    }

    private void assertRefusedAtTheDoor(String name, SessionKey as) {
        assertThatThrownBy(() -> download(name, as, 0, TO_THE_END, 3 * BLOCK)).isInstanceOf(IOException.class);
    }

    @Test
    void aDownloadOfAnotherNodeOrAfterItsTimeIsNoSession() throws IOException {
        BackupIndex backup = world.backUp(1, Optional.empty(), disk(1, 3));
        world.grant(ONE, key, backup, status -> status.nodeName("host-c"));
        assertRefusedAtTheDoor(ONE, key);
        SessionKey second = world.key();
        world.grant("two", second, backup);
        assertThat(world.admits(second)).isTrue();

        world.now = Downloads.NOW.plus(Duration.ofHours(25));
        assertRefusedAtTheDoor("two", second);
        assertThat(world.keys).isEmpty();
    }

    /** Who may write a status can put there an envelope that was sealed for something else. */
    @Test
    void aForgedStatusOpensNothing() throws IOException {
        BackupIndex backup = world.backUp(1, Optional.empty(), disk(1, 3));
        List<String> forged = List.of(
                world.envelope(
                        new RestoreEnvelope.Address(Downloads.uid("another"), VM, Downloads.NODE), world.sealing),
                world.envelope(
                        new RestoreEnvelope.Address(Downloads.uid(ONE), new UUID(1, 2), Downloads.NODE), world.sealing),
                world.envelope(new RestoreEnvelope.Address(Downloads.uid(ONE), VM, "host-c"), new SealingKey("host-c")),
                world.envelope(
                        new RestoreEnvelope.Address(Downloads.uid(ONE), VM, Downloads.NODE),
                        new SealingKey(Downloads.NODE)),
                "c2VhbGVk",
                "not base64");
        for (String envelope : forged) {
            world.grant(ONE, key, backup, status -> status.envelope(envelope));

            Received received = download(ONE, key, 0, TO_THE_END, 3 * BLOCK);

            assertThat(received.isEnded()).isFalse();
            assertThat(received.received()).isZero();
            assertThat(received.error()).isPresent();
        }
        assertThat(world.audited).isEmpty();
        assertThat(world.keys).isEmpty();
    }

    @Test
    void aDiskThatTheBackupDoesNotHaveIsNamed() throws IOException {
        BackupIndex backup = world.backUp(1, Optional.empty(), disk(1, 3));
        world.grant(Downloads.of(
                ONE,
                "data-logs",
                key.fingerprint(),
                backup.ref(),
                status -> status.envelope(world.envelope(
                        new RestoreEnvelope.Address(Downloads.uid(ONE), VM, Downloads.NODE), world.sealing))));

        assertThat(download(ONE, key, 0, TO_THE_END, 3 * BLOCK).error().orElseThrow())
                .contains("has no disk data-logs; it has root");
    }

    @Test
    void theEndOfTheSessionEndsTheStream() throws IOException {
        BackupIndex backup = world.backUp(1, Optional.empty(), large());
        VMBackupDownload download = world.grant(ONE, key, backup);
        try (DownloadClient client = world.connect(ONE, key).request(0, TO_THE_END)) {
            await().until(() -> world.audited.size() == 1);
            world.delete(download);

            Received received = client.receive(LARGE);
            assertThat(received.isEnded()).isFalse();
            assertThat(received.error().orElseThrow()).contains("finance/one expired or was deleted");
        }
        await().until(() -> world.audited.size() == 2);
        assertThat(world.audited.getLast()).contains("\"outcome\":\"Incomplete\"", "\"reason\":\"DownloadEnded\"");
        assertThat(world.keys.getFirst().packSecret()).containsOnly(0);
        assertRefusedAtTheDoor(ONE, key);
    }

    @Test
    void anEnvelopeThatIsSealedAnewEndsNothing() throws IOException {
        byte[] content = large();
        BackupIndex backup = world.backUp(1, Optional.empty(), content);
        world.grant(ONE, key, backup);
        try (DownloadClient client = world.connect(ONE, key).request(0, TO_THE_END)) {
            await().until(() -> world.audited.size() == 1);
            world.grant(ONE, key, backup);

            assertThat(client.receive(content.length).content()).isEqualTo(content);
        }
    }

    @Test
    void anAgentThatStopsSaysSo() throws IOException {
        world.grant(ONE, key, world.backUp(1, Optional.empty(), large()));
        try (DownloadClient client = world.connect(ONE, key).request(0, TO_THE_END)) {
            await().until(() -> world.audited.size() == 1);
            world.stopAgent();

            assertThat(client.receive(LARGE).error().orElseThrow()).contains("shutting down");
        }
    }

    /** Nothing is read ahead for it: what waits is what the sockets hold, and one piece. */
    @Test
    void aClientThatReadsNothingHoldsLittleAndIsEnded() throws IOException {
        impatient(Duration.ofSeconds(2));
        AtomicLong read = new AtomicLong();
        world.grant(ONE, key, world.backUp(1, Optional.empty(), large()));
        world.store = counting(world.backups.store, read);
        try (DownloadClient client = world.connect(ONE, key).request(0, TO_THE_END)) {
            AtomicLong before = new AtomicLong();
            await().pollInterval(Duration.ofMillis(400))
                    .until(() -> read.get() > 0 && before.getAndSet(read.get()) == read.get());
            await().until(() -> {
                world.pass(DownloadWorld.SILENCE.plusSeconds(1));
                return world.audited.size() == 2;
            });
            assertThat(world.audited.getLast()).contains("\"outcome\":\"Incomplete\"", "\"reason\":\"DownloadEnded\"");
            assertThat(read.get()).isLessThan(LARGE * 3L / 4);
            assertThatThrownBy(() -> client.receive(LARGE)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void aClientThatLeavesIsOnRecord() throws IOException {
        world.grant(ONE, key, world.backUp(1, Optional.empty(), large()));
        try (DownloadClient client = world.connect(ONE, key).request(0, TO_THE_END)) {
            await().until(() -> world.audited.size() == 1);
        }
        await().until(() -> world.audited.size() == 2);
        assertThat(world.audited.getLast()).contains("\"outcome\":\"Incomplete\"");
        assertThat(world.keys.getFirst().packSecret()).containsOnly(0);
    }

    @Test
    void aClientThatSendsNoRequestIsClosed() throws IOException {
        impatient(Duration.ofMillis(200));
        world.grant(ONE, key, world.backUp(1, Optional.empty(), disk(1, 3)));
        try (DownloadClient client = world.connect(ONE, key)) {
            assertThatThrownBy(() -> client.receive(BLOCK)).isInstanceOf(IOException.class);
        }
        assertThat(world.keys).isEmpty();
    }

    @Test
    void twoAtOnceGetTheirOwnDisks() throws IOException {
        byte[] mine = large();
        byte[] yours = disk(7, 40);
        SessionKey other = world.key();
        world.grant(ONE, key, world.backUp(1, Optional.empty(), mine));
        world.grant("two", other, world.backUp(2, Optional.empty(), yours));
        try (DownloadClient first = world.connect(ONE, key).request(0, TO_THE_END);
                DownloadClient second = world.connect("two", other).request(0, TO_THE_END)) {
            assertThat(second.receive(yours.length).content()).isEqualTo(yours);
            assertThat(first.receive(mine.length).content()).isEqualTo(mine);
        }
    }

    @Test
    void oneTooManyIsRefusedUntilAnotherHasEnded() throws IOException {
        world.grant(ONE, key, world.backUp(1, Optional.empty(), large()));
        List<DownloadClient> open = new ArrayList<>();
        for (int one = 0; one < DownloadService.MOST; one++) {
            open.add(world.connect(ONE, key).request(0, TO_THE_END));
            int begun = one + 1;
            await().until(() -> world.audited.size() == begun);
        }
        Received refused = download(ONE, key, 0, 10, 10);
        assertThat(refused.error().orElseThrow()).contains("host-b serves " + DownloadService.MOST + " downloads");

        open.removeFirst().close();
        await().until(() -> download(ONE, key, 0, 10, 10).isEnded());
        for (DownloadClient client : open) {
            client.close();
        }
    }

    /** Each byte that a client is given as the disk's is the disk's, and it never takes what is damaged for whole. */
    @Test
    void everyFileThatIsAlteredIsTold() throws IOException {
        byte[] before = new byte[74 * BLOCK];
        System.arraycopy(world.backups.bytes(10 * BLOCK), 0, before, 0, 10 * BLOCK);
        System.arraycopy(world.backups.bytes(10 * BLOCK), 0, before, 64 * BLOCK, 10 * BLOCK);
        BackupIndex first = world.backUp(1, Optional.empty(), before);
        byte[] content = before.clone();
        System.arraycopy(world.backups.bytes(BLOCK), 0, content, 5 * BLOCK, BLOCK);
        BackupIndex second = world.backUp(2, Optional.of(first), content);
        List<Pack> packs = second.neededPacks().toList();
        assertThat(packs).hasSizeGreaterThan(2);
        world.grant(ONE, key, second);

        List<Pack> files = new ArrayList<>(packs);
        files.add(new Pack(second.backup(), BackupFileName.DESCRIPTION));
        files.add(new Pack(second.backup(), BackupFileName.INDEX));
        for (Pack file : files) {
            BackupId id = new BackupId(VM, file.backup());
            byte[] whole = world.backups.disk.content(id, file.file());
            for (byte[] altered : alterations(whole)) {
                world.backups.disk.alter(id, file.file(), bytes -> altered);

                Received received = download(ONE, key, 0, TO_THE_END, content.length);

                assertThat(received.isEnded()).as(file.file()).isFalse();
                assertThat(received.error().orElseThrow())
                        .contains(file.file(), file.backup().toString());
                assertNothingElseCame(received.content(), content);
            }
            world.backups.disk.alter(id, file.file(), bytes -> whole);
        }
        assertThat(download(ONE, key, 0, TO_THE_END, content.length).content()).isEqualTo(content);
    }

    private static List<byte[]> alterations(byte[] whole) {
        byte[] end = whole.clone();
        end[end.length - 1] ^= 1;
        byte[] all = whole.clone();
        for (int at = 0; at < all.length; at++) {
            all[at] ^= 1;
        }
        return List.of(end, all, Arrays.copyOf(whole, 10));
    }

    private static void assertNothingElseCame(byte[] received, byte[] content) {
        for (int at = 0; at < received.length; at++) {
            if (received[at] != 0 && received[at] != content[at]) {
                throw new AssertionError("another byte at " + at);
            }
        }
    }

    @Test
    void aStoreThatIsAwayIsNamed() throws IOException {
        world.grant(ONE, key, world.backUp(1, Optional.empty(), disk(1, 3)));
        world.store = GatedStore.of(world.backups.store, new GatedStore.Gate() {
            @Override
            public void before() throws BackupStoreException {
                throw new BackupStoreException(StoreFault.UNREACHABLE, "the folder /backups does not answer");
            }

            @Override
            public void after() {}
        });

        assertThat(download(ONE, key, 0, TO_THE_END, 3 * BLOCK).error())
                .contains("the folder /backups does not answer");
    }

    /** The client learns why, although the thread that reads has not come back. */
    @Test
    void aStoreThatHangsHoldsNoSession() throws IOException {
        VMBackupDownload download = world.grant(ONE, key, world.backUp(1, Optional.empty(), disk(1, 3)));
        world.store = GatedStore.of(world.backups.store, new GatedStore.Gate() {
            @Override
            public void before() {
                Blocked.untilInterrupted();
            }

            @Override
            public void after() {}
        });
        try (DownloadClient client = world.connect(ONE, key).request(0, TO_THE_END)) {
            await().until(() -> world.keys.size() == 1);
            world.delete(download);

            assertThat(client.receive(3 * BLOCK).error().orElseThrow()).contains("expired or was deleted");
        }
        await().untilAsserted(
                        () -> assertThat(world.keys.getFirst().packSecret()).containsOnly(0));
    }

    /** Counts what is read of packs. */
    private static BackupStore counting(BackupStore store, AtomicLong read) {
        return counting(BackupStore.class, store, read);
    }

    private static <T> T counting(Class<T> type, T real, AtomicLong read) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, given) -> {
                    try {
                        Object result = method.invoke(real, given);
                        if (result instanceof InputStream) {
                            read.addAndGet((long) given[1]);
                        }
                        return result instanceof StoredObject object
                                ? counting(StoredObject.class, object, read)
                                : result;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }
}
