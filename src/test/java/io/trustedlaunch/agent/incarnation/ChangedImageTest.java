package io.trustedlaunch.agent.incarnation;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.testkit.GuestImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Who writes to the storage location has replaced an image after its import was verified. */
class ChangedImageTest extends OneHost {
    @Test
    void noDiskIsMadeFromAnotherImageAndTheRightOneIsImportedAgain() throws IOException {
        byte[] other = GuestImages.bytes();
        other[0] = 1;
        Files.write(world.image(), other);

        world.pass(incarnation);
        assertThat(world.reason(incarnation)).isEqualTo(Reason.ImageCopyChanged);
        assertThat(world.status(incarnation).message())
                .contains(GuestImages.NAME, world.image().toString(), "imports it again");
        assertThat(world.folder().osDisk()).doesNotExist();
        assertThat(world.guestsStarted()).isZero();
        assertThat(world.image()).as("so that it is imported again").doesNotExist();

        world.importImage();
        world.later(Duration.ofMinutes(1));
        world.pass(incarnation);
        world.assertRuns();
    }

    /** Root could read the file that it leads to. */
    @Test
    void aLinkIsNoImage() throws IOException {
        Path elsewhere = Files.move(world.image(), root.resolve("elsewhere"));
        Files.createSymbolicLink(world.image(), elsewhere);

        world.pass(incarnation);
        assertThat(world.folder().osDisk()).doesNotExist();
        assertThat(world.guestsStarted()).isZero();
    }

    @Test
    void aLinkInPlaceOfTheImagesFolderLeadsNowhere() throws IOException {
        Path images = world.image().getParent();
        Files.createSymbolicLink(images, Files.move(images, root.resolve("elsewhere")));

        world.pass(incarnation);
        assertThat(world.reason(incarnation)).isEqualTo(Reason.ImageFileMissing);
        assertThat(world.status(incarnation).message()).contains(images + " is a link");
        assertThat(world.folder().osDisk()).doesNotExist();
    }

    /** Nor what an agent left that was killed meanwhile. */
    @Test
    void noImageStaysOnTheHostsOwnDisk() throws IOException {
        Files.createDirectories(world.localImages());
        Files.write(world.localImages().resolve("image"), new byte[] {1});

        world.pass(incarnation);

        world.assertRuns();
        assertThat(world.localImages()).doesNotExist();
    }
}
