package io.trustedlaunch.agent.restorerun;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.host.Accounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayerFoldersTest {
    private static final UUID RESTORE = new UUID(1, 1);

    @TempDir
    private Path root;

    @Test
    void whereOthersWriteTheyAreOnTheHostsOwnDiskUntilTheEnd() throws IOException {
        LayerFolders folders = new LayerFolders(root.resolve("own"), Accounts.ownerOf(root), path -> false);
        Path staging = Files.createDirectory(root.resolve("staging"));

        Path layers = folders.begin(RESTORE, staging);
        Files.createFile(layers.resolve("left by an earlier attempt"));

        assertThat(layers).startsWith(root.resolve("own"));
        assertThat(folders.begin(RESTORE, staging)).isEmptyDirectory();
        folders.end(RESTORE);
        assertThat(layers).doesNotExist();
    }

    @Test
    void onAFileSystemOfThisHostAloneTheyAreInTheRestoresFolder() throws IOException {
        LayerFolders folders = new LayerFolders(root.resolve("own"), Accounts.ownerOf(root), path -> true);

        assertThat(folders.begin(RESTORE, root)).isEqualTo(root);
        folders.end(RESTORE);
        assertThat(root).isDirectory();
    }

    @Test
    void aFileSystemThatIsNotKnownIsNotTakenForItsOwn() {
        LayerFolders folders = new LayerFolders(root.resolve("own"), Accounts.ownerOf(root));

        assertThat(folders.areIn(Path.of("/proc"))).isFalse();
        assertThat(folders.areIn(root.resolve("missing"))).isFalse();
        assertThat(folders.areIn(Path.of("/"))).isTrue();
    }
}
