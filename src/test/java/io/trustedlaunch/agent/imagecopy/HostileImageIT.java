package io.trustedlaunch.agent.imagecopy;

import static io.trustedlaunch.agent.disks.QemuImages.qemuImg;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.trustedlaunch.agent.disks.Disks;
import io.trustedlaunch.agent.disks.ImportedImage;
import io.trustedlaunch.agent.disks.QemuImages;
import io.trustedlaunch.agent.disks.QemuImg;
import io.trustedlaunch.agent.folder.Permit;
import io.trustedlaunch.agent.folder.Permits;
import io.trustedlaunch.agent.folder.VmFolder;
import io.trustedlaunch.agent.host.Accounts;
import io.trustedlaunch.agent.host.HypervisorAccount;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.imageform.ImageInspector;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.failpoint.Failpoints;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Hostile images, with the host's qemu-img. */
class HostileImageIT {
    private static final long DISK = 64L << 20;

    @TempDir
    private Path location;

    @TempDir
    private Path state;

    private final Importer importer = new Importer(ImageCopies.NODE, ImageCopies.sources()::of, Failpoints.none());
    private Disks disks;
    private VmFolder folder;
    private Path image;
    private Lure lure;

    @BeforeEach
    void makeFolder() throws IOException {
        HypervisorAccount account = Accounts.ownerOf(location);
        QemuImg qemuImg = new QemuImg(Duration.ofSeconds(30), Duration.ofSeconds(60), account);
        disks = new Disks(account, "host-a", qemuImg, state.resolve("image"), UUID::randomUUID);
        folder = new VmFolder(location, UUID.randomUUID());
        disks.ensureFolder(Permits.to(Permit.Act.PREPARE, folder));
        image = location.resolve("image");
        lure = Lure.at(location.resolve("lure"));
    }

    @AfterEach
    void closeLure() {
        lure.close();
    }

    @Test
    void aValidImageOfEachFormatBecomesADiskWithTheSameBytes() throws IOException {
        Path disk = QemuImages.disk(location.resolve("disk"));
        for (QemuImages.Form form : QemuImages.Form.all()) {
            form.make(disk, image);

            make();

            assertThat(sizeOfOsDisk()).as(form.toString()).isEqualTo(DISK);
            qemuImg("compare", "-f", "raw", "-F", "qcow2", disk.toString(), osDisk());
            Files.delete(folder.osDisk());
            Files.delete(image);
            new ImageFolder(location).remove(ImageCopies.IMAGE);
        }
    }

    @Test
    void aFixedVhdEndsBeforeItsFooter() throws IOException {
        new QemuImages.Form("vpc", "subformat=fixed,force_size=on")
                .make(QemuImages.disk(location.resolve("disk")), image);

        RefusedException refused = catchThrowableOfType(RefusedException.class, () -> make(512));

        assertThat(refused.getMessage()).contains("needs " + QemuImages.BYTES);
    }

    @Test
    void aBackingFileIsRefusedAndNotOpened() {
        qemuImg("create", "-f", "qcow2", "-b", lure.path().toString(), "-F", "raw", "-u", image.toString(), "8M");

        assertThat(refusal()).contains("backing file");
        lure.assertUntouched();
    }

    @Test
    void aBackingFileAsQemuOptionsIsRefusedAndNotOpened() {
        String options =
                "json:{\"driver\":\"raw\",\"file\":{\"driver\":\"file\",\"filename\":\"" + lure.path() + "\"}}";
        qemuImg("create", "-f", "qcow2", "-b", options, "-F", "raw", "-u", image.toString(), "8M");

        assertThat(refusal()).contains("backing file");
        lure.assertUntouched();
    }

    /** Proves that an opened file would be detected. */
    @Test
    void aToolWouldHaveOpenedTheBackingFile() {
        qemuImg("create", "-f", "qcow2", "-b", lure.path().toString(), "-F", "raw", "-u", image.toString(), "8M");

        QemuImages.run("convert", "-f", "qcow2", "-O", "raw", image.toString(), osDisk());

        lure.assertOpened();
    }

    @Test
    void anExternalDataFileIsRefusedAndNotOpened() throws IOException {
        Path data = location.resolve("data");
        qemuImg("create", "-f", "qcow2", "-o", "data_file=" + data + ",data_file_raw=on", image.toString(), "8M");
        Files.delete(data);
        Files.move(lure.path(), data);

        assertThat(refusal()).contains("external data file");
        lure.assertUntouched();
    }

    @Test
    void aVmdkThatNamesAFileIsRefusedAndTheFileNotOpened() throws IOException {
        Files.writeString(image, """
                # Disk DescriptorFile
                version=1
                createType="monolithicFlat"
                RW 16384 FLAT "%s" 0
                """.formatted(lure.path()));

        assertThat(refusal()).contains("it is a VMDK");
        lure.assertUntouched();
    }

    @Test
    void snapshotsAreRefused() {
        qemuImg("create", "-f", "qcow2", image.toString(), "8M");
        qemuImg("snapshot", "-c", "before", image.toString());

        assertThat(refusal()).contains("snapshots");
    }

    /** With a hand-made header: qemu-img measures the processor to make such an image, which fails now and then. */
    @Test
    void aQcow2ThatLuksEncryptsIsRefused() throws IOException {
        qemuImg("create", "-f", "qcow2", image.toString(), "8M");
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.seek(32);
            file.writeInt(2);
        }

        assertThat(refusal()).contains("it is encrypted");
    }

    @Test
    void bitmapsAreRefused() {
        qemuImg("create", "-f", "qcow2", image.toString(), "8M");
        qemuImg("bitmap", "--add", image.toString(), "since");

        assertThat(refusal()).contains("bitmaps");
    }

    @ParameterizedTest
    @ValueSource(strings = {"vmdk", "vdi", "qed", "parallels"})
    void anUnsupportedFormatIsNamed(String format) {
        qemuImg("create", "-f", format, image.toString(), "8M");

        assertThat(refusal()).containsIgnoringCase("it is a " + format);
    }

    @Test
    void aDiskWithoutABootSectorIsRefused() {
        qemuImg("create", "-f", "raw", image.toString(), "8M");

        assertThat(refusal()).contains("boot sector");
    }

    @Test
    void aHugeDiskInASmallFileIsRefused() {
        qemuImg("create", "-f", "qcow2", image.toString(), "1P");

        assertThat(refusal()).contains("more than 64 TiB");
    }

    @Test
    void aLargeDiskInASmallFileIsTooLargeAndNamesBothSizes() {
        qemuImg("create", "-f", "qcow2", image.toString(), "32T");

        RefusedException refused = catchThrowableOfType(RefusedException.class, this::make);

        assertThat(refused.reason()).isEqualTo(Reason.DiskTooSmall);
        assertThat(refused.getMessage()).contains(Long.toString(DISK)).contains(Long.toString(32L << 40));
        assertThat(folder.osDisk()).doesNotExist();
    }

    @Test
    void aTruncatedImageIsRefused() throws IOException {
        for (QemuImages.Form form : QemuImages.Form.all()) {
            if (form.format().equals("raw") || form.options().contains("fixed,force_size")) {
                // The rest is a valid raw disk; only the digest differs.
                continue;
            }
            form.make(QemuImages.disk(location.resolve("disk")), image);
            try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
                file.setLength(Math.min(file.length() / 2, 1 << 20));
            }

            assertThat(refusal()).as(form.toString()).containsAnyOf("cut short", "multiple of 512");
        }
    }

    /** The tables are valid, but the reference counts are not, which only a complete check detects. */
    @Test
    void aQcow2WithWrongCountsIsRefused() throws IOException {
        new QemuImages.Form("qcow2", "compat=1.1").make(QemuImages.disk(location.resolve("disk")), image);
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.seek(48);
            long counts = file.readLong();
            file.seek(counts);
            file.seek(file.readLong() + 2);
            file.writeShort(0);
        }

        RefusedException refused = catchThrowableOfType(RefusedException.class, this::make);
        assertThat(refused.reason()).isEqualTo(Reason.ImageUnusable);
        assertThat(refused.getMessage()).contains("it is damaged");
        assertThat(folder.osDisk()).doesNotExist();
    }

    /** By someone who writes to the storage location, after the import. */
    @Test
    void anImageThatIsReplacedByOneWithABackingFileIsRefusedAndNothingOpened() throws IOException {
        QemuImages.disk(image);
        String sha256 = ImageCopies.sha256(image);
        bring("image", sha256);
        Path imported = new ImageFolder(location).find(ImageCopies.IMAGE).orElseThrow();
        Files.delete(imported);
        qemuImg("create", "-f", "qcow2", "-b", lure.path().toString(), "-F", "raw", "-u", imported.toString(), "8M");

        RefusedException refused = catchThrowableOfType(RefusedException.class, () -> ensureOsDisk(sha256, DISK));

        assertThat(refused.reason()).isEqualTo(Reason.ImageCopyChanged);
        lure.assertUntouched();
        assertNothingIsLeft();
    }

    @Test
    void aLinkIsNotFollowed() throws IOException {
        Path elsewhere = Files.write(location.resolve("elsewhere"), new byte[1024]);
        Files.createSymbolicLink(image, elsewhere);

        assertThat(catchThrowableOfType(RefusedException.class, this::make).reason())
                .isEqualTo(Reason.ImageFileMissing);
    }

    @Test
    void aPathOutsideOfTheLocationIsRefused() {
        assertThat(catchThrowableOfType(RefusedException.class, () -> bring("../../etc/passwd", "0".repeat(64)))
                        .reason())
                .isEqualTo(Reason.ImageFileMissing);
    }

    @Test
    void aDiskGrowsAtALaterStartAndNeverShrinks() throws IOException {
        QemuImages.disk(image);
        make();

        disks.ensureOsDisk(Permits.to(Permit.Act.PREPARE, folder), Optional.empty(), 2 * DISK, Optional.empty());
        disks.ensureOsDisk(Permits.to(Permit.Act.PREPARE, folder), Optional.empty(), DISK, Optional.empty());

        assertThat(sizeOfOsDisk()).isEqualTo(2 * DISK);
    }

    private String refusal() {
        RefusedException refused = catchThrowableOfType(RefusedException.class, this::make);
        assertThat(refused.reason()).isEqualTo(Reason.ImageUnusable);
        assertNothingIsLeft();
        return refused.getMessage();
    }

    private void assertNothingIsLeft() {
        try (var left = Files.walk(location.resolve(".images"))) {
            assertThat(left.filter(Files::isRegularFile)).isEmpty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        assertThat(folder.osDisk()).doesNotExist();
    }

    private void make() throws IOException {
        make(DISK);
    }

    private void make(long bytes) throws IOException {
        bring("image", ImageCopies.sha256(image));
        ensureOsDisk(ImageCopies.sha256(image), bytes);
    }

    private void ensureOsDisk(String sha256, long bytes) {
        Optional<ImportedImage> imported = new ImageFolder(location)
                .find(new VMIncarnationSpec.Image("proof", ImageCopies.IMAGE.toString(), sha256));
        disks.ensureOsDisk(Permits.to(Permit.Act.PREPARE, folder), imported, bytes, Optional.empty());
    }

    private void bring(String path, String sha256) throws IOException {
        importer.run(ImageCopies.of(location, path, sha256), new ImageFolder(location), ImageCopies.UNHEARD);
    }

    private long sizeOfOsDisk() throws IOException {
        return ImageInspector.virtualSizeOfQcow2(folder.osDisk()).orElseThrow();
    }

    private String osDisk() {
        return folder.osDisk().toString();
    }
}
