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
 * The host's qemu-img, under resource limits: untrusted images have made it allocate memory without bound.
 *
 * @param inspection timeout of creating and resizing a disk
 * @param conversion timeout of checking and converting an image
 * @param cancelled whether the result is not needed any more
 */
public record QemuImg(Duration inspection, Duration conversion, BooleanSupplier cancelled) implements DiskTool {
    /** qemu-img ends with the agent, since the next agent removes the file that it writes. */
    private static final List<String> WITH_THE_AGENT = List.of("/usr/bin/setpriv", "--pdeathsig", "KILL", "--");

    private static final Path PRLIMIT = Path.of("/usr/bin/prlimit");
    private static final String MEMORY = "--as=" + (2L << 30);
    private static final String NO_CORE = "--core=0";

    /** No error; leaked clusters only; a format without checks. */
    private static final Set<Integer> SOUND = Set.of(0, 3, 63);

    public QemuImg(Duration inspection, Duration conversion) {
        this(inspection, conversion, () -> false);
    }

    /** The same, but ended with a {@link CancellationException} once the supplier returns true. */
    public QemuImg until(BooleanSupplier stop) {
        return new QemuImg(inspection, conversion, stop);
    }

    /** Checks all metadata of the image, above all its refcounts. */
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

    /** Explicit format and driver, so that qemu-img never guesses the format or interprets the file's name. */
    private static String options(Path image, ImageFormat format) {
        String driver = switch (format) {
            case raw -> "raw";
            case qcow2 -> "qcow2";
            // The size from the geometry is rounded down and would cut off the end.
            case vhd -> "vpc,force_size_calc=current_size";
            case vhdx -> "vhdx";
        };
        return "driver=" + driver + ",file.driver=file,file.filename="
                + image.toString().replace(",", ",,");
    }

    /** The limit for a qcow2's metadata is generous: it takes a 6,000th of the data. */
    private static long qcow2Bytes(long virtualBytes) {
        return virtualBytes + virtualBytes / 4096 + (16 << 20);
    }

    @Override
    public void create(Path disk, long bytes) {
        change("create", disk, bytes, "create", "-q", "-f", "qcow2", "--", disk.toString(), Long.toString(bytes));
    }

    @Override
    public void resize(Path disk, long bytes) {
        change("resize", disk, bytes, "resize", "-q", "-f", "qcow2", "--", disk.toString(), Long.toString(bytes));
    }

    private void change(String action, Path disk, long bytes, String... arguments) {
        Command.Result result = run(inspection, qcow2Bytes(bytes), arguments);
        if (NoSpace.isReportedIn(result.output())) {
            throw noSpace(disk);
        }
        if (!result.succeeded()) {
            throw new RefusedException(
                    Reason.StartFailed,
                    "cannot " + action + " disk " + disk + ": " + result.outputTail() + "; check the storage location");
        }
    }

    static RefusedException noSpace(Path disk) {
        return new RefusedException(
                Reason.NoSpace,
                "no space left for " + disk.getFileName() + " in storage location "
                        + disk.getParent().getParent() + ": free or add space");
    }

    private static RefusedException unusable(String problem, Path file, Command.Result result) {
        if (NoSpace.isReportedIn(result.output())) {
            return new RefusedException(
                    Reason.NoSpace, "no space left in " + file.getParent() + " to copy the image: free or add space");
        }
        return new WrongImageException(
                Reason.ImageUnusable,
                "the image cannot be used: "
                        + (result.timedOut() ? "qemu-img did not end in time" : problem + ": " + result.outputTail())
                        + "; export or download it again from its source");
    }

    /** @param fileBytes the maximum size of a file that it writes */
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
                .until(cancelled)
                .run();
        if (result.timedOut() && cancelled.getAsBoolean()) {
            throw new CancellationException("qemu-img was cancelled");
        }
        return result;
    }
}
