package io.trustedlaunch.agent.location;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
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

    /** As NFS 3 with nolock does: each mount stands for a host, and keeps its locks to itself. */
    @Test
    void twoMountsOfOneFolderWithoutLockForwardingDoNotSeeEachOthersLocks() throws Exception {
        assumeTrue(Files.isWritable(Path.of("/dev/fuse")), "skipped: there is no /dev/fuse");
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/bindfs")), "skipped: bindfs is not installed");
        Path disk = Files.createDirectory(folder.resolve("disk"));
        assertThat(isSeenOnTheOtherMount("mount", "--bind", disk.toString())).isTrue();
        assertThat(isSeenOnTheOtherMount("bindfs", disk.toString())).isFalse();
    }

    private boolean isSeenOnTheOtherMount(String... mount) throws IOException, InterruptedException {
        Path a = Files.createTempDirectory(folder, "a");
        Path b = Files.createTempDirectory(folder, "b");
        for (Path host : List.of(a, b)) {
            run(Stream.concat(Stream.of(mount), Stream.of(host.toString())).toList());
        }
        try (FileLocks.Held held = locks.hold(a.resolve("lock"))) {
            assertThat(locks.isHeld(a.resolve("lock"))).isTrue();
            return locks.isHeld(b.resolve("lock"));
        } finally {
            run(List.of("umount", a.toString(), b.toString()));
        }
    }

    private static void run(List<String> command) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor())
                .as(String.join(" ", command))
                .isZero();
    }
}
