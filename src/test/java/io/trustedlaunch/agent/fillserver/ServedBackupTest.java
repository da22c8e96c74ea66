package io.trustedlaunch.agent.fillserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.nbd.NbdExport;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.backup.BackupFixture;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupRef;
import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.backup.StoreFault;
import io.trustedlaunch.backup.pack.DamagedPackException;
import io.trustedlaunch.backup.pack.GatedStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ServedBackupTest {
    @TempDir
    private Path location;

    private FillFixture fixture;
    private volatile Optional<BackupStoreException> failure = Optional.empty();
    private volatile CountDownLatch reached = new CountDownLatch(0);
    private volatile CountDownLatch held = new CountDownLatch(0);
    private ServedBackup backup;

    @BeforeEach
    void makeBackup() {
        fixture = new FillFixture(location);
        backup = new ServedBackup(content -> GatedStore.of(ServedBackup.opened(content), new GatedStore.Gate() {
            @Override
            public void before() throws BackupStoreException {
                reached.countDown();
                await(held);
                if (failure.isPresent()) {
                    throw failure.get();
                }
            }

            @Override
            public void after() {
                // It failed before.
            }
        }));
    }

    private static void await(CountDownLatch held) {
        try {
            held.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private byte[] read(String disk, int offset, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        NbdExport export = backup.exports().get(disk);
        export.read(offset, bytes);
        return bytes.array();
    }

    @Test
    void disksAreServedOnceThereIsContent() throws IOException {
        assertThat(backup.isServing()).isFalse();
        assertThat(backup.exports()).isEmpty();

        backup.use(fixture.content());

        assertThat(backup.isServing()).isTrue();
        assertThat(backup.exports()).containsOnlyKeys("root", "data-db");
        assertThat(read("root", 0, FillFixture.BYTES)).isEqualTo(fixture.root);
        assertThat(read("data-db", 0, fixture.data.length)).isEqualTo(fixture.data);
        assertThat(backup.trouble()).isEmpty();
    }

    @Test
    void aStoreThatIsAwayMakesReadsWaitUntilItIsBack() throws Exception {
        backup.use(fixture.content());
        failure = Optional.of(new BackupStoreException(StoreFault.UNREACHABLE, "the share is away"));

        CompletableFuture<byte[]> read = CompletableFuture.supplyAsync(() -> {
            try {
                return read("root", 100, 1000);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });

        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(backup.trouble())
                        .get()
                        .extracting(Problem::reason, Problem::message)
                        .containsExactly(
                                Reason.BackupLocationUnavailable, "the guest waits for disk root: the share is away"));
        assertThat(read).isNotDone();
        failure = Optional.empty();
        assertThat(read.get()).isEqualTo(Arrays.copyOfRange(fixture.root, 100, 1100));
        assertThat(backup.trouble()).isEmpty();
    }

    @Test
    void aReadThatWaitsGoesOnWithOtherContentAtOnce() throws Exception {
        backup.use(fixture.content());
        failure = Optional.of(new BackupStoreException(StoreFault.EXPIRED, "the signed URLs have expired"));
        CompletableFuture<byte[]> read = CompletableFuture.supplyAsync(() -> {
            try {
                return read("data-db", 0, 10);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() -> backup.trouble().isPresent());

        failure = Optional.empty();
        backup.use(fixture.content());

        assertThat(read.get()).isEqualTo(Arrays.copyOf(fixture.data, 10));
    }

    @Test
    void whatIsDamagedIsAnErrorUntilItIsMended() throws IOException {
        backup.use(fixture.content());
        Path pack = fixture.folder().resolve("data-00000");
        Path aside = fixture.folder().resolve("aside");
        Files.copy(pack, aside);
        byte[] altered = Files.readAllBytes(pack);
        // The data disk is first, with a block of its own and one of which the disk has a part.
        altered[altered.length - 100] ^= 1;
        Files.write(pack, altered);

        assertThatThrownBy(() -> read("root", FillFixture.BYTES - 10, 10)).isInstanceOf(DamagedPackException.class);

        assertThat(backup.trouble().get().reason()).isEqualTo(Reason.BackupDamaged);
        assertThat(backup.trouble().get().message())
                .contains("data-00000", fixture.index.id().backup().toString());
        assertThat(read("data-db", 0, 10)).isEqualTo(Arrays.copyOf(fixture.data, 10));
        backup.recheck();
        assertThat(backup.trouble()).isPresent();

        Files.move(aside, pack, StandardCopyOption.REPLACE_EXISTING);
        backup.recheck();

        assertThat(backup.trouble()).isEmpty();
        assertThat(read("root", 0, FillFixture.BYTES)).isEqualTo(fixture.root);
    }

    /** A share that is away lets nobody go on who asks it. */
    @Test
    void aStoreThatDoesNotAnswerHoldsUpOneRequestAlone() throws Exception {
        backup.use(fixture.content());
        reached = new CountDownLatch(1);
        held = new CountDownLatch(1);
        CompletableFuture<Void> renewal = CompletableFuture.runAsync(() -> {
            try {
                backup.use(fixture.content());
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        await(reached);

        assertThat(backup.isServing()).isTrue();
        assertThat(backup.exports()).containsOnlyKeys("root", "data-db");
        assertThat(backup.trouble()).isEmpty();
        assertThatThrownBy(() -> backup.use(fixture.content()))
                .isInstanceOf(BackupStoreException.class)
                .hasMessageContaining("is still being opened");
        held.countDown();
        renewal.get();
        assertThat(read("root", 0, FillFixture.BYTES)).isEqualTo(fixture.root);
    }

    @Test
    void aBackupThatCannotBeReachedIsNotServedYet() {
        failure = Optional.of(new BackupStoreException(StoreFault.UNREACHABLE, "the share is away"));

        assertThatThrownBy(() -> backup.use(fixture.content())).isInstanceOf(BackupStoreException.class);
        assertThat(backup.isServing()).isFalse();
    }

    @Test
    void anotherBackupIsRefused() throws IOException {
        backup.use(fixture.content());
        FillContent content = fixture.content();
        BackupRef other = new BackupRef(
                new BackupId(BackupFixture.VM, BackupFixture.backup(2)),
                content.backup().indexSHA256());

        assertThatThrownBy(() -> backup.use(new FillContent(
                        content.location(), other, content.keys(), content.grant(), content.bytesPerSecond())))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("another backup is served");
    }

    @Test
    void aBackupThatIsNotTheOneOnRecordIsRefused() throws IOException {
        Files.writeString(fixture.folder().resolve("index.json"), "{}");

        assertThatThrownBy(() -> backup.use(fixture.content()))
                .isInstanceOfSatisfying(
                        RefusedException.class, e -> assertThat(e.reason()).isEqualTo(Reason.BackupDamaged));
        assertThat(backup.isServing()).isFalse();
    }
}
