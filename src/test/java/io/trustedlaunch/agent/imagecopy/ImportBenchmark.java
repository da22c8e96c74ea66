package io.trustedlaunch.agent.imagecopy;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.disks.QemuImg;
import io.trustedlaunch.agent.host.DurableFiles;
import io.trustedlaunch.agent.process.Command;
import io.trustedlaunch.api.ImageCopy;
import io.trustedlaunch.failpoint.Failpoints;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * How long an import takes beside the two commands that do the same without the care. Prints, and asserts nothing of,
 * durations; {@code bin/bench-import} makes the images and runs it.
 */
class ImportBenchmark {
    private static final Path FOLDER = Path.of(System.getProperty("bench.folder", "."));
    private static final int ROUNDS = Integer.getInteger("bench.rounds", 5);
    private static final Duration LONGEST = Duration.ofMinutes(10);

    @ParameterizedTest
    @ValueSource(strings = {"image.raw", "image.qcow2"})
    void importsBesideTheTools(String image) throws IOException {
        long[] imports = new long[ROUNDS];
        long[] tools = new long[ROUNDS];
        ImageCopy copy = Copies.of(FOLDER, image, sha256(FOLDER.resolve(image)));
        bring(copy);
        for (int round = 0; round < ROUNDS; round++) {
            imports[round] = bring(copy);
            tools[round] = runTools(FOLDER.resolve(image));
            System.out.printf("%s: import %d ms, tools %d ms%n", image, imports[round], tools[round]);
        }
        System.out.printf(
                "%s: medians %d ms, %d ms, ratio %.2f%n",
                image, median(imports), median(tools), (double) median(imports) / median(tools));
    }

    private static long bring(ImageCopy copy) throws IOException {
        CopyFolder folder = new CopyFolder(FOLDER);
        folder.remove(Copies.IMAGE);
        long begin = System.nanoTime();
        new Importer(Copies.NODE, Origins::of, new QemuImg(LONGEST, LONGEST), UUID::randomUUID, Failpoints.none())
                .bring(copy, folder, (what, done, total) -> {});
        return Duration.ofNanos(System.nanoTime() - begin).toMillis();
    }

    private static long runTools(Path image) throws IOException {
        Path converted = FOLDER.resolve("converted.qcow2");
        Files.deleteIfExists(converted);
        long begin = System.nanoTime();
        sha256(image);
        run("qemu-img", "convert", "-O", "qcow2", image.toString(), converted.toString());
        DurableFiles.sync(converted);
        return Duration.ofNanos(System.nanoTime() - begin).toMillis();
    }

    private static String sha256(Path image) {
        String said = run("openssl", "dgst", "-sha256", "-r", image.toString());
        return said.substring(0, said.indexOf(' '));
    }

    private static String run(String... command) {
        Command.Result result = Command.of(LONGEST, command).run();
        assertThat(result.succeeded()).as(result.output()).isTrue();
        return result.output();
    }

    private static long median(long[] durations) {
        return LongStream.of(durations)
                .sorted()
                .skip(durations.length / 2)
                .findFirst()
                .orElseThrow();
    }
}
