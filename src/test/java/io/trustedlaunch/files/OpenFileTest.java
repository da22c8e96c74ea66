package io.trustedlaunch.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.process.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who can write to a folder cannot make the agent open a file elsewhere. */
class OpenFileTest {
    @TempDir
    private Path root;

    private Path folder;
    private Path file;

    @BeforeEach
    void makeFile() throws IOException {
        root = root.toRealPath();
        folder = Files.createDirectory(root.resolve("folder"));
        file = Files.writeString(folder.resolve("file"), "right");
    }

    @Test
    void theFileStaysTheSameWhateverItsNameLeadsTo() throws IOException {
        try (OpenFile opened = OpenFile.open(file)) {
            Files.move(file, root.resolve("moved"));
            Files.writeString(file, "wrong");

            assertThat(opened.path()).hasContent("right");
            assertThat(Command.of(Duration.ofSeconds(10), "cat", "/dev/fd/0")
                            .withInput(opened.path())
                            .run()
                            .output())
                    .isEqualTo("right");
        }
    }

    @Test
    void noLinkIsFollowedInAnyPartOfThePath() throws IOException {
        Path link = Files.createSymbolicLink(root.resolve("link"), file);
        Path folderLink = Files.createSymbolicLink(root.resolve("folder-link"), folder);

        assertRefused(link);
        assertRefused(folderLink.resolve("file"));
    }

    @Test
    void onlyAFileIsOpened() {
        Path pipe = folder.resolve("pipe");
        assertThat(Command.of(Duration.ofSeconds(10), "mkfifo", pipe.toString())
                        .run()
                        .succeeded())
                .isTrue();

        assertRefused(pipe);
        assertRefused(folder);
        assertRefused(folder.resolve("missing"));
    }

    /** To open some devices does something, as the host's watchdog restarts it; a pipe's writer goes on. */
    @Test
    void whatIsNoFileIsNotOpenedToSeeThat() throws Exception {
        Path pipe = folder.resolve("pipe");
        Command.of(Duration.ofSeconds(10), "mkfifo", pipe.toString()).run();
        Process writer = new ProcessBuilder("sh", "-c", "echo text >" + pipe).start();
        try {
            for (int attempt = 0; attempt < 20; attempt++) {
                assertRefused(pipe);
                assertThat(writer.waitFor(10, TimeUnit.MILLISECONDS))
                        .as("the writer has found a reader")
                        .isFalse();
            }
        } finally {
            writer.destroyForcibly();
        }
    }

    private static void assertRefused(Path path) {
        assertThatThrownBy(() -> OpenFile.open(path))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(path.toString());
    }
}
