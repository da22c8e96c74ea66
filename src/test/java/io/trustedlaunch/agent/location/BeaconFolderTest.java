package io.trustedlaunch.agent.location;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class BeaconFolderTest {
    private static final String TOKEN = "ab".repeat(16);

    @TempDir
    private Path location;

    @Test
    void aBeaconIsReadByOtherNodesOnly() throws IOException {
        BeaconFolder folder = new BeaconFolder(location);
        Beacon a = new Beacon("host-a.example", TOKEN, 1);
        folder.write(a);
        folder.write(new Beacon("host-a.example", TOKEN, 2));

        assertThat(folder.readOthers("host-b")).containsExactly(new Beacon("host-a.example", TOKEN, 2));
        assertThat(folder.readOthers("host-a.example")).isEmpty();
    }

    @Test
    void onlyTheAdministratorCanReadABeacon() throws IOException {
        new BeaconFolder(location).write(new Beacon("host-a", TOKEN, 1));

        Path folder = location.resolve(".nodes");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
                .isEqualTo("rwx------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("host-a"))))
                .isEqualTo("rw-------");
    }

    @Test
    @Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void otherFilesAreIgnored() throws IOException, InterruptedException {
        BeaconFolder folder = new BeaconFolder(location);
        folder.write(new Beacon("host-a", TOKEN, 1));
        Path nodes = location.resolve(".nodes");
        String whole = TOKEN + " 5\n";
        Files.writeString(nodes.resolve("Upper"), whole);
        Files.writeString(nodes.resolve(".hidden"), whole);
        Files.writeString(nodes.resolve("-dash"), whole);
        Files.writeString(nodes.resolve("empty"), "");
        Files.writeString(nodes.resolve("half"), TOKEN);
        Files.writeString(nodes.resolve("short"), "ab 5\n");
        Files.writeString(nodes.resolve("negative"), TOKEN + " -5\n");
        Files.writeString(nodes.resolve("overflow"), TOKEN + " " + "9".repeat(19) + "\n");
        Files.writeString(nodes.resolve("longer"), whole + "x");
        Files.write(nodes.resolve("large"), new byte[1 << 20]);
        Files.createSymbolicLink(nodes.resolve("link"), nodes.resolve("host-a"));
        Files.createDirectory(nodes.resolve("folder"));
        new ProcessBuilder("mkfifo", nodes.resolve("fifo").toString()).start().waitFor();

        assertThat(folder.readOthers("host-b")).containsExactly(new Beacon("host-a", TOKEN, 1));
    }

    @Test
    void aLinkInTheFoldersPlaceIsNotWrittenThrough() throws IOException {
        Path elsewhere = Files.createDirectory(location.resolve("elsewhere"));
        Files.createSymbolicLink(location.resolve(".nodes"), elsewhere);

        assertThatThrownBy(() -> new BeaconFolder(location).write(new Beacon("host-a", TOKEN, 1)))
                .isInstanceOf(IOException.class);
        assertThat(List.of(elsewhere.toFile().list())).isEmpty();
    }
}
