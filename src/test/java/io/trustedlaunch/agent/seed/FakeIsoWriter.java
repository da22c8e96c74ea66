package io.trustedlaunch.agent.seed;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;

/** Concatenates the files. A test can make its writes fail. */
public final class FakeIsoWriter implements IsoWriter {
    @Override
    public void write(String volume, Path files, Path image) throws IOException {
        Files.writeString(image, volume);
        try (Stream<Path> all = Files.list(files)) {
            for (Path file : all.sorted().toList()) {
                Files.write(image, Files.readAllBytes(file), StandardOpenOption.APPEND);
            }
        }
    }
}
