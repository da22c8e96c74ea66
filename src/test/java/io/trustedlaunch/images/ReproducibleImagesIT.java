package io.trustedlaunch.images;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Builds the images without anything that was built before: {@code bin/campaign ReproducibleImagesIT}. */
@Tag("campaign")
class ReproducibleImagesIT {
    @Test
    void imagesOfOneCommitAreTheSame(@TempDir Path folder) throws Exception {
        ImageArchive before = ImageArchive.build(folder.resolve("before"));
        ImageArchive again = ImageArchive.build(folder.resolve("again"), "--fresh");
        if (!packages(again, folder.resolve("fencer-again")).equals(packages(before, folder.resolve("fencer")))) {
            // Debian has published an update since the first was built, maybe days ago.
            before = again;
            again = ImageArchive.build(folder.resolve("once-more"), "--fresh");
        }
        assertThat(again.digest("operator")).isEqualTo(before.digest("operator"));
        assertThat(again.digest("agent")).isEqualTo(before.digest("agent"));
        assertThat(again.digest("fencer")).isEqualTo(before.digest("fencer"));
    }

    private static String packages(ImageArchive images, Path folder) throws IOException, InterruptedException {
        Path root = images.unpack("fencer", folder);
        StringBuilder all = new StringBuilder(Files.readString(root.resolve("opt/trusted-launch/jre/debian-package")));
        try (Stream<Path> files = Files.list(root.resolve("var/lib/dpkg/status.d"))) {
            for (Path file : files.sorted().toList()) {
                all.append(Files.readString(file));
            }
        }
        return all.toString();
    }
}
