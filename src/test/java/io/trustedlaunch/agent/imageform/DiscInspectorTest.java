package io.trustedlaunch.agent.imageform;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.imageform.ImageForm.Accepted;
import io.trustedlaunch.agent.imageform.ImageForm.Refused;
import io.trustedlaunch.agent.seed.Xorriso;
import io.trustedlaunch.catalog.ImageFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Discs are accepted, also one that the host's xorriso made, and nothing else is. */
class DiscInspectorTest {
    private static final int SECTOR = 2048;

    @TempDir
    private Path folder;

    @Test
    void aDiscOfXorrisoIsOne() throws IOException {
        Path files = Files.createDirectory(folder.resolve("files"));
        Files.writeString(files.resolve("readme"), "of a disc");
        Path image = folder.resolve("disc.iso");
        new Xorriso().write("tools", files, image);

        assertThat(DiscInspector.inspect(image)).isEqualTo(new Accepted(ImageFormat.raw, Files.size(image)));
    }

    @Test
    void aDiscWithUdfAloneIsOne() throws IOException {
        assertThat(fault(disc("BEA01", "BOOT2", "NSR03", "TEA01"))).isNull();
        assertThat(fault(disc("BEA01", "NSR02"))).isNull();
    }

    @Test
    void nothingElseIs() throws IOException {
        assertThat(fault(new byte[0])).isEqualTo(ImageFault.Empty);
        assertThat(fault(new byte[1])).isEqualTo(ImageFault.NotADisc);
        assertThat(fault(new byte[64 * SECTOR])).isEqualTo(ImageFault.NotADisc);
        assertThat(fault(disc("CD002"))).isEqualTo(ImageFault.NotADisc);
        assertThat(fault(disc("BEA01"))).as("no volume").isEqualTo(ImageFault.NotADisc);
        assertThat(fault(disc("BEA01", "TEA01", "CD001"))).isEqualTo(ImageFault.NotADisc);
        assertThat(fault(disc("NSR02"))).as("no beginning").isEqualTo(ImageFault.NotADisc);
        byte[] whole = disc("CD001");
        assertThat(fault(ByteBuffer.wrap(whole, 0, 17 * SECTOR - 1)))
                .as("cut short")
                .isEqualTo(ImageFault.NotADisc);
        assertThat(fault(ByteBuffer.wrap(whole, 0, 17 * SECTOR))).isNull();
    }

    /** Its next step is another one. */
    @Test
    void aFileThatIsPackedSaysSo() throws IOException {
        byte[] packed = new byte[40 * SECTOR];
        packed[0] = 0x1f;
        packed[1] = (byte) 0x8b;

        assertThat(fault(packed)).isEqualTo(ImageFault.Compressed);
    }

    /** What the system area has is not asked: a disc that boots from a USB stick as well begins like a disk. */
    @Test
    void aHybridDiscIsOne() throws IOException {
        byte[] disc = disc("CD001");
        disc[510] = 0x55;
        disc[511] = (byte) 0xAA;

        assertThat(fault(disc)).isNull();
    }

    private static byte[] disc(String... descriptors) {
        byte[] disc = new byte[64 * SECTOR];
        for (int i = 0; i < descriptors.length; i++) {
            byte[] identifier = descriptors[i].getBytes(StandardCharsets.US_ASCII);
            System.arraycopy(identifier, 0, disc, (16 + i) * SECTOR + 1, identifier.length);
        }
        return disc;
    }

    private ImageFault fault(byte[] bytes) throws IOException {
        return fault(ByteBuffer.wrap(bytes));
    }

    /** Null: it is a disc. */
    private ImageFault fault(ByteBuffer bytes) throws IOException {
        byte[] content = new byte[bytes.remaining()];
        bytes.duplicate().get(content);
        Path image = Files.write(folder.resolve("image"), content);
        return DiscInspector.inspect(image) instanceof Refused refused ? refused.fault() : null;
    }
}
