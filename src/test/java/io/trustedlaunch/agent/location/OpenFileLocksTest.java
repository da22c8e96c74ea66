package io.trustedlaunch.agent.location;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpenFileLocksTest {
    private final OpenFileLocks locks = new OpenFileLocks();

    @TempDir
    private Path folder;

    @Test
    void aLockIsSeenUntilItIsClosed() throws IOException {
        Path file = folder.resolve("lock");
        try (FileLocks.Held held = locks.hold(file)) {
            assertThat(locks.isHeld(file)).isTrue();
            assertThat(locks.isHeld(file)).as("asking does not release it").isTrue();
            locks.hold(file).close();
            assertThat(locks.isHeld(file)).as("the other one is closed").isTrue();
        }
        assertThat(locks.isHeld(file)).isFalse();
    }

    /** QEMU's are such, too; Java's, of the process, see them. */
    @Test
    void aLockKeepsOthersFromTheFile() throws IOException {
        Path file = folder.resolve("lock");
        try (FileLocks.Held held = locks.hold(file);
                FileChannel other = FileChannel.open(file, StandardOpenOption.WRITE)) {
            assertThat(other.tryLock()).isNull();
        }
    }

    @Test
    void aLinkIsNotFollowed() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), file);

        assertThatThrownBy(() -> locks.hold(link)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> locks.isHeld(folder.resolve("none"))).isInstanceOf(IOException.class);
    }

    @Test
    void aLockIsSeenThroughAnotherMountIfItsFileSystemForwardsIt() throws IOException {
        Path disk = Files.createDirectory(folder.resolve("disk"));
        Path a = folder.resolve("a");
        Path b = folder.resolve("b");
        try (TwoMounts hosts = TwoMounts.withLocks(disk, a, b)) {
            assertThat(isSeenThrough(a, b)).isTrue();
        }
        try (TwoMounts hosts = TwoMounts.withoutLocks(disk, folder.resolve("c"), folder.resolve("d"))) {
            assertThat(isSeenThrough(folder.resolve("c"), folder.resolve("d"))).isFalse();
        }
    }

    private boolean isSeenThrough(Path a, Path b) throws IOException {
        try (FileLocks.Held held = locks.hold(a.resolve("lock"))) {
            assertThat(locks.isHeld(a.resolve("lock"))).isTrue();
            return locks.isHeld(b.resolve("lock"));
        }
    }
}
