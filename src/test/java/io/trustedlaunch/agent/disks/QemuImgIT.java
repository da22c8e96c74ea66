package io.trustedlaunch.agent.disks;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.trustedlaunch.agent.host.Accounts;
import io.trustedlaunch.agent.host.HypervisorAccount;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.imageform.ImageForm;
import io.trustedlaunch.agent.imageform.ImageForm.Accepted;
import io.trustedlaunch.agent.imageform.ImageInspector;
import io.trustedlaunch.catalog.ImageFormat;
import io.trustedlaunch.files.FileTree;
import io.trustedlaunch.process.Command;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The host's qemu-img with images that {@link ImageInspector} accepts. */
class QemuImgIT {
    private static final int DAMAGES_OF_EACH = 25;
    private static final long SEED = Long.getLong("images.seed", new Random().nextLong());

    @TempDir
    private Path folder;

    private QemuImg qemuImg;
    private Path copy;

    @BeforeEach
    void makeEmptyDisk() throws IOException {
        qemuImg = new QemuImg(Duration.ofSeconds(30), Duration.ofSeconds(60), Accounts.ownerOf(folder));
        copy = Files.createFile(folder.resolve("copy"));
    }

    /** qemu-img must find the same size as the inspector, or refuse the image. */
    @Test
    void aDamagedImageThatIsAcceptedIsConvertedOrRefused() throws IOException {
        Random random = new Random(SEED);
        Path disk = QemuImages.disk(folder.resolve("disk"));
        int converted = 0;
        int refused = 0;
        for (QemuImages.Form form : QemuImages.Form.all()) {
            Path image = folder.resolve("image");
            form.make(disk, image);
            try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
                for (int i = 0; i < DAMAGES_OF_EACH; i++) {
                    Map<Long, Integer> was = damage(file, random);
                    if (ImageInspector.inspect(image) instanceof Accepted accepted) {
                        if (convert(image, accepted)) {
                            converted++;
                        } else {
                            refused++;
                        }
                    }
                    for (Map.Entry<Long, Integer> each : was.entrySet()) {
                        file.seek(each.getKey());
                        file.write(each.getValue());
                    }
                }
            }
        }
        System.out.println("damaged images that the inspector accepted (-Dimages.seed=" + SEED
                + "): qemu-img converted " + converted + " and refused " + refused);
        assertThat(converted).isPositive();
    }

    @Test
    void aConversionThatHangsIsKilled() throws IOException {
        Path image = fifo();

        RefusedException refused = catchThrowableOfType(
                RefusedException.class,
                () -> new QemuImg(Duration.ofSeconds(1), Duration.ofSeconds(1), Accounts.ownerOf(folder))
                        .convert(image, new Accepted(ImageFormat.raw, 1 << 20), copy));

        assertThat(refused.getMessage()).contains("in time");
    }

    @Test
    void qemuImgRunsUnderLimitsAndEndsWithTheAgent() throws IOException {
        Path image = fifo();
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Process agent = new ProcessBuilder(
                        java,
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        HangingConversion.class.getName(),
                        image.toString())
                .inheritIO()
                .start();
        try {
            ProcessHandle tool = await("qemu-img")
                    .atMost(Duration.ofSeconds(60))
                    .until(
                            () -> agent.descendants()
                                    .filter(each ->
                                            each.info().command().orElse("").endsWith("qemu-img"))
                                    .findFirst(),
                            Optional::isPresent)
                    .orElseThrow();
            assertThat(Files.readString(Path.of("/proc", Long.toString(tool.pid()), "limits"))
                            .lines()
                            .map(line -> line.replaceAll(" +", " ")))
                    .anyMatch(line -> line.startsWith("Max address space 2147483648 "))
                    .anyMatch(line -> line.startsWith("Max cpu time 300 "))
                    .anyMatch(line -> line.startsWith("Max file size 0 "))
                    .anyMatch(line -> line.startsWith("Max core file size 0 "));
            agent.destroyForcibly();

            await("its end").atMost(Duration.ofSeconds(60)).until(() -> !tool.isAlive());
        } finally {
            agent.destroyForcibly();
        }
    }

    /** It reads what it is shown, and writes to what it is given, in a folder that it cannot enter. */
    @Test
    void qemuImgRunsAsTheHypervisorsUser() throws IOException {
        assumeThat(System.getProperty("user.name")).isEqualTo("root");
        HypervisorAccount account = HypervisorAccount.named(Optional.empty(), Optional.empty());
        Path open = Files.createTempDirectory(Path.of("/var/tmp"), "qemu-img");
        try {
            account.makePassage(open);
            Path image = QemuImages.disk(open.resolve("image"));
            QemuImg tool = new QemuImg(Duration.ofSeconds(30), Duration.ofSeconds(60), account);
            account.give(copy);
            Accepted form = new Accepted(ImageFormat.raw, QemuImages.BYTES);
            Files.setPosixFilePermissions(image, PosixFilePermissions.fromString("rw-------"));

            assertThat(catchThrowableOfType(RefusedException.class, () -> tool.convert(image, form, copy)))
                    .hasMessageContaining("Permission denied");

            account.show(image);
            tool.convert(image, form, copy);
            tool.resize(copy, 2 * (QemuImages.BYTES - QemuImages.BYTES % 1024));

            assertThat(ImageInspector.virtualSizeOfQcow2(copy))
                    .contains(2 * (QemuImages.BYTES - QemuImages.BYTES % 1024));
            QemuImages.qemuImg("check", copy.toString());
        } finally {
            FileTree.of(open).delete();
        }
    }

    /** Its reader waits forever. */
    private Path fifo() throws IOException {
        Path fifo = folder.resolve("fifo");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
        assertThat(Command.of(Duration.ofSeconds(5), "mkfifo", "-m", "0644", fifo.toString())
                        .run()
                        .succeeded())
                .isTrue();
        return fifo;
    }

    @Test
    void theSizeOfACopyIsLimited() throws IOException {
        Path disk = folder.resolve("disk");
        Files.write(disk, noise(40 << 20));

        RefusedException refused = catchThrowableOfType(
                RefusedException.class, () -> qemuImg.convert(disk, new Accepted(ImageFormat.raw, 1 << 20), copy));

        assertThat(refused.getMessage()).contains("File too large");
        assertThat(Files.size(copy)).isLessThan(20 << 20);
    }

    /** With all data and tables that it can have. */
    @Test
    void aCopyOfAFullDiskIsWithinTheLimit() throws IOException {
        Path disk = folder.resolve("disk");
        Files.write(disk, noise(100 << 20));

        qemuImg.convert(disk, new Accepted(ImageFormat.raw, 100 << 20), copy);

        assertThat(ImageInspector.inspect(copy)).isEqualTo(new Accepted(ImageFormat.qcow2, 100 << 20));
    }

    /** For a VHD made by Virtual PC, QEMU would by default use the geometry, which is smaller. */
    @Test
    void theSizeOfAVhdIsItsCurrentSize() throws IOException {
        Path disk = QemuImages.disk(folder.resolve("disk"));
        Path image = folder.resolve("image");
        new QemuImages.Form("vpc", "subformat=fixed,force_size=on").make(disk, image);
        markAsMadeByVirtualPc(image);

        qemuImg.convert(image, new Accepted(ImageFormat.vhd, QemuImages.BYTES), copy);

        assertThat(ImageInspector.inspect(image)).isEqualTo(new Accepted(ImageFormat.vhd, QemuImages.BYTES));
        assertThat(ImageInspector.inspect(copy)).isEqualTo(new Accepted(ImageFormat.qcow2, QemuImages.BYTES));
        QemuImages.qemuImg("compare", "-f", "raw", "-F", "qcow2", disk.toString(), copy.toString());
    }

    @Test
    void aFileNameIsNotInterpreted() throws IOException {
        for (String name : List.of("a,driver=nbd", "json:{}", "nbd:localhost", "a=b,,c", "-o")) {
            Path disk = QemuImages.disk(folder.resolve(name));

            qemuImg.convert(disk, new Accepted(ImageFormat.raw, QemuImages.BYTES), copy);
        }
    }

    private static void markAsMadeByVirtualPc(Path vhd) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(vhd.toFile(), "rw")) {
            byte[] footer = new byte[512];
            file.seek(file.length() - footer.length);
            file.readFully(footer);
            int heads = 4;
            int sectors = 17;
            int cylinders = Math.toIntExact(QemuImages.BYTES / 512 / heads / sectors);
            ByteBuffer.wrap(footer)
                    .put(28, "vpc ".getBytes(US_ASCII))
                    .putInt(56, cylinders << 16 | heads << 8 | sectors)
                    .putInt(64, 0);
            int sum = 0;
            for (byte each : footer) {
                sum += Byte.toUnsignedInt(each);
            }
            ByteBuffer.wrap(footer).putInt(64, ~sum);
            file.seek(file.length() - footer.length);
            file.write(footer);
        }
    }

    private boolean convert(Path image, Accepted form) throws IOException {
        try {
            qemuImg.convert(image, form, copy);
        } catch (RefusedException e) {
            assertThat(e.getMessage()).doesNotContain("in time");
            return false;
        }
        ImageForm copied = ImageInspector.inspect(copy);
        assertThat(copied).isEqualTo(new Accepted(ImageFormat.qcow2, form.virtualBytes()));
        return true;
    }

    /**
     * Mostly where tables are: at the start, and at the end, where a VHD has its footer.
     *
     * @return the original bytes by offset
     */
    private static Map<Long, Integer> damage(RandomAccessFile file, Random random) throws IOException {
        Map<Long, Integer> was = new HashMap<>();
        for (int times = 1 + random.nextInt(4); times > 0; times--) {
            long range = Math.min(file.length(), 1L << (9 + random.nextInt(14)));
            long at = random.nextInt(8) == 0 ? file.length() - 1 - random.nextInt(512) : random.nextLong(range);
            file.seek(at);
            int before = file.read();
            was.putIfAbsent(at, before);
            file.seek(at);
            file.write(random.nextBoolean() ? random.nextInt() : before ^ 1 << random.nextInt(8));
        }
        return was;
    }

    private static byte[] noise(int length) {
        byte[] noise = new byte[length];
        new Random(3).nextBytes(noise);
        return noise;
    }
}
