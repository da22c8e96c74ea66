package io.trustedlaunch.agent.disks;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.trustedlaunch.agent.host.HypervisorAccount;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.imageform.FillBacking;
import io.trustedlaunch.agent.imageform.ImageForm.Accepted;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.catalog.ImageFormat;
import io.trustedlaunch.files.NoSpace;
import io.trustedlaunch.files.OpenFile;
import io.trustedlaunch.process.Command;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The host's qemu-img, confined because it reads untrusted images. It gets the disk that it writes as its standard input, so
 * that no name in a storage location leads it to another file.
 *
 * @param inspection timeout of creating and resizing a disk
 * @param conversion timeout of checking and converting an image
 */
public record QemuImg(Duration inspection, Duration conversion, HypervisorAccount account) implements DiskTool {
    private static final String DISK = "/dev/fd/0";
    private static final ObjectMapper JSON = new ObjectMapper();

    /** The guest may have named a backing file in its disk. */
    private static final String INDEPENDENT =
            "json:{\"driver\": \"qcow2\", \"backing\": null, \"file\": {\"driver\": \"file\", \"filename\": \"" + DISK
                    + "\"}}";

    /** No error; leaked clusters only; a format without checks. */
    private static final Set<Integer> SOUND = Set.of(0, 3, 63);

    @Override
    public void convert(Path image, Accepted form, Path disk) {
        check(image, form.format());
        Command.Result result = run(
                conversion,
                qcow2Bytes(form.virtualBytes()),
                Optional.of(disk),
                "convert",
                "--image-opts",
                "-O",
                "qcow2",
                "--",
                options(image, form.format()),
                DISK);
        if (NoSpace.isReportedIn(result.output())) {
            throw noSpace(disk);
        }
        if (!result.succeeded()) {
            throw unusable("qemu-img cannot convert it", result);
        }
    }

    /** Checks all metadata of the image, above all its refcounts. */
    private void check(Path image, ImageFormat format) {
        Command.Result result =
                run(conversion, 0, Optional.empty(), "check", "-q", "--image-opts", "--", options(image, format));
        if (result.timedOut() || !SOUND.contains(result.exitCode())) {
            throw unusable("it is damaged", result);
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

    /** The longest file of a disk. The limit for a qcow2's metadata is generous: it takes a 6,000th of the data. */
    public static long qcow2Bytes(long virtualBytes) {
        return virtualBytes + virtualBytes / 4096 + (16 << 20);
    }

    @Override
    public void create(Path disk, long bytes) {
        change("create", disk, bytes, "create", "-q", "-f", "qcow2", "--", DISK, Long.toString(bytes));
    }

    @Override
    public void resize(Path disk, long bytes) {
        for (String bitmap : bitmapsInUse(disk)) {
            change("resize", disk, bytes, "bitmap", "--remove", "--", INDEPENDENT, bitmap);
        }
        change("resize", disk, bytes, "resize", "-q", "--", INDEPENDENT, Long.toString(bytes));
    }

    /** Bitmaps that a sudden end of QEMU has left in use are of no use any more, and QEMU resizes no disk that has one. */
    private List<String> bitmapsInUse(Path disk) {
        Command.Result result = run(inspection, 0, Optional.of(disk), "info", "--output=json", "--", INDEPENDENT);
        if (!result.succeeded()) {
            throw failed("inspect", disk, result.outputTail());
        }
        List<String> names = new ArrayList<>();
        for (JsonNode bitmap : json(disk, result.output()).at("/format-specific/data/bitmaps")) {
            if (bitmap.path("flags")
                    .valueStream()
                    .anyMatch(flag -> flag.asText().equals("in-use"))) {
                names.add(bitmap.path("name").asText());
            }
        }
        return names;
    }

    private static JsonNode json(Path disk, String output) {
        try {
            return JSON.readTree(output);
        } catch (JsonProcessingException e) {
            throw failed("inspect", disk, "qemu-img does not answer in JSON: " + e.getOriginalMessage());
        }
    }

    /** QEMU cannot open the backing file, and is not asked to. */
    @Override
    public void setBacking(Path disk, FillBacking backing) {
        long bytes = disk.toFile().length();
        change("rebase", disk, bytes, "rebase", "-q", "-u", "-b", backing.toString(), "-F", "raw", "--", INDEPENDENT);
    }

    private void change(String action, Path disk, long bytes, String... arguments) {
        Command.Result result = run(inspection, qcow2Bytes(bytes), Optional.of(disk), arguments);
        if (NoSpace.isReportedIn(result.output())) {
            throw noSpace(disk);
        }
        if (!result.succeeded()) {
            throw failed(action, disk, result.outputTail());
        }
    }

    private static RefusedException failed(String action, Path disk, String detail) {
        return new RefusedException(
                Reason.StartFailed,
                "cannot " + action + " disk " + disk + ": " + detail + "; check the storage location");
    }

    static RefusedException noSpace(Path disk) {
        return new RefusedException(
                Reason.NoSpace,
                "no space left for " + disk.getFileName() + " in storage location "
                        + disk.getParent().getParent() + ": free or add space");
    }

    private static RefusedException unusable(String problem, Command.Result result) {
        return new RefusedException(
                Reason.ImageUnusable,
                "the image cannot be used: "
                        + (result.timedOut() ? "qemu-img did not end in time" : problem + ": " + result.outputTail())
                        + "; export or download it again from its source");
    }

    /**
     * @param fileBytes the maximum size of a file that it writes
     * @param disk that it writes to
     */
    private Command.Result run(Duration timeout, long fileBytes, Optional<Path> disk, String... arguments) {
        List<String> program = new ArrayList<>(List.of("qemu-img"));
        program.addAll(List.of(arguments));
        Command tool = new ConfinedTools(account).command(timeout, fileBytes, program);
        return disk.isEmpty() ? tool.run() : on(disk.get(), tool);
    }

    private static Command.Result on(Path disk, Command tool) {
        try (OpenFile file = OpenFile.open(disk)) {
            return tool.withInput(file.path()).run();
        } catch (IOException e) {
            throw failed("open", disk, e.getMessage());
        }
    }
}
