package io.trustedlaunch.agent.seed;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;

/** A disc that is no more than all that is to be on it, one file after the other. What it writes can be made to fail. */
public final class PlayedDiscTool implements DiscTool {
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
