package io.trustedlaunch.agent.location;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** One folder that is mounted twice, as two hosts mount it. Skips a test where that cannot be done. */
final class TwoMounts implements AutoCloseable {
    private final List<Path> mounts = new ArrayList<>();

    /** @param mount the command that mounts the folder, without the place where */
    private TwoMounts(List<String> mount, Path first, Path second) throws IOException {
        for (Path place : List.of(first, second)) {
            List<String> command = new ArrayList<>(mount);
            command.add(Files.createDirectory(place).toString());
            run(command);
            mounts.add(place);
        }
    }

    /** A lock on the one is seen on the other. */
    static TwoMounts withLocks(Path folder, Path first, Path second) throws IOException {
        assumeThatMountsWork();
        return new TwoMounts(List.of("mount", "--bind", folder.toString()), first, second);
    }

    /** Each keeps its locks to itself, as NFS 3 with nolock does: a FUSE file system that does not forward them. */
    static TwoMounts withoutLocks(Path folder, Path first, Path second) throws IOException {
        assumeThatMountsWork();
        return new TwoMounts(List.of("bindfs", folder.toString()), first, second);
    }

    private static void assumeThatMountsWork() {
        assumeTrue(Files.isWritable(Path.of("/dev/fuse")), "skipped: /dev/fuse cannot be used, which takes root");
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/bindfs")), "skipped: bindfs is not installed");
    }

    @Override
    public void close() throws IOException {
        for (Path mount : mounts) {
            run(List.of("umount", mount.toString()));
        }
    }

    private static void run(List<String> command) throws IOException {
        try {
            assertThat(new ProcessBuilder(command).inheritIO().start().waitFor())
                    .as(String.join(" ", command))
                    .isZero();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }
}
