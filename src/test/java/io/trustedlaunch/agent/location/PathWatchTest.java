package io.trustedlaunch.agent.location;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PathWatchTest {
    private static final long PATIENCE_SECONDS = 20;

    @TempDir
    private Path root;

    private final Semaphore told = new Semaphore(0);
    private Path parent;
    private Path location;
    private PathWatch watch;

    @BeforeEach
    void watch() throws IOException {
        parent = Files.createDirectory(root.resolve("parent"));
        location = Files.createDirectory(parent.resolve("location"));
        watch = new PathWatch(location, told::release);
        watch.watch();
    }

    @AfterEach
    void close() {
        watch.close();
    }

    @Test
    void anotherModeIsToldOfTheFolderAndOfItsParents() throws IOException, InterruptedException {
        Files.setPosixFilePermissions(location, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThat(isTold()).isTrue();

        Files.setPosixFilePermissions(parent, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThat(isTold()).isTrue();
    }

    @Test
    void aFolderThatIsExchangedIsToldAndWatchedOn() throws IOException, InterruptedException {
        Files.move(location, parent.resolve("old"));
        assertThat(isTold()).isTrue();
        Files.createDirectory(location);
        assertThat(isTold()).isTrue();

        watch.watch();
        Files.setPosixFilePermissions(location, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThat(isTold()).isTrue();
    }

    private boolean isTold() throws InterruptedException {
        return told.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
}
