package io.trustedlaunch.agent.imagecopy;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.image.ImageCopy;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.files.DurableFiles;
import io.trustedlaunch.process.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * How long an import takes beside the two commands that do the same without the care. Prints, and asserts nothing of,
 * durations; {@code bin/bench} makes the images and runs it.
 */
class ImportBenchmark {
    private static final Path FOLDER = Path.of(System.getProperty("bench.folder", "."));
    private static final int ROUNDS = Integer.getInteger("bench.rounds", 5);
    private static final Duration LONGEST = Duration.ofMinutes(10);

    @ParameterizedTest
    @ValueSource(strings = {"image.raw", "image.qcow2"})
    void importsBesideTheTools(String image) throws IOException {
        ImageCopy copy = ImageCopies.of(FOLDER, image, sha256(FOLDER.resolve(image)));
        bring(copy);
        long[] imports = new long[ROUNDS];
        long[] tools = new long[ROUNDS];
        long[] durable = new long[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            // Memory returned to the underlying machine is slow at its next use.
            if (round % 2 == 0) {
                imports[round] = bring(copy);
            }
            long begin = System.nanoTime();
            Path converted = runTools(FOLDER.resolve(image));
            tools[round] = since(begin);
            DurableFiles.sync(converted);
            durable[round] = since(begin);
            if (round % 2 == 1) {
                imports[round] = bring(copy);
            }
            System.out.printf(
                    "%s: import %d ms; tools %d ms, with a sync %d ms%n",
                    image, imports[round], tools[round], durable[round]);
        }
        print(image, "medians", median(imports), median(tools), median(durable));
        print(image, "fastest", fastest(imports), fastest(tools), fastest(durable));
    }

    private static void print(String image, String which, long imports, long tools, long durable) {
        System.out.printf(
                "%s: %s %d ms; %d ms, ratio %.2f; with a sync %d ms, ratio %.2f%n",
                image, which, imports, tools, (double) imports / tools, durable, (double) imports / durable);
    }

    private static long bring(ImageCopy copy) throws IOException {
        ImageFolder folder = new ImageFolder(FOLDER);
        folder.remove(ImageCopies.IMAGE);
        long begin = System.nanoTime();
        new Importer(ImageCopies.NODE, ImageCopies.sources()::of, Failpoints.none())
                .run(copy, folder, ImageCopies.UNHEARD);
        return since(begin);
    }

    private static Path runTools(Path image) throws IOException {
        Path converted = FOLDER.resolve("converted.qcow2");
        Files.deleteIfExists(converted);
        sha256(image);
        run("qemu-img", "convert", "-O", "qcow2", image.toString(), converted.toString());
        return converted;
    }

    private static long since(long begin) {
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

    private static long fastest(long[] durations) {
        return LongStream.of(durations).min().orElseThrow();
    }

    private static long median(long[] durations) {
        return LongStream.of(durations)
                .sorted()
                .skip(durations.length / 2)
                .findFirst()
                .orElseThrow();
    }
}
