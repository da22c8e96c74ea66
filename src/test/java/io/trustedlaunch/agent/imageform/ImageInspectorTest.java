package io.trustedlaunch.agent.imageform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.agent.imageform.ImageForm.Accepted;
import io.trustedlaunch.agent.imageform.ImageForm.Refused;
import io.trustedlaunch.catalog.ImageFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is accepted, and every fault of a table of hostile images. */
class ImageInspectorTest {
    /** Larger than what a test makes in memory: each has a test of its own. */
    private static final Set<ImageFault> OF_LARGE_FILES = EnumSet.of(ImageFault.TooManyBlocks);

    private static Stream<HostileImage> hostile() {
        return Stream.of(HostileRawDisks.all(), HostileQcow2s.all(), HostileVhds.all(), HostileVhdxs.all())
                .flatMap(each -> each);
    }

    @Test
    void eachHostileImageIsRefusedForItsOwnReason() throws IOException {
        List<HostileImage> all = hostile().toList();
        assertThat(all).extracting(HostileImage::what).doesNotHaveDuplicates();

        SoftAssertions softly = new SoftAssertions();
        for (HostileImage each : all) {
            softly.assertThat(inspect(each.bytes())).as(each.what()).isEqualTo(new Refused(each.fault()));
        }
        softly.assertAll();
        System.out.println(all.size() + " hostile images, each refused for its own reason");
    }

    @Test
    void thereIsAHostileImageForEveryFault() {
        Set<ImageFault> met = EnumSet.copyOf(OF_LARGE_FILES);
        hostile().map(HostileImage::fault).forEach(met::add);

        assertThat(EnumSet.complementOf(EnumSet.copyOf(met))).isEmpty();
    }

    @Test
    void everyFaultSaysWhatToDoNext() {
        for (ImageFault fault : ImageFault.values()) {
            assertThat(fault.words()).startsWith("it ").containsOnlyOnce(": ");
        }
    }

    @Test
    void honestImagesAreAcceptedWithTheSizeOfTheirDisk() throws IOException {
        assertThat(inspect(HostileImage.bootable())).isEqualTo(new Accepted(ImageFormat.raw, 1 << 16));
        assertThat(inspect(Qcow2Draft.honest())).isEqualTo(new Accepted(ImageFormat.qcow2, Qcow2Draft.VIRTUAL_BYTES));
        assertThat(inspect(VhdDraft.fixed())).isEqualTo(new Accepted(ImageFormat.vhd, VhdDraft.BLOCK_BYTES));
        assertThat(inspect(VhdDraft.dynamic())).isEqualTo(new Accepted(ImageFormat.vhd, VhdDraft.VIRTUAL_BYTES));
        assertThat(inspect(VhdxDraft.honest())).isEqualTo(new Accepted(ImageFormat.vhdx, VhdxDraft.VIRTUAL_BYTES));
    }

    @Test
    void aFormatIsNotKnownByItsName(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("image.raw");
        Files.write(file, VhdxDraft.honest().array());

        assertThat(ImageInspector.inspect(file)).isEqualTo(new Accepted(ImageFormat.vhdx, VhdxDraft.VIRTUAL_BYTES));
    }

    @Test
    void aFileNeedNotHaveWhatIsPastTheEndOfItsDisk() throws IOException {
        ByteBuffer qcow2 = Qcow2Draft.honest();
        qcow2.putInt(Qcow2Draft.CLUSTER_BITS, 10).putLong(Qcow2Draft.SIZE, 512);
        ByteBuffer large = ByteBuffer.allocate(5 << 10).put(0, qcow2, 0, 512);
        large.putLong(Qcow2Draft.REFCOUNT_TABLE_OFFSET, 1 << 10).putLong(Qcow2Draft.L1_OFFSET, 2 << 10);
        large.putLong(2 << 10, 3 << 10).putLong(3 << 10, 4 << 10);
        assertThat(inspect(large.slice(0, (4 << 10) + 512))).isEqualTo(new Accepted(ImageFormat.qcow2, 512));
        assertThat(inspect(large.slice(0, (4 << 10) + 511))).isEqualTo(new Refused(ImageFault.DataOutside));

        ByteBuffer vhdx = VhdxDraft.honest().putLong(VhdxDraft.DISK_SIZE, 512);
        assertThat(inspect(vhdx.slice(0, VhdxDraft.BLOCK + 512))).isEqualTo(new Accepted(ImageFormat.vhdx, 512));
    }

    @Test
    void aRawDiskOfMoreThanAnyDiskIsRefused() throws IOException {
        assertThat(inspect(HostileImage.bootable(), (64L << 40) + 512)).isEqualTo(new Refused(ImageFault.TooLarge));
        assertThat(inspect(HostileImage.bootable(), 64L << 40)).isEqualTo(new Accepted(ImageFormat.raw, 64L << 40));
    }

    @Test
    void anImageOfTooManyBlocksIsRefusedBeforeItTakesMemory() throws IOException {
        assertThat(inspect(Qcow2Draft.honest(), 512L << 28)).isEqualTo(new Refused(ImageFault.TooManyBlocks));
        assertThat(inspect(Qcow2Draft.honest(), (512L << 28) - 512))
                .isEqualTo(new Accepted(ImageFormat.qcow2, Qcow2Draft.VIRTUAL_BYTES));
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
    void theSizeOfADiskThatAGuestWroteToIsThatOfItsHeader(@TempDir Path folder) throws IOException {
        Path disk = folder.resolve("os.qcow2");
        // What the guest does with its disk is no business of the header's.
        Files.write(disk, Qcow2Draft.honest().putLong(Qcow2Draft.L2, -1).array());
        assertThat(ImageInspector.sizeOfGrownDisk(disk)).contains(Qcow2Draft.VIRTUAL_BYTES);

        Files.write(disk, Qcow2Draft.honest().putLong(Qcow2Draft.BACKING, 112).array());
        assertThat(ImageInspector.sizeOfGrownDisk(disk)).isEmpty();

        Files.write(disk, VhdDraft.fixed().array());
        assertThat(ImageInspector.sizeOfGrownDisk(disk)).isEmpty();
    }

    private static ImageForm inspect(ByteBuffer image) throws IOException {
        return inspect(image, image.capacity());
    }

    private static ImageForm inspect(ByteBuffer image, long size) throws IOException {
        return ImageInspector.inspect(new BytesChannel(image, size));
    }
}
