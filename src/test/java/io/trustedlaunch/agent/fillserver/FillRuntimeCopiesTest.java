package io.trustedlaunch.agent.fillserver;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FillRuntimeCopiesTest {
    @TempDir
    private Path folder;

    private Path image;
    private Path copies;
    private List<Process> processes = List.of();

    @BeforeEach
    void makeImage() throws IOException {
        image = folder.resolve("run/image");
        copies = folder.resolve("state/fill-server");
        Path java = image.resolve("jre/bin/java");
        Files.createDirectories(java.getParent());
        Files.copy(Path.of("/bin/sleep"), java);
        Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("r-xr-xr-x"));
        Files.createDirectories(image.resolve("lib"));
        Files.writeString(image.resolve("lib/agent.jar"), "first");
    }

    @AfterEach
    void endProcesses() throws InterruptedException {
        for (Process process : processes) {
            process.destroyForcibly().waitFor();
        }
    }

    private FillRuntime copy() throws IOException {
        return new FillRuntimeCopies(copies)
                .copy(new FillRuntime(
                        image.resolve("jre"), image.resolve("lib/agent.jar").toString(), folder));
    }

    private List<Path> all() throws IOException {
        try (Stream<Path> files = Files.list(copies)) {
            return files.toList();
        }
    }

    @Test
    void aCopyIsMadeOnce() throws IOException {
        FillRuntime copy = copy();

        assertThat(copy.home()).startsWith(copies);
        assertThat(copy.java()).containsExactly(copy.home().resolve("bin/java").toString());
        assertThat(Path.of(copy.java().getFirst())).isExecutable();
        assertThat(Path.of(copy.classPath())).hasContent("first");
        assertThat(copy.temporary()).isEmptyDirectory();
        assertThat(copy()).isEqualTo(copy);
        assertThat(all()).hasSize(1);
    }

    @Test
    void whatAnEarlierAgentLeftStaysWhileAServerRunsFromIt() throws Exception {
        FillRuntime first = copy();
        Process server = new ProcessBuilder(first.java().getFirst(), "600").start();
        processes = List.of(server);
        Files.createDirectory(copies.resolve("new-broken-off"));
        Files.writeString(image.resolve("lib/agent.jar"), "second");

        FillRuntime second = copy();

        assertThat(Path.of(second.classPath())).hasContent("second");
        assertThat(all())
                .containsExactlyInAnyOrder(
                        first.home().getParent(), second.home().getParent());

        server.destroyForcibly().waitFor();
        copy();
        assertThat(all()).containsExactly(second.home().getParent());
    }

    @Test
    void javaRunsWithTheLibraryOfItsImage() throws IOException {
        Path loader =
                Files.createFile(Files.createDirectory(image.resolve("libc")).resolve("ld-linux-x86-64.so.2"));

        FillRuntime copy = copy();

        Path libc = copy.home().resolveSibling("libc");
        assertThat(copy.java())
                .containsExactly(
                        libc.resolve(loader.getFileName()).toString(),
                        "--library-path",
                        libc.toString(),
                        copy.home().resolve("bin/java").toString());
    }
}
