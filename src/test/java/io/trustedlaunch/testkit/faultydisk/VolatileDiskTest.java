package io.trustedlaunch.testkit.faultydisk;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.files.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VolatileDiskTest {
    @TempDir
    Path root;

    private Path file;
    private Path seen;
    private VolatileDisk disk;

    @BeforeEach
    void make() throws IOException {
        Path files = Files.createDirectory(root.resolve("files"));
        disk = new VolatileDisk(List.of(files), Files.createDirectory(root.resolve("kept")));
        file = files.resolve("file");
        seen = disk.view(file);
    }

    @Test
    void aDurableFileSurvives() throws IOException {
        DurableFiles.write(seen, new byte[] {1});
        disk.losePower();

        assertThat(file).hasBinaryContent(new byte[] {1});
    }

    @Test
    void aNewFileWhoseFolderWasNotSyncedIsGone() throws IOException {
        Files.write(seen, new byte[] {1});
        DurableFiles.sync(seen);
        disk.losePower();

        assertThat(file).doesNotExist();
    }

    @Test
    void aFileThatWasNotSyncedIsEmptyAlsoAfterItWasRenamed() throws IOException {
        Path draft = seen.resolveSibling("draft");
        Files.write(draft, new byte[] {1});
        Files.move(draft, seen);
        DurableFiles.sync(seen.getParent());
        disk.losePower();

        assertThat(file).isEmptyFile();
    }

    @Test
    void whatWasReplacedOrRemovedIsThereAgain() throws IOException {
        DurableFiles.write(seen, new byte[] {1});
        Path draft = seen.resolveSibling("draft");
        DurableFiles.write(draft, new byte[] {2});
        Files.move(draft, seen, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
        Files.delete(seen);
        disk.losePower();

        assertThat(file).hasBinaryContent(new byte[] {1});
        assertThat(file.resolveSibling("draft")).hasBinaryContent(new byte[] {2});
    }

    @Test
    void aRemovalIsThereOnceTheFolderIsSynced() throws IOException {
        DurableFiles.write(seen, new byte[] {1});
        Files.delete(seen);
        DurableFiles.sync(seen.getParent());
        disk.losePower();

        assertThat(file).doesNotExist();
    }

    @Test
    void aFolderIsThereOnceTheOneThatHasItIsSynced() throws IOException {
        Files.createDirectory(seen);
        DurableFiles.sync(seen.getParent());
        DurableFiles.write(seen.resolve("durable"), new byte[] {1});
        Files.createDirectory(seen.resolveSibling("other"));
        DurableFiles.write(seen.resolveSibling("other").resolve("durable"), new byte[] {1});
        disk.losePower();

        assertThat(file.resolve("durable")).hasBinaryContent(new byte[] {1});
        assertThat(file.resolveSibling("other")).doesNotExist();
    }
}
