package io.trustedlaunch.agent.backup;

import static io.trustedlaunch.backup.BackupFixture.VM;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.backup.BackupExtraction.Result;
import io.trustedlaunch.agent.host.Accounts;
import io.trustedlaunch.api.DiskIdentity;
import io.trustedlaunch.backup.BackupFault;
import io.trustedlaunch.backup.BackupFileName;
import io.trustedlaunch.backup.BackupFixture;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupIndex;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.backup.DiskName;
import io.trustedlaunch.custody.BackupKeys;
import io.trustedlaunch.files.FileTree;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Of a backup that uses the packs of the one before. */
class BackupExtractionTest {
    private static final String DATA = DiskName.ofData("data");
    private static final int BLOCK = 64 << 10;

    @TempDir
    private Path folder;

    private final BackupFixture backups = new BackupFixture(1);
    private final Map<String, byte[]> contents = new TreeMap<>();
    private final Map<String, WrittenDisk> written = new TreeMap<>();
    private final List<Long> progress = new ArrayList<>();
    private BackupIndex wanted;
    private Path staging;

    @BeforeEach
    void backUp() throws IOException {
        staging = Files.createDirectory(folder.resolve("staging"));
        contents.put(DiskName.ROOT, backups.bytes(3 * BLOCK));
        contents.put(DATA, backups.bytes(5 * BLOCK - 512));
        BackupIndex first = make(1, Optional.empty());
        byte[] root = Arrays.copyOf(contents.get(DiskName.ROOT), 70 * BLOCK);
        System.arraycopy(backups.bytes(BLOCK), 0, root, 65 * BLOCK, BLOCK);
        contents.put(DiskName.ROOT, root);
        wanted = make(2, Optional.of(first));
        assertThat(wanted.packs()).as("it needs packs of both").hasSize(2);
    }

    private BackupIndex make(int number, Optional<BackupIndex> before) {
        return backups.make(
                VM,
                number,
                before,
                new BackupFixture.Content(
                        Map.copyOf(contents), Map.of(BackupFileName.GUEST_STATE, backups.bytes(100 + number))),
                backups.key);
    }

    private Result extract(BackupStore store, List<String> disks) throws IOException {
        FileTree.of(staging).delete();
        Files.createDirectory(staging);
        written.clear();
        BackupExtraction extraction = new BackupExtraction(store, Accounts.ownerOf(folder), this::make, read -> {
            synchronized (progress) {
                progress.add(read);
            }
        });
        try (BackupKeys keys = BackupKeys.of(backups.key, VM)) {
            return extraction.extract(
                    wanted.ref(),
                    keys,
                    staging,
                    description -> description.disks().stream()
                            .filter(disk -> disks.contains(disk.name()))
                            .toList());
        }
    }

    private void make(Path disk, long bytes, BackupExtraction.Content content) throws IOException {
        WrittenDisk made = new WrittenDisk(bytes);
        written.put(disk.getFileName().toString().replace(".qcow2", ""), made);
        content.writeTo(made);
    }

    @Test
    void disksAndGuestStateAreAsTheyWere() throws IOException {
        assertThat(extract(backups.store, List.of(DiskName.ROOT, DATA)))
                .isInstanceOfSatisfying(Result.Extracted.class, extracted -> {
                    assertThat(extracted.disks())
                            .extracting(BackupExtraction.Disk::dataDisk)
                            .containsExactlyInAnyOrder(
                                    Optional.empty(), Optional.of(DiskIdentity.ofFirstStart("data")));
                    assertThat(extracted.guestState())
                            .hasBinaryContent(backups.disk.content(wanted.id(), BackupFileName.GUEST_STATE));
                });
        contents.forEach((name, content) ->
                assertThat(written.get(name).content()).as(name).isEqualTo(content));
        assertThat(progress.stream().mapToLong(Long::longValue).sum())
                .as("never more than what was announced")
                .isPositive()
                .isLessThanOrEqualTo(wanted.bytes());
    }

    @Test
    void onlyTheDisksThatAreWantedAreMade() throws IOException {
        assertThat(extract(backups.store, List.of(DATA))).isInstanceOf(Result.Extracted.class);
        assertThat(written).containsOnlyKeys(DATA);
        assertThat(written.get(DATA).content()).isEqualTo(contents.get(DATA));
    }

    @Test
    void nothingIsMadeOfABackupThatIsRefused() throws IOException {
        IllegalStateException refusal = new IllegalStateException("not this one");
        try (BackupKeys keys = BackupKeys.of(backups.key, VM)) {
            new BackupExtraction(backups.store, Accounts.ownerOf(folder), this::make, read -> {})
                    .extract(wanted.ref(), keys, staging, description -> {
                        throw refusal;
                    });
        } catch (IllegalStateException e) {
            assertThat(e).isSameAs(refusal);
        }
        assertThat(written).isEmpty();
        assertThat(staging).isEmptyDirectory();
    }

    /** The store's administrator alters one answer, whichever, and none before or after: each is read once, and opened from memory. */
    @Test
    void whatOneAnswerHasThatWasNotSealedIsNeverWritten() throws IOException {
        Answers honest = new Answers(backups.store, -1);
        extract(honest.store(), List.of(DiskName.ROOT, DATA));
        int all = honest.given.get();
        assertThat(all)
                .as("index, description, guest state, and two maps, pages and segments")
                .isGreaterThan(8);

        for (int altered = 0; altered < all; altered++) {
            Result result = extract(new Answers(backups.store, altered).store(), List.of(DiskName.ROOT, DATA));

            assertThat(result).as("answer " + altered).isInstanceOf(Result.Refused.class);
            written.forEach(this::assertNothingElseIsWritten);
        }
    }

    private void assertNothingElseIsWritten(String name, WrittenDisk disk) {
        byte[] expected = contents.get(name);
        byte[] found = disk.content();
        for (int at = 0; at < found.length; at++) {
            if (found[at] != 0 && found[at] != expected[at]) {
                throw new AssertionError(name + " has something else at " + at);
            }
        }
    }

    @Test
    void aPackOfAnotherBackupInItsPlaceIsRefused() throws IOException {
        BackupId other = new BackupId(VM, BackupFixture.backup(1));
        for (String pack : List.of(BackupFileName.dataPack(0), BackupFileName.mapPack(0))) {
            byte[] own = backups.disk.content(wanted.id(), pack);
            backups.disk.alter(wanted.id(), pack, bytes -> backups.disk.content(other, pack));

            assertThat(extract(backups.store, List.of(DiskName.ROOT)))
                    .isInstanceOfSatisfying(Result.Refused.class, refused -> {
                        assertThat(refused.fault()).isIn(BackupFault.ALTERED, BackupFault.TRUNCATED);
                        assertThat(refused.message())
                                .contains(pack, wanted.backup().toString());
                    });
            backups.disk.alter(wanted.id(), pack, bytes -> own);
        }
    }

    /** Alters one answer of a store. */
    private static final class Answers {
        private final BackupStore honest;
        private final int altered;
        private final AtomicInteger given = new AtomicInteger();

        Answers(BackupStore honest, int altered) {
            this.honest = honest;
            this.altered = altered;
        }

        BackupStore store() {
            return proxy(BackupStore.class, honest);
        }

        private <T> T proxy(Class<T> type, T real) {
            return type.cast(Proxy.newProxyInstance(
                    type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> {
                        try {
                            return answer(
                                    method.isDefault()
                                            ? InvocationHandler.invokeDefault(self, method, arguments)
                                            : method.invoke(real, arguments));
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                    }));
        }

        private Object answer(Object real) {
            return switch (real) {
                case BackupStore.StoredObject object -> proxy(BackupStore.StoredObject.class, object);
                case InputStream in -> answer(in);
                case null -> null;
                default -> real;
            };
        }

        private InputStream answer(InputStream in) {
            try (in) {
                byte[] bytes = in.readAllBytes();
                if (given.getAndIncrement() == altered) {
                    bytes[bytes.length / 2] ^= 1;
                }
                return new ByteArrayInputStream(bytes);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
