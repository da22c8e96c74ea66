package io.trustedlaunch.testkit;

import io.trustedlaunch.testkit.Lab.CommandResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A container image with nothing but this machine's static busybox, for pods that are no part of the product. */
public final class BusyboxImage {
    public static final String NAME = "localhost/busybox:test";

    private BusyboxImage() {}

    /** Loads it into all nodes of the lab; {@code folder} is empty. */
    public static void loadInto(Lab lab, Path folder) throws IOException {
        Path programs = Files.createDirectories(folder.resolve("root/bin"));
        Files.createDirectories(folder.resolve("root/tmp"));
        Files.copy(Path.of("/bin/busybox"), programs.resolve("sh"));
        Path archive = folder.resolve("busybox.tar");
        CommandResult.run(List.of(
                        "bash",
                        "-euc",
                        "source bin/lib/image-archive.sh; image_archive \"$@\"",
                        "image_archive",
                        archive.toString(),
                        NAME,
                        folder.resolve("root").toString(),
                        "/bin/sh"))
                .orFail();
        lab.run("images", archive.toString()).orFail();
    }
}
