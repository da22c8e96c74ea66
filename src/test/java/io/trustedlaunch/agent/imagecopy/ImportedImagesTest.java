package io.trustedlaunch.agent.imagecopy;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.agent.imagecopy.Images.Result;
import io.trustedlaunch.agent.imagecopy.Images.Result.Awaited;
import io.trustedlaunch.agent.imagecopy.Images.Result.Found;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.ImageCopy;
import io.trustedlaunch.api.image.OsType;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Image;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Location;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecMachineBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImportedImagesTest {
    private static final UUID OTHER = UUID.fromString("51c7b1f2-6a6e-4b58-9d9b-0c7f5e7f3a02");
    private static final String DIGEST = "0".repeat(64);

    @TempDir
    private Path location;

    private final List<ImageCopy> copies = new ArrayList<>();
    private Instant now = Instant.parse("2026-03-01T12:00:00Z");
    private final ImportedImages images = new ImportedImages(() -> copies, ImageCopies.NODE, () -> now);

    @Test
    void aFileIsFoundWhicheverNodeImportedIt() throws IOException {
        Files.createDirectory(location.resolve(".images"));
        Files.write(location.resolve(".images").resolve(ImageCopies.IMAGE.toString()), new byte[512]);

        assertThat(find()).isInstanceOf(Found.class);
    }

    @Test
    void aShortWaitIsNotReported() {
        assertThat(problem()).isEmpty();
        now = now.plus(Duration.ofSeconds(9));
        assertThat(problem()).isEmpty();
        now = now.plus(Duration.ofSeconds(1));
        assertThat(problem()).map(Problem::reason).contains(Reason.ImageCopyPending);

        copies.add(copy(ImageCopies.NODE, ImageCopies.UID));
        assertThat(problem()).map(Problem::reason).contains(Reason.ImageImporting);
        assertThat(problem())
                .map(Problem::message)
                .hasValueSatisfying(message -> assertThat(message).contains(ImageCopies.NODE));
    }

    @Test
    void theImportingAgentsProgressIsReportedInStepsOfTenPercent() {
        ImageCopy copy = copy("host-b", OTHER);
        copies.add(ImageCopies.withStatus(
                copy, new ImportStatus(copy, now).importing(47L << 20, OptionalLong.of(100L << 20))));
        assertThat(problem())
                .contains(new Problem(Reason.ImageImporting, "node host-b is fetching the image: 40 % of 100 MiB"));

        copies.set(
                0,
                ImageCopies.withStatus(
                        copy, new ImportStatus(copy, now).failed(new Problem(Reason.DigestMismatch, "another"))));
        assertThat(problem()).contains(new Problem(Reason.DigestMismatch, "another"));
    }

    @Test
    void thisNodesOwnCopyIsPreferred() {
        ImageCopy others = copy("a-host", OTHER);
        ImageCopy own = copy(ImageCopies.NODE, ImageCopies.UID);
        copies.add(ImageCopies.withStatus(
                others, new ImportStatus(others, now).failed(new Problem(Reason.NoSpace, "elsewhere"))));
        copies.add(ImageCopies.withStatus(
                own, new ImportStatus(own, now).failed(new Problem(Reason.DigestMismatch, "here"))));

        assertThat(problem()).contains(new Problem(Reason.DigestMismatch, "here"));
    }

    @Test
    void anUnknownReasonIsAccepted() {
        ImageCopy copy = copy("host-b", OTHER);
        var status = new ImportStatus(copy, now).failed(new Problem(Reason.NoSpace, "from a later agent"));
        status.conditions().getFirst().setReason("InventedLater");
        copies.add(ImageCopies.withStatus(copy, status));

        assertThat(problem()).contains(new Problem(Reason.ImageImporting, "from a later agent"));
    }

    @Test
    void aCopyOfAnotherImageOrInAnotherFolderIsIgnored() {
        ImageCopy elsewhere = ImageCopies.at(ImageCopies.NODE, OTHER, location.resolve("other"), "image", DIGEST);
        copies.add(ImageCopies.withStatus(
                elsewhere, new ImportStatus(elsewhere, now).failed(new Problem(Reason.NoSpace, "full"))));

        assertThat(problem()).isEmpty();
    }

    private ImageCopy copy(String node, UUID uid) {
        return ImageCopies.at(node, uid, location, "image", DIGEST);
    }

    private Optional<Problem> problem() {
        return ((Awaited) find()).problem();
    }

    private Result find() {
        return images.find(VMIncarnationSpecMachineBuilder.builder()
                .osType(OsType.Linux)
                .cores(1)
                .memory(new Quantity("1Gi"))
                .location(new Location("default", location.toString()))
                .image(new Image("proof", ImageCopies.IMAGE.toString(), DIGEST))
                .osDiskSize(new Quantity("1Gi"))
                .build());
    }
}
