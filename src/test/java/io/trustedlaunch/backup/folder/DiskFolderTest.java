package io.trustedlaunch.backup.folder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.files.ForeignFileException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class DiskFolderTest extends FolderContract {
    @TempDir
    private Path folder;

    @TempDir
    private Path elsewhere;

    @Override
    Folder root() throws IOException {
        return DiskFolder.root(folder);
    }

    @Test
    void onlyTheOwnerCanReadWhatIsMade() throws IOException {
        try (Folder root = root()) {
            write(root, "one", 1);
            root.make("sub");
        }

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("one"))))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("sub"))))
                .isEqualTo("rwx------");
    }

    @Test
    void noLinkIsFollowed() throws IOException {
        Path secret = Files.writeString(elsewhere.resolve("secret"), "secret");
        Files.createSymbolicLink(folder.resolve("file"), secret);
        Files.createSymbolicLink(folder.resolve("sub"), elsewhere);
        Files.createSymbolicLink(folder.resolve("none"), elsewhere.resolve("none"));

        try (Folder root = root()) {
            assertThatThrownBy(() -> root.read("file")).isInstanceOf(ForeignFileException.class);
            assertThatThrownBy(() -> root.open("sub")).isInstanceOf(ForeignFileException.class);
            assertThatThrownBy(() -> root.deleteFolder("sub")).isInstanceOf(ForeignFileException.class);
            assertThatThrownBy(() -> root.create("none")).isInstanceOf(FileAlreadyExistsException.class);
            assertThatThrownBy(() -> root.make("none")).isInstanceOf(FileAlreadyExistsException.class);
            root.delete("file");
        }
        assertThat(elsewhere).isDirectoryContaining("glob:**secret");
        assertThat(elsewhere.resolve("none")).doesNotExist();
    }

    @Test
    void anOpenFolderStaysTheSameWhateverItsNameLeadsTo() throws IOException {
        Files.createDirectory(folder.resolve("sub"));
        try (Folder root = root();
                Folder sub = root.open("sub")) {
            Files.move(folder.resolve("sub"), folder.resolve("moved"));
            Files.createSymbolicLink(folder.resolve("sub"), elsewhere);

            write(sub, "one", 1);
            sub.link("one", "two");
            sub.sync();
        }
        assertThat(folder.resolve("moved/two")).exists();
        assertThat(elsewhere).isEmptyDirectory();
    }

    @Test
    void noNameLeadsOut() throws IOException {
        try (Folder root = root()) {
            for (String name : new String[] {"", ".", "..", "../x", "a/b", "/etc"}) {
                assertThatThrownBy(() -> root.create(name)).isInstanceOf(IllegalArgumentException.class);
                assertThatThrownBy(() -> root.link("one", name)).isInstanceOf(IllegalArgumentException.class);
            }
        }
    }

    @Test
    @Timeout(60)
    void aFifoDoesNotBlockItsReader() throws Exception {
        assertThat(new ProcessBuilder("mkfifo", folder.resolve("one").toString())
                        .start()
                        .waitFor())
                .isZero();

        try (Folder root = root()) {
            assertThatThrownBy(() -> root.read("one")).isInstanceOf(ForeignFileException.class);
        }
    }
}
