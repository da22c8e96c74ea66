package io.trustedlaunch.agent.imageform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.agent.imageform.ImageForm.Accepted;
import io.trustedlaunch.agent.imageform.ImageForm.Refused;
import io.trustedlaunch.catalog.ImageFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Valid images are accepted, and each hostile image is refused with its fault. */
class ImageInspectorTest {
    private static final FillBacking ROOT_FILL = new FillBacking(new UUID(7, 7), "root");

    /** Of discs, and of files that are too large for a table of examples; each has a test of its own. */
    private static final Set<ImageFault> OF_OTHERS = EnumSet.of(ImageFault.TooManyBlocks, ImageFault.NotADisc);

    private static Stream<HostileImage> hostile() {
        return Stream.of(HostileRawDisks.all(), HostileQcow2s.all(), HostileVhds.all(), HostileVhdxs.all())
                .flatMap(each -> each);
    }

    @Test
    void eachHostileImageIsRefusedWithItsFault() throws IOException {
        List<HostileImage> all = hostile().toList();
        assertThat(all).extracting(HostileImage::what).doesNotHaveDuplicates();

        SoftAssertions softly = new SoftAssertions();
        for (HostileImage each : all) {
            softly.assertThat(inspect(each.bytes())).as(each.what()).isEqualTo(new Refused(each.fault()));
        }
        softly.assertAll();
        System.out.println(all.size() + " hostile images, each refused with its fault");
    }

    @Test
    void thereIsAHostileImageForEveryFault() {
        Set<ImageFault> covered = EnumSet.copyOf(OF_OTHERS);
        hostile().map(HostileImage::fault).forEach(covered::add);

        assertThat(EnumSet.complementOf(EnumSet.copyOf(covered))).isEmpty();
    }

    @Test
    void everyFaultHasANextStep() {
        for (ImageFault fault : ImageFault.values()) {
            assertThat(fault.message()).startsWith("it ").containsOnlyOnce(": ");
        }
    }

    @Test
    void validImagesAreAcceptedWithTheSizeOfTheirDisk() throws IOException {
        assertThat(inspect(HostileImage.bootable())).isEqualTo(new Accepted(ImageFormat.raw, 1 << 16));
        assertThat(inspect(Qcow2Fixture.valid()))
                .isEqualTo(new Accepted(ImageFormat.qcow2, Qcow2Fixture.VIRTUAL_BYTES));
        assertThat(inspect(VhdFixture.fixed())).isEqualTo(new Accepted(ImageFormat.vhd, VhdFixture.BLOCK_BYTES));
        assertThat(inspect(VhdFixture.dynamic())).isEqualTo(new Accepted(ImageFormat.vhd, VhdFixture.VIRTUAL_BYTES));
        assertThat(inspect(VhdxFixture.valid())).isEqualTo(new Accepted(ImageFormat.vhdx, VhdxFixture.VIRTUAL_BYTES));
    }

    @Test
    void theFormatDoesNotFollowFromTheFileName(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("image.raw");
        Files.write(file, VhdxFixture.valid().array());

        assertThat(ImageInspector.inspect(file)).isEqualTo(new Accepted(ImageFormat.vhdx, VhdxFixture.VIRTUAL_BYTES));
    }

    @Test
    void aFileMayOmitWhatIsPastTheEndOfItsDisk() throws IOException {
        ByteBuffer qcow2 = Qcow2Fixture.valid();
        qcow2.putInt(Qcow2Fixture.CLUSTER_BITS, 10).putLong(Qcow2Fixture.SIZE, 512);
        ByteBuffer large = ByteBuffer.allocate(5 << 10).put(0, qcow2, 0, 512);
        large.putLong(Qcow2Fixture.REFCOUNT_TABLE_OFFSET, 1 << 10).putLong(Qcow2Fixture.L1_OFFSET, 2 << 10);
        large.putLong(2 << 10, 3 << 10).putLong(3 << 10, 4 << 10);
        assertThat(inspect(large.slice(0, (4 << 10) + 512))).isEqualTo(new Accepted(ImageFormat.qcow2, 512));
        assertThat(inspect(large.slice(0, (4 << 10) + 511))).isEqualTo(new Refused(ImageFault.DataOutside));

        ByteBuffer vhdx = VhdxFixture.valid().putLong(VhdxFixture.DISK_SIZE, 512);
        assertThat(inspect(vhdx.slice(0, VhdxFixture.BLOCK + 512))).isEqualTo(new Accepted(ImageFormat.vhdx, 512));
    }

    @Test
    void aRawDiskAboveTheLimitIsRefused() throws IOException {
        assertThat(inspect(HostileImage.bootable(), (64L << 40) + 512)).isEqualTo(new Refused(ImageFault.TooLarge));
        assertThat(inspect(HostileImage.bootable(), 64L << 40)).isEqualTo(new Accepted(ImageFormat.raw, 64L << 40));
    }

    @Test
    void anImageWithTooManyBlocksIsRefusedBeforeItTakesMemory() throws IOException {
        assertThat(inspect(Qcow2Fixture.valid(), 512L << 28)).isEqualTo(new Refused(ImageFault.TooManyBlocks));
        assertThat(inspect(Qcow2Fixture.valid(), (512L << 28) - 512))
                .isEqualTo(new Accepted(ImageFormat.qcow2, Qcow2Fixture.VIRTUAL_BYTES));
    }

    @Test
    void blocksAtAnySectorAreCountedBeforeTheyTakeMemory() throws FaultyImageException {
        Extents extents = new Extents(List.of(), 1);
        for (long block = 0; block < 4 << 20; block++) {
            extents.addBlock(block);
        }

        assertThatThrownBy(() -> extents.addBlock(4 << 20))
                .isInstanceOfSatisfying(
                        FaultyImageException.class,
                        refused -> assertThat(refused.fault()).isEqualTo(ImageFault.TooManyBlocks));
    }

    @Test
    void theSizeOfAGuestsQcow2IsReadFromItsHeaderAlone(@TempDir Path folder) throws IOException {
        Path disk = folder.resolve("os.qcow2");
        // The guest can write anything but the header.
        Files.write(disk, Qcow2Fixture.valid().putLong(Qcow2Fixture.L2, -1).array());
        assertThat(ImageInspector.virtualSizeOfQcow2(disk)).contains(Qcow2Fixture.VIRTUAL_BYTES);

        Files.write(
                disk, Qcow2Fixture.valid().putLong(Qcow2Fixture.BACKING, 112).array());
        assertThat(ImageInspector.virtualSizeOfQcow2(disk)).isEmpty();

        Files.write(disk, VhdFixture.fixed().array());
        assertThat(ImageInspector.virtualSizeOfQcow2(disk)).isEmpty();
    }

    /** It would open that as well, for a guest that has nothing to do with it. */
    @Test
    void aDiskThatRefersToAnotherFileIsToldFromOneThatItsGuestDamaged(@TempDir Path folder) throws IOException {
        Path disk = folder.resolve("os.qcow2");
        Files.write(disk, Qcow2Fixture.valid().putLong(Qcow2Fixture.L2, -1).array());
        assertThat(ImageInspector.dependenceOfQcow2(disk)).isEmpty();
        Files.write(disk, new byte[0]);
        assertThat(ImageInspector.dependenceOfQcow2(disk)).isEmpty();
        Files.writeString(disk, "no qcow2 at all, but text of some length");
        assertThat(ImageInspector.dependenceOfQcow2(disk)).isEmpty();

        Files.write(
                disk, Qcow2Fixture.valid().putLong(Qcow2Fixture.BACKING, 112).array());
        assertThat(ImageInspector.dependenceOfQcow2(disk)).contains(ImageFault.BackingFile);
        Files.write(disk, Qcow2Fixture.valid().putInt(60, 1).putLong(72, 4).array());
        assertThat(ImageInspector.dependenceOfQcow2(disk)).as("with a snapshot").contains(ImageFault.ExternalDataFile);
        Files.write(disk, Qcow2Fixture.valid().putInt(32, 2).array());
        assertThat(ImageInspector.dependenceOfQcow2(disk)).contains(ImageFault.Encrypted);
    }

    @Test
    void onlyTheFillOfJustThisDiskIsAllowedAsItsBacking(@TempDir Path folder) throws IOException {
        Path disk = folder.resolve("os.qcow2");
        Files.write(disk, backedBy(ROOT_FILL.toString()).array());

        assertThat(ImageInspector.backingOfQcow2(disk)).contains(ROOT_FILL.toString());
        assertThat(ImageInspector.dependenceOfQcow2(disk, Optional.of(ROOT_FILL)))
                .isEmpty();

        assertThat(ImageInspector.dependenceOfQcow2(disk)).contains(ImageFault.BackingFile);
        assertThat(ImageInspector.dependenceOfQcow2(disk, Optional.of(new FillBacking(ROOT_FILL.fill(), "data-x"))))
                .contains(ImageFault.BackingFile);
        assertThat(ImageInspector.dependenceOfQcow2(disk, Optional.of(new FillBacking(new UUID(0, 8), "root"))))
                .contains(ImageFault.BackingFile);
        assertThat(ImageInspector.virtualSizeOfQcow2(disk))
                .as("it is not grown")
                .isEmpty();
    }

    @Test
    void aFillHidesNoOtherDependence(@TempDir Path folder) throws IOException {
        Path disk = folder.resolve("os.qcow2");
        Files.write(disk, backedBy(ROOT_FILL.toString()).putLong(72, 4).array());
        assertThat(ImageInspector.dependenceOfQcow2(disk, Optional.of(ROOT_FILL)))
                .contains(ImageFault.ExternalDataFile);
        Files.write(disk, backedBy(ROOT_FILL.toString()).putInt(32, 2).array());
        assertThat(ImageInspector.dependenceOfQcow2(disk, Optional.of(ROOT_FILL)))
                .contains(ImageFault.Encrypted);
    }

    /** Its guest may have broken out, and the storage's administrator may be anybody. */
    @ParameterizedTest
    @CsvSource({"-1, 10", "9223372036854775807, 10", "512, -1", "512, 1024", "512, 2147483647", "512, 0", "0, 5"})
    void aNameThatIsNotInTheFileIsNoneThatIsAllowed(long offset, int length, @TempDir Path folder) throws IOException {
        Path disk = folder.resolve("os.qcow2");
        Files.write(
                disk,
                Qcow2Fixture.valid()
                        .putLong(Qcow2Fixture.BACKING, offset)
                        .putInt(16, length)
                        .array());

        assertThat(ImageInspector.backingOfQcow2(disk)).isPresent().isNotEqualTo(Optional.of(ROOT_FILL.toString()));
        assertThat(ImageInspector.dependenceOfQcow2(disk, Optional.of(ROOT_FILL)))
                .contains(ImageFault.BackingFile);
    }

    @Test
    void theNameOfAFillIsReadAsItIsWrittenAndInNoOtherForm() {
        assertThat(FillBacking.parse(ROOT_FILL.toString())).contains(ROOT_FILL);
        Stream.of(
                        "",
                        "/etc/shadow",
                        "trusted-launch-fill:",
                        "trusted-launch-fill:1-1-1-1-1/root",
                        "trusted-launch-fill:x/root")
                .forEach(name -> assertThat(FillBacking.parse(name)).as(name).isEmpty());
    }

    private static ByteBuffer backedBy(String name) {
        ByteBuffer disk = Qcow2Fixture.valid();
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        return disk.putLong(Qcow2Fixture.BACKING, 300).putInt(16, bytes.length).put(300, bytes);
    }

    private static ImageForm inspect(ByteBuffer image) throws IOException {
        return inspect(image, image.capacity());
    }

    private static ImageForm inspect(ByteBuffer image, long size) throws IOException {
        return ImageInspector.inspect(new BytesChannel(image, size));
    }
}
