package io.trustedlaunch.agent.backup;

import com.fasterxml.jackson.databind.JsonNode;
import io.trustedlaunch.agent.disks.ConfinedTools;
import io.trustedlaunch.agent.disks.QemuImg;
import io.trustedlaunch.agent.imageform.ImageForm;
import io.trustedlaunch.agent.imageform.ImageInspector;
import io.trustedlaunch.files.DurableFiles;
import io.trustedlaunch.files.NoSpace;
import io.trustedlaunch.files.OpenFile;
import io.trustedlaunch.process.Command;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A backup's disks: qcow2 with LUKS and without a backing file, which any qemu-img opens. They are written by qemu-img and
 * qemu-io, confined, since they read what guests and stores serve.
 *
 * <p>A file that is written exists and is the hypervisor's. It may have any content after a failure: it gets its name when
 * a method has returned, and is durable then. All methods throw {@link BackupDiskException}.
 *
 * @param timeout of a copy of one disk
 */
public record BackupDisks(ConfinedTools tools, Duration timeout) implements BackupDiskWriter {
    /**
     * Java opens no other descriptors for a child; the shell can. The tool opens what is on them again: its user may do that
     * with a pipe of its own shell, and not with the agent's. What it prints would otherwise end up in the disk.
     */
    private static final String PASSPHRASE_ON_3_AND_DISK_ON_4 =
            "cat | exec setpriv --pdeathsig KILL -- \"$@\" 3<&0 4<&1 1>&2 </dev/null";

    private static final String SECRET = "secret,id=" + EncryptedLayer.KEY + ",file=/dev/fd/3";
    private static final Path DISK = Path.of("/dev/fd/4");

    /** The passphrase has the entropy of a key, and needs no stretching. In milliseconds. */
    private static final String LUKS =
            "encrypt.format=luks,encrypt.iter-time=10,encrypt.key-secret=" + EncryptedLayer.KEY;

    private static final String UNMEASURED = "Unable to get accurate CPU usage";
    private static final int ATTEMPTS = 20;

    private static final String TARGET = "driver=qcow2,file.driver=file,file.filename=" + DISK
            + ",encrypt.format=luks,encrypt.key-secret=" + EncryptedLayer.KEY;

    /** LUKS' header has 2 MiB for its key slots. */
    private static final long LUKS_BYTES = 4L << 20;

    /**
     * Makes the file an empty disk, with a key of its own under the passphrase. Takes two seconds of processor time, for
     * QEMU measures how fast it is: call it before the instant.
     */
    @Override
    public void create(Path file, long virtualBytes, byte[] passphrase) {
        for (int attempts = 1; !isCreated(file, virtualBytes, passphrase); attempts++) {
            if (attempts == ATTEMPTS) {
                throw new BackupDiskException(new BackupDiskFailure.Failed(creating(file), UNMEASURED));
            }
        }
        sync(file);
    }

    /** Returns false if QEMU could not measure its speed, as happens on a busy host. */
    private boolean isCreated(Path file, long virtualBytes, byte[] passphrase) {
        List<String> program = List.of(
                "qemu-img",
                "create",
                "-q",
                "-f",
                "qcow2",
                "--object",
                SECRET,
                "-o",
                LUKS,
                "--",
                DISK.toString(),
                Long.toString(virtualBytes));
        try {
            run(creating(file), file, fileBytes(virtualBytes), passphrase, program);
            return true;
        } catch (BackupDiskException e) {
            if (e.failure() instanceof BackupDiskFailure.Failed failed
                    && failed.detail().contains(UNMEASURED)) {
                return false;
            }
            throw e;
        }
    }

    private static String creating(Path file) {
        return "create " + file.getFileName();
    }

    /** Copies the whole disk to a file that {@link #create} has made. */
    @Override
    public void copyAll(DiskExport from, Path file, byte[] passphrase) {
        run(
                "copy disk " + from.name(),
                file,
                fileBytes(inspect(file)),
                passphrase,
                List.of(
                        "qemu-img",
                        "convert",
                        "-n",
                        "--target-is-zero",
                        "-W",
                        "--object",
                        SECRET,
                        "--target-image-opts",
                        "--",
                        json(from.source()),
                        TARGET));
        sync(file);
    }

    /** Takes no lock: a VM that starts meanwhile does not wait, and what is copied is then of no use. */
    @Override
    public void copyStopped(Path disk, DiskExport export, Path file, byte[] passphrase) {
        try (StoppedDisk served = StoppedDisk.serve(disk, export, tools, timeout)) {
            copyAll(served.export(), file, passphrase);
        }
    }

    /**
     * Copies what was written since the base, zeros included, to a file that {@link #create} has made: QEMU copies on read,
     * and only this is read.
     *
     * @return how many bytes that are
     */
    @Override
    public long workingCopyChanges(DiskExport from, Path file, byte[] passphrase) {
        long fileBytes = fileBytes(inspect(file));
        String disk = json(EncryptedLayer.over(from.source(), DISK));
        long dirty = new DirtyExtents(tools, timeout)
                .forEachBatch(
                        from,
                        reads -> run("copy disk " + from.name(), file, fileBytes, passphrase, reading(disk, reads)));
        sync(file);
        return dirty;
    }

    private static List<String> reading(String disk, List<String> reads) {
        List<String> program = new ArrayList<>(List.of("qemu-io", "--copy-on-read", "--object", SECRET));
        reads.forEach(read -> program.addAll(List.of("-c", read)));
        program.addAll(List.of("--", disk));
        return program;
    }

    /**
     * Writes the disk that the layers have together, as an independent qcow2. The caller has verified their digests, and neither
     * they nor their folder can be changed any more.
     *
     * @param layers the newest first, the full one last; the hypervisor can read them
     */
    public void restore(List<Path> layers, byte[] passphrase, Path disk) {
        List<Long> virtualBytes = layers.stream().map(BackupDisks::inspect).toList();
        run(
                "restore " + disk.getFileName(),
                disk,
                fileBytes(virtualBytes.getFirst()),
                passphrase,
                List.of(
                        "qemu-img",
                        "convert",
                        "-W",
                        "-O",
                        "qcow2",
                        "--object",
                        SECRET,
                        "--",
                        json(EncryptedLayer.chain(layers)),
                        DISK.toString()));
        sync(disk);
    }

    /** Runs before any tool opens it. Returns the size of the disk inside. */
    private static long inspect(Path layer) {
        try {
            return switch (ImageInspector.inspectBackup(layer)) {
                case ImageForm.Accepted sound -> sound.virtualBytes();
                case ImageForm.Refused refused ->
                    throw new BackupDiskException(new BackupDiskFailure.Unsound(layer, refused.fault()));
            };
        } catch (IOException e) {
            throw failed("read " + layer, e);
        }
    }

    private void run(String action, Path disk, long fileBytes, byte[] passphrase, List<String> program) {
        List<String> shell = new ArrayList<>(List.of("/bin/sh", "-c", PASSPHRASE_ON_3_AND_DISK_ON_4, "sh"));
        shell.addAll(program);
        Command command = tools.command(timeout, fileBytes, shell).withInput(passphrase);
        try (OpenFile open = OpenFile.open(disk)) {
            requireSuccess(action, disk, command.withOutput(open.path()).run());
        } catch (IOException e) {
            throw failed(action, e);
        }
    }

    private void requireSuccess(String action, Path disk, Command.Result result) {
        if (NoSpace.isReportedIn(result.output())) {
            throw new BackupDiskException(new BackupDiskFailure.NoSpace(disk));
        }
        if (result.timedOut()) {
            throw new BackupDiskException(new BackupDiskFailure.TimedOut(action, timeout));
        }
        if (!result.succeeded()) {
            throw new BackupDiskException(new BackupDiskFailure.Failed(action, result.outputTail()));
        }
    }

    private static void sync(Path file) {
        try {
            DurableFiles.sync(file);
        } catch (IOException e) {
            throw NoSpace.isCauseOf(e)
                    ? new BackupDiskException(new BackupDiskFailure.NoSpace(file), e)
                    : failed("write " + file.getFileName(), e);
        }
    }

    private static BackupDiskException failed(String action, IOException cause) {
        return new BackupDiskException(new BackupDiskFailure.Failed(action, String.valueOf(cause.getMessage())), cause);
    }

    private static long fileBytes(long virtualBytes) {
        return QemuImg.qcow2Bytes(virtualBytes) + LUKS_BYTES;
    }

    private static String json(JsonNode options) {
        return "json:" + options;
    }
}
