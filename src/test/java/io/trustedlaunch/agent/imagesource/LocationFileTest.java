package io.trustedlaunch.agent.imagesource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.custody.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LocationFileTest {
    private final byte[] image = new byte[3_000_000];
    private OptionalLong bytes = OptionalLong.empty();

    @TempDir
    private Path folder;

    @TempDir
    private Path staging;

    private Path location;

    @BeforeEach
    void putImage() throws IOException {
        new Random(7).nextBytes(image);
        location = folder.resolve("location");
        Files.createDirectories(location.resolve("images"));
        Files.write(folder.resolve("outside"), image);
        Files.write(location.resolve("images/a"), image);
    }

    @Test
    void aFileIsCopiedUnchanged() {
        bring("images/a");
        assertThat(staged()).hasBinaryContent(image);
        assertThat(location.resolve("images/a")).hasBinaryContent(image);
    }

    @Test
    void trailingZerosAreKept() throws IOException {
        Arrays.fill(image, 1_500_000, image.length, (byte) 0);
        Files.write(location.resolve("images/a"), image);
        bring("images/a");
        assertThat(staged()).hasBinaryContent(image);
    }

    @Test
    void anInterruptedCopyIsResumed() throws IOException {
        Files.write(staged(), Arrays.copyOf(image, 2_345_678));
        bring("images/a");
        assertThat(staged()).hasBinaryContent(image);
    }

    @Test
    void aReplacedFileIsCopiedFromItsBeginning() throws IOException {
        Files.write(staged(), Arrays.copyOf(new byte[] {1, 2, 3}, 2_345_678));
        bring("images/a");
        assertThat(staged()).hasBinaryContent(image);
        Files.write(staged(), new byte[4_000_000]);
        bring("images/a");
        assertThat(staged()).hasBinaryContent(image);
    }

    @Test
    void anotherFileIsRefusedAndLeavesNothing() throws IOException {
        Files.write(location.resolve("images/b"), new byte[] {1});
        RefusedException refused = refused("images/b");
        assertThat(refused.reason()).isEqualTo(Reason.DigestMismatch);
        assertThat(refused).hasMessageContaining("the file of image proof (images/b) has SHA-256 ");
        assertThat(staging).isEmptyDirectory();
    }

    @Test
    void aFileOfAnotherSizeThanInTheCatalogIsRefusedBeforeItIsRead() throws IOException {
        Files.write(location.resolve("images/b"), new byte[] {1});
        bytes = OptionalLong.of(image.length);
        assertThat(refused("images/b").reason()).isEqualTo(Reason.ImageSizeMismatch);
        assertThat(staging).isEmptyDirectory();
        bring("images/a");
        assertThat(staged()).hasBinaryContent(image);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/etc/passwd",
                "../outside",
                "images/../../outside",
                "images/../images/a",
                "images",
                "gone",
                "a\0"
            })
    void aPathThatIsNoFileBelowTheLocationIsMissing(String path) {
        assertThat(refused(path).reason()).isEqualTo(Reason.ImageFileMissing);
        assertThat(staging).isEmptyDirectory();
    }

    @Test
    void noLinkIsFollowedOnTheWayOrAtItsEnd() throws IOException {
        Files.createSymbolicLink(location.resolve("link"), location.resolve("images/a"));
        Files.createSymbolicLink(location.resolve("folder"), location.resolve("images"));
        assertThat(refused("link")).hasMessageContaining("link is a link");
        assertThat(refused("folder/a")).hasMessageContaining("folder is a link");
    }

    @Test
    void aStagedFileThatIsALinkIsNotWrittenThrough() throws IOException {
        Path target = Files.write(staging.resolve("target"), new byte[] {7});
        Files.createSymbolicLink(staged(), target);
        assertThat(catchThrowableOfType(RuntimeException.class, () -> bring("images/a")))
                .isNotNull();
        assertThat(target).hasBinaryContent(new byte[] {7});
        assertThat(Files.exists(staged(), LinkOption.NOFOLLOW_LINKS)).isTrue();
    }

    private Path staged() {
        return staging.resolve("image");
    }

    private void bring(String path) {
        new LocationFile(location, path)
                .fetch(staged(), new WantedImage("proof", Sha256.of(image), bytes), (done, total) -> {});
    }

    private RefusedException refused(String path) {
        return catchThrowableOfType(RefusedException.class, () -> bring(path));
    }
}
