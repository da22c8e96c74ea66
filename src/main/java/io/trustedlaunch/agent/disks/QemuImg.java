package io.trustedlaunch.agent.disks;

import io.trustedlaunch.agent.host.Command;
import io.trustedlaunch.agent.host.NoSpace;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.host.WrongImageException;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.catalog.ImageFormat;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/**
 * The host's qemu-img, under limits: an image is somebody else's data, and has made it allocate without bound before.
 *
 * @param inspection how long a look at an image may take
 * @param conversion how long a copy may take
 * @param unwanted whether nobody waits for it any more
 */
public record QemuImg(Duration inspection, Duration conversion, BooleanSupplier unwanted) implements DiskTool {
    /** It dies with the agent, however that ends: what it writes to, another may be about to remove. */
    private static final List<String> WITH_THE_AGENT = List.of("/usr/bin/setpriv", "--pdeathsig", "KILL", "--");

    private static final Path PRLIMIT = Path.of("/usr/bin/prlimit");
    private static final String MEMORY = "--as=" + (2L << 30);
    private static final String NO_CORE = "--core=0";

    /** Nothing found; only space that nothing uses; a format that cannot be checked, and has nothing to check. */
    private static final Set<Integer> SOUND = Set.of(0, 3, 63);

    public QemuImg(Duration inspection, Duration conversion) {
        this(inspection, conversion, () -> false);
    }

    /** The same, broken off with a {@link CancellationException} once it is not wanted any more. */
    public QemuImg until(BooleanSupplier givenUp) {
        return new QemuImg(inspection, conversion, givenUp);
    }

    /** Looks at all of it: at how often each part of it is used, above all. */
    public void check(Path image, ImageFormat format) {
        Command.Result result = run(conversion, 0, "check", "-q", "--image-opts", "--", options(image, format));
        if (result.timedOut() || !SOUND.contains(result.exitCode())) {
            throw unusable("it is damaged", image, result);
        }
    }

    @Override
    public void convert(Path image, ImageFormat format, long virtualBytes, Path disk) {
        Command.Result result = run(
                conversion,
                qcow2Bytes(virtualBytes),
                "convert",
                "--image-opts",
                "-O",
                "qcow2",
                "--",
                options(image, format),
                disk.toString());
        if (!result.succeeded()) {
            throw unusable("qemu-img cannot convert it", disk, result);
        }
    }

    /** The format is said, never guessed, and the file is a file, whatever its name looks like. */
    private static String options(Path image, ImageFormat format) {
        String driver = switch (format) {
            case raw -> "raw";
            case qcow2 -> "qcow2";
            // By the size written down: by cylinders, heads and sectors some would be cut off.
            case vhd -> "vpc,force_size_calc=current_size";
            case vhdx -> "vhdx";
        };
        return "driver=" + driver + ",file.driver=file,file.filename="
                + image.toString().replace(",", ",,");
    }

    /** Its tables take a 6,000th of what it holds. */
    private static long qcow2Bytes(long virtualBytes) {
        return virtualBytes + virtualBytes / 4096 + (16 << 20);
    }

    @Override
    public void create(Path disk, long bytes) {
        change("make", disk, bytes, "create", "-q", "-f", "qcow2", "--", disk.toString(), Long.toString(bytes));
    }

    @Override
    public void resize(Path disk, long bytes) {
        change("resize", disk, bytes, "resize", "-q", "-f", "qcow2", "--", disk.toString(), Long.toString(bytes));
    }

    private void change(String what, Path disk, long bytes, String... arguments) {
        Command.Result result = run(inspection, qcow2Bytes(bytes), arguments);
        if (NoSpace.isReportedIn(result.output())) {
            throw noSpace(disk);
        }
        if (!result.succeeded()) {
            throw new RefusedException(
                    Reason.StartFailed, "cannot " + what + " disk " + disk.getFileName() + ": " + result.outputTail());
        }
    }

    static RefusedException noSpace(Path disk) {
        return new RefusedException(
                Reason.NoSpace,
                "no space left for " + disk.getFileName() + " in storage location "
                        + disk.getParent().getParent() + ": free or add some");
    }

    private static RefusedException unusable(String what, Path at, Command.Result result) {
        if (NoSpace.isReportedIn(result.output())) {
            return new RefusedException(
                    Reason.NoSpace, "no space left in " + at.getParent() + " to copy the image: free or add some");
        }
        return new WrongImageException(
                Reason.ImageUnusable,
                "the image cannot be used: " + what + (result.timedOut() ? " in time" : ": " + result.outputTail()));
    }

    /** @param fileBytes how large a file may be that it writes */
    private Command.Result run(Duration timeout, long fileBytes, String... arguments) {
        List<String> command = new ArrayList<>();
        if (Files.isExecutable(Path.of(WITH_THE_AGENT.getFirst()))) {
            command.addAll(WITH_THE_AGENT);
        }
        if (Files.isExecutable(PRLIMIT)) {
            String processorTime = "--cpu=" + timeout.toSeconds();
            command.addAll(List.of(PRLIMIT.toString(), MEMORY, processorTime, "--fsize=" + fileBytes, NO_CORE, "--"));
        }
        command.add("qemu-img");
        command.addAll(List.of(arguments));
        Command.Result result = Command.of(timeout, command.toArray(String[]::new))
                .until(unwanted)
                .run();
        if (result.timedOut() && unwanted.getAsBoolean()) {
            throw new CancellationException("qemu-img is not wanted any more");
        }
        return result;
    }
}
