package io.trustedlaunch.cli.plugin.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VncViewerTest {
    private static final InetSocketAddress ADDRESS = new InetSocketAddress("127.0.0.1", 40123);

    @Test
    void eachViewerGetsTheAddressAsItTakesIt() {
        assertThat(new VncViewer(Path.of("/usr/bin/remote-viewer")).command(ADDRESS))
                .containsExactly("/usr/bin/remote-viewer", "vnc://127.0.0.1:40123");
        assertThat(new VncViewer(Path.of("/opt/vncviewer")).command(ADDRESS))
                .containsExactly("/opt/vncviewer", "127.0.0.1::40123");
    }

    @Test
    void theFirstProgramThatIsKnownAndExecutableIsTaken(@TempDir Path one, @TempDir Path two) throws IOException {
        assertThat(VncViewer.find(List.of(one, two))).isEmpty();
        Files.createFile(one.resolve("remote-viewer"));
        Path viewer = executable(one.resolve("vncviewer"));
        assertThat(VncViewer.find(List.of(one, two))).contains(new VncViewer(viewer));
        Path remote = executable(two.resolve("remote-viewer"));
        assertThat(VncViewer.find(List.of(one, two))).contains(new VncViewer(remote));
    }

    private static Path executable(Path file) throws IOException {
        return Files.createFile(
                file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
}
