package io.trustedlaunch.agent.location;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
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

        assertThat(folder.list("host-b", Set.of()))
                .isEqualTo(new BeaconListing(List.of(new Beacon("host-a.example", TOKEN, 2)), Set.of(), true));
        assertThat(folder.list("host-a.example", Set.of()).beacons()).isEmpty();
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

        BeaconListing listing = folder.list("host-b", Set.of());
        assertThat(listing.beacons()).containsExactly(new Beacon("host-a", TOKEN, 1));
        assertThat(listing.complete())
                .as("a node may have the name of a file that no agent wrote")
                .isFalse();
        assertThat(folder.read("fifo")).isInstanceOf(BeaconReading.Unreadable.class);
        assertThat(folder.read("link")).isInstanceOf(BeaconReading.Unreadable.class);
        assertThat(folder.read("none")).isEqualTo(new BeaconReading.Missing());
    }

    @Test
    void aNodeThatTheListingDoesNotShowIsLookedUpByName() throws IOException {
        BeaconFolder folder = new BeaconFolder(location);
        Beacon known = new Beacon("host-a", TOKEN, 1);
        folder.write(known);
        for (int i = 0; i <= BeaconFolder.MAX_FILES; i++) {
            Files.createFile(location.resolve(".nodes").resolve("." + i));
        }

        BeaconListing listing = folder.list("host-b", Set.of("host-a", "gone"));
        assertThat(listing).isEqualTo(new BeaconListing(List.of(known), Set.of("gone"), false));
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
