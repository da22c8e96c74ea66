package io.trustedlaunch.agent.imagecopy;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.agent.imagecopy.Images.Finding;
import io.trustedlaunch.agent.imagecopy.Images.Finding.Awaited;
import io.trustedlaunch.agent.imagecopy.Images.Finding.Found;
import io.trustedlaunch.agent.imagecopy.Images.Word;
import io.trustedlaunch.api.ImageCopy;
import io.trustedlaunch.api.OsType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.VMIncarnationSpec.Image;
import io.trustedlaunch.api.VMIncarnationSpec.Location;
import io.trustedlaunch.api.VMIncarnationSpecMachineBuilder;
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

class KnownCopiesTest {
    private static final UUID OTHER = UUID.fromString("51c7b1f2-6a6e-4b58-9d9b-0c7f5e7f3a02");
    private static final String DIGEST = "0".repeat(64);

    @TempDir
    private Path location;

    private final List<ImageCopy> copies = new ArrayList<>();
    private Instant now = Instant.parse("2026-03-01T12:00:00Z");
    private final KnownCopies images = new KnownCopies(() -> copies, Copies.NODE, () -> now);

    @Test
    void aFileIsFoundWhoeverBroughtIt() throws IOException {
        Files.createDirectory(location.resolve(".images"));
        Files.write(location.resolve(".images").resolve(Copies.IMAGE + ".raw"), new byte[512]);

        assertThat(look()).isInstanceOf(Found.class);
    }

    @Test
    void aShortWaitIsNotWorthAWord() {
        assertThat(word()).isEmpty();
        now = now.plus(Duration.ofSeconds(9));
        assertThat(word()).isEmpty();
        now = now.plus(Duration.ofSeconds(1));
        assertThat(word()).map(Word::reason).contains(Reason.ImageCopyPending);

        copies.add(copy(Copies.NODE, Copies.UID));
        assertThat(word()).map(Word::reason).contains(Reason.ImageImporting);
        assertThat(word())
                .map(Word::message)
                .hasValueSatisfying(message -> assertThat(message).contains(Copies.NODE));
    }

    @Test
    void whatTheImportersAgentSaysIsPassedOnAtOnceAndInTens() {
        ImageCopy copy = copy("host-b", OTHER);
        copies.add(Copies.told(
                copy, new CopyStatus(copy, now).importing("fetching it", 47L << 20, OptionalLong.of(100L << 20))));
        assertThat(word()).contains(new Word(Reason.ImageImporting, "node host-b is fetching it: 40 % of 100 MiB"));

        copies.set(0, Copies.told(copy, new CopyStatus(copy, now).hindered(Reason.DigestMismatch, "another")));
        assertThat(word()).contains(new Word(Reason.DigestMismatch, "another"));
    }

    @Test
    void whatThisNodesOwnAgentSaysComesFirst() {
        ImageCopy others = copy("a-host", OTHER);
        ImageCopy own = copy(Copies.NODE, Copies.UID);
        copies.add(Copies.told(others, new CopyStatus(others, now).hindered(Reason.NoSpace, "elsewhere")));
        copies.add(Copies.told(own, new CopyStatus(own, now).hindered(Reason.DigestMismatch, "here")));

        assertThat(word()).contains(new Word(Reason.DigestMismatch, "here"));
    }

    @Test
    void aReasonOfALaterAgentIsNoFault() {
        ImageCopy copy = copy("host-b", OTHER);
        var status = new CopyStatus(copy, now).hindered(Reason.NoSpace, "in words to come");
        status.conditions().getFirst().setReason("InventedLater");
        copies.add(Copies.told(copy, status));

        assertThat(word()).contains(new Word(Reason.ImageImporting, "in words to come"));
    }

    @Test
    void aCopyOfAnotherImageOrInAnotherFolderIsNone() {
        ImageCopy elsewhere = Copies.at(Copies.NODE, OTHER, location.resolve("other"), "image", DIGEST);
        copies.add(Copies.told(elsewhere, new CopyStatus(elsewhere, now).hindered(Reason.NoSpace, "full")));

        assertThat(word()).isEmpty();
    }

    private ImageCopy copy(String node, UUID uid) {
        return Copies.at(node, uid, location, "image", DIGEST);
    }

    private Optional<Word> word() {
        return ((Awaited) look()).word();
    }

    private Finding look() {
        return images.look(VMIncarnationSpecMachineBuilder.builder()
                .osType(OsType.Linux)
                .cores(1)
                .memory(new Quantity("1Gi"))
                .location(new Location("default", location.toString()))
                .image(new Image("proof", Copies.IMAGE.toString(), DIGEST))
                .osDiskSize(new Quantity("1Gi"))
                .terminationGracePeriodSeconds(1)
                .build());
    }
}
