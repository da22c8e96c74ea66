package io.trustedlaunch.agent.disks;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.trustedlaunch.agent.host.NoSpace;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.process.Command;
import io.trustedlaunch.api.Reason;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The host's qemu-img, under limits: an image is somebody else's data, and has made it allocate without bound before.
 *
 * @param inspection how long a look at an image may take
 * @param conversion how long a copy may take
 */
public record QemuImg(Duration inspection, Duration conversion) {
    private static final Path PRLIMIT = Path.of("/usr/bin/prlimit");
    private static final String MEMORY = "--as=" + (2L << 30);
    private static final String NO_CORE = "--core=0";

    /** Nothing found; only space that nothing uses; a format that cannot be checked, and has nothing to check. */
    private static final Set<Integer> SOUND = Set.of(0, 3, 63);

    ImageInfo info(Path image) {
        Command.Result result =
                run(inspection, "--cpu=" + inspection.toSeconds(), "info", "--output=json", "--", image.toString());
        if (!result.succeeded()) {
            throw unusable("qemu-img cannot read it", result);
        }
        try {
            JsonNode tree = new ObjectMapper()
                    .readTree(result.output()
                            .substring(Math.max(0, result.output().indexOf('{'))));
            return ImageInfo.of(tree);
        } catch (JsonProcessingException e) {
            throw new RefusedException(Reason.ImageUnusable, "the image cannot be described by qemu-img", e);
        }
    }

    /**
     * Looks at all of it. A file that was cut short opens well otherwise, and what is missing reads as zeros.
     *
     * @param format as found by {@link #info}: never guessed again
     */
    void check(Path image, String format) {
        Command.Result result =
                run(conversion, "--cpu=" + conversion.toSeconds(), "check", "-q", "-f", format, "--", image.toString());
        if (result.timedOut() || !SOUND.contains(result.exitCode())) {
            throw unusable("it is damaged", result);
        }
    }

    /** @param format as found by {@link #info}: never guessed again */
    void convert(Path image, String format, Path disk) {
        Command.Result result = run(
                conversion,
                "--cpu=" + conversion.toSeconds(),
                "convert",
                "-f",
                format,
                "-O",
                "qcow2",
                "--",
                image.toString(),
                disk.toString());
        if (!result.succeeded()) {
            throw unusable("qemu-img cannot convert it", result);
        }
    }

    void create(Path disk, long bytes) {
        change("make", disk, "create", "-q", "-f", "qcow2", "--", disk.toString(), Long.toString(bytes));
    }

    void resize(Path disk, long bytes) {
        change("resize", disk, "resize", "-q", "-f", "qcow2", "--", disk.toString(), Long.toString(bytes));
    }

    private void change(String what, Path disk, String... arguments) {
        Command.Result result = run(inspection, "--cpu=" + inspection.toSeconds(), arguments);
        if (NoSpace.isSaidIn(result.output())) {
            throw noSpace(disk);
        }
        if (!result.succeeded()) {
            throw new RefusedException(
                    Reason.StartFailed, "cannot " + what + " disk " + disk.getFileName() + ": " + result.lastWords());
        }
    }

    static RefusedException noSpace(Path disk) {
        return new RefusedException(
                Reason.NoSpace,
                "no space left for " + disk.getFileName() + " in storage location "
                        + disk.getParent().getParent() + ": free or add some");
    }

    private static RefusedException unusable(String what, Command.Result result) {
        if (NoSpace.isSaidIn(result.output())) {
            return new RefusedException(Reason.NoSpace, "no space left in the storage location to copy the image");
        }
        return new RefusedException(
                Reason.ImageUnusable,
                "the image cannot be used: " + what + (result.timedOut() ? " in time" : ": " + result.lastWords()));
    }

    private static Command.Result run(Duration timeout, String processorTime, String... arguments) {
        List<String> command = new ArrayList<>();
        if (Files.isExecutable(PRLIMIT)) {
            command.addAll(List.of(PRLIMIT.toString(), MEMORY, processorTime, NO_CORE, "--"));
        }
        command.add("qemu-img");
        command.addAll(List.of(arguments));
        return Command.of(timeout, command.toArray(String[]::new)).run();
    }
}
