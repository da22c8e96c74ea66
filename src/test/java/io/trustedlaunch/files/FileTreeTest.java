package io.trustedlaunch.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The administrator of the storage puts links where root removes files. */
class FileTreeTest {
    private static final int ROUNDS = 10;
    private static final int FILES = 500;

    @TempDir
    Path location;

    @TempDir
    Path host;

    @BeforeEach
    void aFileOfTheHost() throws IOException {
        Files.writeString(host.resolve("file"), "the host's");
    }

    @Test
    void isRemovedWithEverythingInIt() throws IOException {
        Files.createDirectories(location.resolve("tree/a/b"));
        Files.writeString(location.resolve("tree/a/b/file"), "x");
        Files.createSymbolicLink(location.resolve("tree/a/link"), host);
        Files.createSymbolicLink(location.resolve("tree/dangling"), Path.of("nowhere"));

        FileTree.of(location.resolve("tree")).delete();
        FileTree.of(location.resolve("tree")).delete();
        FileTree.of(location.resolve("missing/tree")).delete();

        assertThat(location).isEmptyDirectory();
        assertThat(host.resolve("file")).exists();
    }

    @Test
    void aLinkInItsPlaceIsRemovedAndNotItsTarget() throws IOException {
        Files.createSymbolicLink(location.resolve("tree"), host);

        FileTree.of(location.resolve("tree")).delete();

        assertThat(location).isEmptyDirectory();
        assertThat(host.resolve("file")).exists();
    }

    @Test
    void aLinkOnTheWayToItLeadsNowhere() throws IOException {
        Files.createSymbolicLink(location.resolve("a"), host);

        assertThatThrownBy(() -> new FileTree(location, Path.of("a/file")).delete())
                .isInstanceOf(IOException.class);

        assertThat(host.resolve("file")).exists();
    }

    @Test
    void nestedFoldersTakeFewDescriptors() throws IOException {
        Files.createDirectories(location.resolve("tree/" + "a/".repeat(40)));

        assertThatThrownBy(() -> FileTree.of(location.resolve("tree")).delete())
                .hasMessageContaining("nested too deeply");
    }

    /** Its files have the names of files of the host, and it is replaced as soon as the first one is removed. */
    @Test
    void aFolderThatBecomesALinkMeanwhileLeadsNowhere() throws Exception {
        makeFiles(host);
        for (int round = 0; round < ROUNDS; round++) {
            Path place = makeFiles(Files.createDirectories(location.resolve(round + "/a")));
            Thread removal = Thread.ofPlatform().start(() -> delete(FileTree.of(place.getParent())));
            while (removal.isAlive() && isComplete(place)) {
                Thread.onSpinWait();
            }
            replace(place);
            removal.join();

            assertThat(isComplete(host)).isTrue();
        }
    }

    private static Path makeFiles(Path folder) throws IOException {
        for (int i = 0; i < FILES; i++) {
            Files.writeString(folder.resolve("file" + i), "x");
        }
        return folder;
    }

    private static boolean isComplete(Path folder) {
        String[] names = folder.toFile().list();
        return names != null && names.length >= FILES;
    }

    private static void delete(FileTree tree) {
        try {
            tree.delete();
        } catch (IOException e) {
            // It was replaced at that moment.
            return;
        }
    }

    private void replace(Path place) {
        try {
            Files.move(place, location.resolve("aside-" + place.getParent().getFileName()));
            Files.createSymbolicLink(place, host);
        } catch (IOException e) {
            // It is gone.
            return;
        }
    }
}
