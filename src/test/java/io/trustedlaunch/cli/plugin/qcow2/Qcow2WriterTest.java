package io.trustedlaunch.cli.plugin.qcow2;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.agent.disks.QemuImages;
import io.trustedlaunch.agent.imageform.ImageForm;
import io.trustedlaunch.agent.imageform.ImageInspector;
import io.trustedlaunch.catalog.ImageFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is written is what the host's qemu-img and the agent's own reader take for that disk. */
class Qcow2WriterTest {
    private static final int CLUSTER = Qcow2Writer.CLUSTER;
    private static final int SECTOR = Qcow2Writer.SECTOR;
    private static final long GIB = 1L << 30;

    @TempDir
    private Path folder;

    private Path raw;
    private Path image;

    private record Part(long at, byte[] bytes) {}

    @BeforeEach
    void name() {
        raw = folder.resolve("disk.raw");
        image = folder.resolve("disk.qcow2");
    }

    private long write(long bytes, boolean compress, List<Part> parts) throws IOException {
        try (FileChannel file = create(image);
                FileChannel disk = create(raw)) {
            Qcow2Writer writer = new Qcow2Writer((at, some) -> put(file, at, some), bytes, compress);
            disk.write(ByteBuffer.allocate(1), bytes - 1);
            for (Part part : parts) {
                put(disk, part.at(), ByteBuffer.wrap(part.bytes()));
                writer.write(part.at(), ByteBuffer.wrap(part.bytes()));
            }
            return writer.finish();
        }
    }

    private static FileChannel create(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    private static void put(FileChannel file, long at, ByteBuffer bytes) throws IOException {
        long to = at;
        while (bytes.hasRemaining()) {
            to += file.write(bytes, to);
        }
    }

    private void assertIsDisk(long bytes, long written) throws IOException {
        assertThat(Files.size(image)).isEqualTo(written);
        assertThat(ImageInspector.inspect(image)).isEqualTo(new ImageForm.Accepted(ImageFormat.qcow2, bytes));
        assertThat(ImageInspector.dependenceOfQcow2(image)).isEmpty();
        QemuImages.qemuImg("check", "-f", "qcow2", image.toString());
        QemuImages.qemuImg("compare", "-f", "raw", "-F", "qcow2", raw.toString(), image.toString());
        assertThat(QemuImages.run("info", "-f", "qcow2", "--output=json", image.toString())
                        .output())
                .contains("\"virtual-size\": " + bytes)
                .doesNotContain("backing", "data-file", "snapshots", "bitmaps");
    }

    private void assertRoundTrip(long bytes, boolean compress, List<Part> parts) throws IOException {
        Files.deleteIfExists(raw);
        Files.deleteIfExists(image);
        assertIsDisk(bytes, write(bytes, compress, parts));
    }

    private static byte[] noise(Random random, int bytes) {
        byte[] noise = new byte[bytes];
        random.nextBytes(noise);
        return noise;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anEmptyDiskIsItsTablesAlone(boolean compress) throws IOException {
        assertRoundTrip(64 * GIB, compress, List.of());
        assertThat(Files.size(image)).isEqualTo(4L * CLUSTER);

        assertRoundTrip(SECTOR, compress, List.of(new Part(0, new byte[SECTOR])));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aFullDiskHasAllOfItsClusters(boolean compress) throws IOException {
        byte[] noise = noise(new Random(1), 300 * CLUSTER);
        assertRoundTrip(noise.length, compress, List.of(new Part(0, noise)));
        assertThat(Files.size(image)).isEqualTo(noise.length + 5L * CLUSTER);
    }

    @ParameterizedTest
    @ValueSource(ints = {SECTOR, CLUSTER - SECTOR, CLUSTER, CLUSTER + SECTOR, 3 * CLUSTER + 7 * SECTOR})
    void theEndOfTheDiskNeedsNotBeThatOfACluster(int bytes) throws IOException {
        for (boolean compress : List.of(false, true)) {
            assertRoundTrip(bytes, compress, List.of(new Part(0, noise(new Random(2), bytes))));
            byte[] text = new byte[bytes];
            Arrays.fill(text, (byte) 'a');
            assertRoundTrip(bytes, compress, List.of(new Part(0, text)));
        }
    }

    /** As a backup has it, in blocks, and as it might come otherwise. */
    @Test
    void randomDisksWhosePartsComeInAnyOrderAreThoseDisks() throws IOException {
        long seed = Long.getLong("qcow2.seed", new Random().nextLong());
        System.out.println("-Dqcow2.seed=" + seed);
        Random random = new Random(seed);
        for (int round = 0; round < 12; round++) {
            long bytes = (1 + random.nextInt(1 << 22)) * (long) SECTOR;
            assertRoundTrip(bytes, random.nextBoolean(), parts(random, bytes));
        }
    }

    private static List<Part> parts(Random random, long bytes) {
        List<Part> parts = new ArrayList<>();
        boolean inBlocks = random.nextBoolean();
        long at = 0;
        while (true) {
            long gap = random.nextInt(3) == 0 ? 0 : random.nextLong(bytes / 40 + 1);
            at = inBlocks ? Math.ceilDiv(at + gap, CLUSTER) * CLUSTER : at + gap;
            if (at >= bytes) {
                break;
            }
            long length = inBlocks ? (1L + random.nextInt(20)) * CLUSTER : 1 + random.nextInt(1 << 20);
            byte[] part = noise(random, (int) Math.min(length, bytes - at));
            for (int from = 0; from < part.length; from += CLUSTER) {
                int to = Math.min(part.length, from + CLUSTER);
                switch (random.nextInt(4)) {
                    case 0 -> Arrays.fill(part, from, to, (byte) 0);
                    case 1 -> Arrays.fill(part, from, to, (byte) random.nextInt());
                    case 2 -> Arrays.fill(part, from + (to - from) / 3, to, (byte) 'x');
                    default -> {
                        // Noise, which does not become smaller.
                    }
                }
            }
            parts.add(new Part(at, part));
            at += part.length;
        }
        Collections.shuffle(parts, random);
        return parts;
    }

    @Test
    void compressionMakesItSmaller() throws IOException {
        byte[] text = "all work and no play ".repeat(100_000).getBytes(US_ASCII);
        byte[] disk = Arrays.copyOf(text, Math.ceilDiv(text.length, SECTOR) * SECTOR);
        assertRoundTrip(disk.length, true, List.of(new Part(0, disk)));
        assertThat(Files.size(image)).isLessThan(disk.length / 3);
    }

    /** Readers of the format look back 4 KiB, although qemu-img does not mind. */
    @Test
    void nothingIsCompressedByWhatWasMoreThanFourKibibytesBefore() {
        byte[] eight = noise(new Random(4), 8 << 10);
        ByteBuffer cluster = ByteBuffer.allocate(CLUSTER);
        while (cluster.hasRemaining()) {
            cluster.put(eight);
        }
        assertThat(new ClusterDeflater().smaller(cluster.flip())).isEmpty();
    }

    /** More than one block of refcounts, and more than one table of offsets. */
    @Test
    void aDiskOfManyTablesIsThatDisk() throws IOException {
        long bytes = 3 * (1L << 40) + SECTOR;
        List<Part> parts = new ArrayList<>();
        Random random = new Random(3);
        for (long at = 0; at < bytes; at += 700L * GIB + 3L * CLUSTER) {
            parts.add(new Part(at, noise(random, SECTOR)));
        }
        parts.add(new Part(bytes - SECTOR, noise(random, SECTOR)));
        assertRoundTrip(bytes, false, parts);
        assertThat(Files.size(image)).isLessThan(100L * CLUSTER);
    }

    /** The counts of the file's own clusters need a second cluster, whose own count is in it. */
    @Test
    void aFileOfMoreClustersThanOneBlockCountsIsConsistent() throws IOException {
        int written = 33_000;
        long bytes = (long) written * CLUSTER;
        byte[] one = new byte[CLUSTER];
        one[5] = 1;
        try (FileChannel file = create(image)) {
            // Only what the check reads: the data is holes.
            Qcow2Writer writer = new Qcow2Writer(
                    (at, some) -> {
                        if (!some.equals(ByteBuffer.wrap(one))) {
                            put(file, at, some);
                        }
                    },
                    bytes,
                    false);
            for (int cluster = 0; cluster < written; cluster++) {
                writer.write((long) cluster * CLUSTER, ByteBuffer.wrap(one));
            }
            assertThat(writer.finish()).isEqualTo(Files.size(image));
        }
        QemuImages.qemuImg("check", "-f", "qcow2", image.toString());
        assertThat(ImageInspector.inspect(image)).isEqualTo(new ImageForm.Accepted(ImageFormat.qcow2, bytes));
    }

    @Test
    void whatIsNoPartOfADiskIsRefused() throws IOException {
        for (long bytes : new long[] {0, -SECTOR, SECTOR + 1, Qcow2Writer.LARGEST + SECTOR, Long.MAX_VALUE}) {
            assertThatThrownBy(() -> new Qcow2Writer((at, some) -> {}, bytes, false))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        Qcow2Writer writer = new Qcow2Writer((at, some) -> {}, CLUSTER, true);
        for (long at : new long[] {-1, CLUSTER, CLUSTER - 1, Long.MAX_VALUE}) {
            assertThatThrownBy(() -> writer.write(at, ByteBuffer.allocate(2)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        byte[] ones = new byte[CLUSTER];
        Arrays.fill(ones, (byte) 1);
        writer.write(0, ByteBuffer.wrap(ones));
        assertThatThrownBy(() -> writer.write(0, ByteBuffer.wrap(ones)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("twice");
    }
}
