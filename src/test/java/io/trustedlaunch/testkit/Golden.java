package io.trustedlaunch.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A committed file that must equal what the code generates; {@code -Dgolden.update=true} rewrites it. */
public final class Golden {
    private Golden() {}

    public static void check(Path file, String generated) {
        try {
            if (Boolean.getBoolean("golden.update")) {
                Files.createDirectories(file.toAbsolutePath().getParent());
                Files.writeString(file, generated);
                return;
            }
            assertThat(file).as("a committed file; bin/generate writes it").exists();
            assertThat(Files.readString(file))
                    .as("%s differs from what is generated: run bin/generate and review the difference", file)
                    .isEqualTo(generated);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
