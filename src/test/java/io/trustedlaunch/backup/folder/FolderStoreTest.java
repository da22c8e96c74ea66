package io.trustedlaunch.backup.folder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.backup.BackupFileName;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.backup.BackupStore.StoredObject;
import io.trustedlaunch.backup.BackupStoreContract;
import io.trustedlaunch.backup.StoreFault;
import io.trustedlaunch.testkit.BackupLocations;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class FolderStoreTest extends BackupStoreContract {
    @TempDir
    private Path folder;

    @TempDir
    private Path elsewhere;

    @Override
    protected BackupStore store() {
        return BackupLocations.store(folder);
    }

    private Path place() {
        return folder.resolve(ID.vm().toString()).resolve(ID.backup().toString());
    }

    @Test
    void aMissingFolderIsUnreachableAndNotMade() {
        Path missing = folder.resolve("missing");
        BackupStore store = new FolderStore(missing, BackupLocations.ID);

        assertFault(() -> store.write(ID, PACK, InputStream.nullInputStream(), 0), StoreFault.UNREACHABLE);
        assertFault(store::vms, StoreFault.UNREACHABLE);
        assertThat(missing).doesNotExist();
        assertThatThrownBy(store::vms).hasMessageContaining(missing.toString()).hasMessageContaining("mounted");
    }

    /** Someone who can write to the storage leads nothing out of it. */
    @Test
    void linksAreFollowedNowhere() throws IOException {
        Files.createSymbolicLink(folder.resolve(ID.vm().toString()), elsewhere);
        assertFault(() -> store().write(ID, PACK, InputStream.nullInputStream(), 0), StoreFault.FOREIGN);
        assertFault(() -> store().backups(ID.vm()), StoreFault.FOREIGN);
        assertFault(() -> store().removeFiles(ID), StoreFault.FOREIGN);
        Files.delete(folder.resolve(ID.vm().toString()));

        Files.createDirectories(place().getParent());
        Files.createSymbolicLink(place(), elsewhere);
        assertFault(() -> store().write(ID, PACK, InputStream.nullInputStream(), 0), StoreFault.FOREIGN);
        assertFault(() -> store().commit(ID, new byte[] {1}), StoreFault.FOREIGN);
        assertThat(store().backups(ID.vm())).isEmpty();
        assertThat(elsewhere).isEmptyDirectory();
    }

    @Test
    void aLinkInPlaceOfAFileIsNeitherReadNorWritten() throws IOException {
        write(ID, PACK, 1);
        Path secret = Files.writeString(elsewhere.resolve("secret"), "secret");
        for (String name : new String[] {BackupFileName.INDEX, BackupFileName.GUEST_STATE, ".index.json.new"}) {
            Files.createSymbolicLink(place().resolve(name), secret);
        }

        assertFault(() -> store().open(ID, BackupFileName.INDEX), StoreFault.FOREIGN);
        assertFault(() -> store().open(ID, BackupFileName.GUEST_STATE), StoreFault.FOREIGN);
        assertFault(
                () -> store().write(ID, BackupFileName.GUEST_STATE, InputStream.nullInputStream(), 0),
                StoreFault.EXISTS);
        assertFault(() -> store().commit(ID, new byte[] {1}), StoreFault.FOREIGN);
        assertThat(secret).hasContent("secret");
    }

    /** A FIFO would hold its reader up, and a device never ends, or does something when it is opened. */
    @Test
    @Timeout(60)
    void whatIsNoFileInPlaceOfOneIsNotOpened() throws Exception {
        write(ID, PACK, 1);
        make("mkfifo", BackupFileName.GUEST_STATE);
        make("mkfifo", BackupFileName.INDEX);
        Files.createDirectory(place().resolve(BackupFileName.DESCRIPTION));
        boolean isRoot = make("mknod", BackupFileName.RECOVERY_ESCROW, "c", "1", "5");

        assertFault(() -> store().open(ID, BackupFileName.GUEST_STATE), StoreFault.FOREIGN);
        assertFault(() -> store().index(ID), StoreFault.FOREIGN);
        assertFault(() -> store().open(ID, BackupFileName.DESCRIPTION), StoreFault.FOREIGN);
        if (isRoot) {
            assertFault(() -> store().open(ID, BackupFileName.RECOVERY_ESCROW), StoreFault.FOREIGN);
        }
    }

    private boolean make(String program, String name, String... more) throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of(program, place().resolve(name).toString()));
        command.addAll(List.of(more));
        return new ProcessBuilder(command).start().waitFor() == 0;
    }

    @Test
    void anOpenFileStaysTheSame() throws IOException {
        write(ID, PACK, 1, 2);
        try (StoredObject object = store().open(ID, PACK)) {
            Path file = place().resolve(PACK);
            Files.delete(file);
            Files.write(file, new byte[] {9, 9, 9});

            assertThat(object.bytes()).isEqualTo(2);
            assertThat(object.range(0, 10)).hasBinaryContent(new byte[] {1, 2});
        }
    }

    @Test
    void whatIsNotABackupIsNotListed() throws IOException {
        write(ID, PACK, 1);
        Files.createDirectory(folder.resolve("lost+found"));
        Files.createDirectory(folder.resolve("3E0A6C1C-6F0E-4A53-9D1B-0B6D5F6C7A11"));
        Files.createFile(place().resolveSibling("00000000-0000-4000-8000-00000000000f"));

        assertThat(store().vms()).containsExactly(ID.vm());
        assertThat(store().backups(ID.vm())).hasSize(1);
    }

    @Test
    void aFolderAmongTheFilesIsNotRemovedWithThem() throws IOException {
        write(ID, PACK, 1);
        Path foreign = Files.createDirectory(place().resolve("foreign"));
        Files.createFile(foreign.resolve("file"));

        assertFault(() -> store().removeFiles(ID), StoreFault.FOREIGN);
        assertThat(foreign.resolve("file")).exists();
        assertFault(() -> store().commit(ID, new byte[] {1}), StoreFault.EXISTS);
        Files.delete(foreign.resolve("file"));
        Files.delete(foreign);
        Path file = Files.createFile(place().resolve("notes"));
        assertFault(() -> store().removeFiles(ID), StoreFault.FOREIGN);
        assertThat(file).exists();
        assertThat(place().resolve(PACK)).exists();
        Files.delete(file);
        store().removeFiles(ID);
        assertThat(folder.resolve(ID.vm().toString())).doesNotExist();
    }
}
