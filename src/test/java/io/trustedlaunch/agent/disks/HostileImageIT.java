package io.trustedlaunch.agent.disks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.trustedlaunch.agent.host.HypervisorAccount;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.process.Command;
import io.trustedlaunch.api.Reason;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images that are not what they seem, with the host's own qemu-img. */
class HostileImageIT {
    private static final long DISK = 64L << 20;

    @TempDir
    private Path location;

    private Disks disks;
    private VmFolder folder;
    private Path image;

    @BeforeEach
    void makeFolder() throws IOException {
        PosixFileAttributes own = Files.readAttributes(location, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        disks = new Disks(
                new HypervisorAccount(own.owner(), own.owner(), own.group()),
                "host-a",
                new QemuImg(Duration.ofSeconds(30), Duration.ofSeconds(60)),
                UUID::randomUUID);
        folder = new VmFolder(location, UUID.randomUUID());
        disks.ensureFolder(folder);
        image = location.resolve("image");
    }

    @Test
    void anHonestImageOfEachFormatBecomesADisk() throws IOException {
        for (String format : List.of("raw", "qcow2", "vhdx", "vpc")) {
            qemuImg("create", "-f", format, image.toString(), "8M");

            make();

            assertThat(ImageHeader.of(folder.osDisk()).qcow2Size()).as(format).contains(DISK);
            Files.delete(folder.osDisk());
            Files.delete(image);
        }
    }

    @Test
    void aBackingFileIsRefused() {
        qemuImg("create", "-f", "qcow2", "-b", "/etc/passwd", "-F", "raw", "-u", image.toString(), "8M");

        assertThat(refusal()).contains("backing file");
    }

    @Test
    void anExternalDataFileIsRefused() {
        qemuImg(
                "create",
                "-f",
                "qcow2",
                "-o",
                "data_file=" + location.resolve("data") + ",data_file_raw=on",
                image.toString(),
                "8M");

        assertThat(refusal()).contains("external data file");
    }

    @Test
    void snapshotsAreRefused() {
        qemuImg("create", "-f", "qcow2", image.toString(), "8M");
        qemuImg("snapshot", "-c", "before", image.toString());

        assertThat(refusal()).contains("snapshots");
    }

    @Test
    void aFormatThatIsNotAcceptedIsNamed() {
        qemuImg("create", "-f", "vmdk", image.toString(), "8M");

        assertThat(refusal()).contains("vmdk");
    }

    @Test
    void aHugeDiskInASmallFileIsTooLargeAndNamesBothSizes() {
        qemuImg("create", "-f", "qcow2", image.toString(), "1P");

        RefusedException refused = catchThrowableOfType(RefusedException.class, this::make);

        assertThat(refused.reason()).isEqualTo(Reason.DiskTooSmall);
        assertThat(refused.getMessage()).contains(Long.toString(DISK)).contains(Long.toString(1L << 50));
    }

    @Test
    void anImageThatWasCutShortIsRefused() throws IOException {
        qemuImg("create", "-f", "qcow2", "-o", "preallocation=full", image.toString(), "8M");
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(300);
        }

        assertThat(catchThrowableOfType(RefusedException.class, this::make).reason())
                .isEqualTo(Reason.ImageUnusable);
    }

    @Test
    void aLinkIsNotFollowed() throws IOException {
        Path elsewhere = Files.write(location.resolve("elsewhere"), new byte[1024]);
        Files.createSymbolicLink(image, elsewhere);

        assertThat(catchThrowableOfType(RefusedException.class, this::make).reason())
                .isEqualTo(Reason.ImageFileMissing);
    }

    @Test
    void aPathThatLeadsUpIsRefused() {
        ImageSource up = new ImageSource("proof", location, "../../etc/passwd", "0".repeat(64));

        assertThat(catchThrowableOfType(
                                RefusedException.class,
                                () -> disks.ensureOsDisk(folder, up, DISK, true, (what, done, total) -> {}))
                        .reason())
                .isEqualTo(Reason.ImageFileMissing);
    }

    @Test
    void whatWasRefusedLeavesNothingBehind() throws IOException {
        qemuImg("create", "-f", "vmdk", image.toString(), "8M");
        assertThat(refusal()).isNotEmpty();

        try (var staged = Files.list(location.resolve(".staging-host-a"))) {
            assertThat(staged).isEmpty();
        }
        assertThat(folder.osDisk()).doesNotExist();
    }

    @Test
    void aDiskGrowsAtALaterStartAndNeverShrinks() throws IOException {
        qemuImg("create", "-f", "raw", image.toString(), "8M");
        make();

        ImageSource unused = new ImageSource("proof", location, "gone", "0".repeat(64));
        disks.ensureOsDisk(folder, unused, 2 * DISK, false, (what, done, total) -> {});
        disks.ensureOsDisk(folder, unused, DISK, false, (what, done, total) -> {});

        assertThat(ImageHeader.of(folder.osDisk()).qcow2Size()).contains(2 * DISK);
    }

    private String refusal() {
        RefusedException refused = catchThrowableOfType(RefusedException.class, this::make);
        assertThat(refused.reason()).isEqualTo(Reason.ImageUnusable);
        return refused.getMessage();
    }

    private void make() throws IOException {
        ImageSource source = new ImageSource("proof", location, "image", sha256(image));
        disks.ensureOsDisk(folder, source, DISK, true, (what, done, total) -> {});
    }

    private static void qemuImg(String... arguments) {
        String[] command = new String[arguments.length + 1];
        command[0] = "qemu-img";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        Command.Result result = Command.of(Duration.ofSeconds(30), command).run();
        assertThat(result.succeeded()).as(result.output()).isTrue();
    }

    private static String sha256(Path file) throws IOException {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
