package io.trustedlaunch.backup.folder;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.backup.BackupFileName;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.backup.StoreFault;
import io.trustedlaunch.backup.StoreMarker;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is written, read and removed in a folder with its marker, and in one without, or with another one. */
class FolderMarkerTest {
    private static final UUID ID = UUID.fromString("5b0c1d3e-7a42-4c8e-9f16-2d8a3b4c5d6e");
    private static final UUID OTHER = UUID.fromString("00000000-0000-4000-8000-000000000001");
    private static final BackupId BACKUP = new BackupId(new UUID(1, 1), new UUID(2, 2));
    private static final byte[] INDEX = {7};

    @TempDir
    private Path root;

    private Path folder;
    private Path file;
    private FolderMarker marker;

    @BeforeEach
    void aFolder() throws IOException {
        folder = Files.createDirectory(root.resolve("backups"));
        file = folder.resolve(StoreMarker.NAME);
        marker = new FolderMarker(folder);
    }

    private static void assertUnmarked(ThrowingCallable call) {
        assertFault(call, StoreFault.UNMARKED);
    }

    private static void assertFault(ThrowingCallable call, StoreFault fault) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        BackupStoreException.class,
                        e -> assertThat(e.fault()).as(e.getMessage()).isEqualTo(fault));
    }

    private BackupStore store() {
        return new FolderStore(folder, ID);
    }

    private void back() throws IOException {
        store().write(BACKUP, BackupFileName.GUEST_STATE, new ByteArrayInputStream(new byte[] {1}), 1);
        store().commit(BACKUP, INDEX);
    }

    /** Every act of a store, each of which is refused. */
    private void assertNothingIsDone() throws IOException {
        Set<Path> before = content();
        BackupStore store = store();
        assertUnmarked(() -> store.write(BACKUP, BackupFileName.GUEST_STATE, new ByteArrayInputStream(new byte[1]), 1));
        assertUnmarked(() -> store.commit(BACKUP, INDEX));
        assertUnmarked(() -> store.replaceClusterEscrow(BACKUP, INDEX));
        assertUnmarked(() -> store.open(BACKUP, BackupFileName.GUEST_STATE));
        assertUnmarked(() -> store.index(BACKUP));
        assertUnmarked(store::vms);
        assertUnmarked(() -> store.backups(BACKUP.vm()));
        assertUnmarked(() -> store.removeIndex(BACKUP));
        assertUnmarked(() -> store.removeFiles(BACKUP));
        assertThat(content()).isEqualTo(before);
    }

    private Set<Path> content() throws IOException {
        try (var files = Files.walk(folder)) {
            return Set.copyOf(files.toList());
        }
    }

    @Test
    void withoutItNothingIsDoneAndNoBackupMakesIt() throws IOException {
        assertThat(marker.find()).isEmpty();
        assertNothingIsDone();
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void withAnotherOneNothingIsDone() throws IOException {
        marker.make(ID);
        back();
        Files.write(file, StoreMarker.encode(OTHER));
        assertNothingIsDone();
        assertThat(marker.find()).contains(OTHER);
    }

    @Test
    void onceItIsMadeItIsFoundAndNeverReplaced() throws IOException {
        marker.make(ID);
        marker.make(ID);
        assertThat(marker.find()).contains(ID);
        assertThat(folder).isDirectoryContaining(file::equals);
        assertThat(content()).hasSize(2);
        assertUnmarked(() -> marker.make(OTHER));
        assertThat(marker.find()).contains(ID);
    }

    /** A folder that is not there is not made: it is where a file system is mounted. */
    @Test
    void aMissingFolderIsNotMade() throws IOException {
        Files.delete(folder);
        assertFault(() -> marker.make(ID), StoreFault.UNREACHABLE);
        assertFault(marker::find, StoreFault.UNREACHABLE);
        assertThat(folder).doesNotExist();
    }

    @Test
    void ofTwoThatMakeItAtOnceOneSucceeds() throws Exception {
        for (int round = 0; round < 20; round++) {
            Path place = Files.createDirectory(root.resolve("round-" + round));
            List<UUID> ids = List.of(ID, OTHER);
            List<Callable<Boolean>> makers = new ArrayList<>();
            for (UUID id : ids) {
                makers.add(() -> {
                    try {
                        new FolderMarker(place).make(id);
                        return true;
                    } catch (BackupStoreException e) {
                        return false;
                    }
                });
            }
            try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
                List<Boolean> made = new ArrayList<>();
                for (Future<Boolean> each : threads.invokeAll(makers)) {
                    made.add(each.get());
                }
                UUID there = new FolderMarker(place).find().orElseThrow();
                for (int i = 0; i < 2; i++) {
                    assertThat(made.get(i)).isEqualTo(ids.get(i).equals(there));
                }
            }
        }
    }

    @Test
    void thePowerFailsAtEachWriteAndItIsWholeOrNotThere() throws IOException {
        for (int call = 1; ; call++) {
            MemoryDisk disk = new MemoryDisk();
            disk.failAt(call, new IOException("the power has failed"));
            boolean made = isMade(disk);
            for (MemoryDisk left : disk.afterPowerCut()) {
                boolean there = left.marker().find().isPresent();
                assertThat(there || !made).as("what was reported is there").isTrue();
                left.marker().make(ID);
                assertThat(left.marker().find()).contains(ID);
            }
            if (!disk.hasFailed()) {
                assertThat(made).isTrue();
                return;
            }
        }
    }

    private static boolean isMade(MemoryDisk disk) {
        try {
            disk.marker().make(ID);
            return true;
        } catch (BackupStoreException e) {
            return false;
        }
    }

    @Test
    @Timeout(60)
    void whateverLiesInItsPlaceIsRefused() throws Exception {
        List<Hostile> hostile = List.of(
                () -> Files.createSymbolicLink(file, Files.write(root.resolve("real"), StoreMarker.encode(ID))),
                () -> Files.createSymbolicLink(file, root.resolve("nowhere")),
                () -> new ProcessBuilder("mkfifo", file.toString()).start().waitFor(),
                () -> Files.createDirectory(file),
                () -> enormous(),
                () -> Files.createFile(file),
                () -> Files.writeString(file, "{\"format\":1,\"id\":\"" + ID, UTF_8));
        for (Hostile each : hostile) {
            each.put();
            assertUnmarked(marker::find);
            assertUnmarked(() -> marker.make(ID));
            assertNothingIsDone();
            Files.delete(file);
            Files.deleteIfExists(root.resolve("real"));
        }
    }

    @FunctionalInterface
    private interface Hostile {
        void put() throws Exception;
    }

    /** A file of 1 GiB, of which only the beginning is read. */
    private void enormous() throws IOException {
        try (RandomAccessFile enormous = new RandomAccessFile(file.toFile(), "rw")) {
            enormous.setLength(1L << 30);
        }
    }

    @Test
    void whatABrokenOffAttemptLeftIsNoHindrance() throws IOException {
        Files.writeString(folder.resolve("." + StoreMarker.NAME + "." + ID), "{\"for");
        assertThat(marker.find()).isEmpty();
        marker.make(ID);
        assertThat(content()).hasSize(2);
    }

    /** The file system goes between two acts of one run, and another one, or nothing, is there instead; then it comes back. */
    @Test
    void eachActLooksAnew() throws IOException {
        marker.make(ID);
        BackupStore store = store();
        store.write(BACKUP, BackupFileName.GUEST_STATE, new ByteArrayInputStream(new byte[] {1}), 1);
        Path away = root.resolve("away");
        Files.move(folder, away);
        assertFault(store::vms, StoreFault.UNREACHABLE);
        Files.createDirectory(folder);
        assertNothingIsDone();
        assertUnmarked(() -> store.commit(BACKUP, INDEX));
        new FolderMarker(folder).make(OTHER);
        assertNothingIsDone();

        Files.move(folder, root.resolve("other"));
        Files.move(away, folder);
        store.commit(BACKUP, INDEX);
        assertThat(store.index(BACKUP)).contains(INDEX);
    }

    /** Also if nothing of its files was named yet: a second cluster reads what the first one wrote, by the ID alone. */
    @Test
    void whoKnowsTheIdReadsWhatAnotherWrote() throws IOException {
        marker.make(ID);
        back();
        UUID adopted = new FolderMarker(folder).find().orElseThrow();
        assertThat(new FolderStore(folder, adopted).index(BACKUP)).contains(INDEX);
        assertThat(new FolderStore(folder, adopted).vms()).containsExactly(BACKUP.vm());
    }
}
