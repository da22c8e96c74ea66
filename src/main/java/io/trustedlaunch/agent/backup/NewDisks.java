package io.trustedlaunch.agent.backup;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.trustedlaunch.agent.disks.ConfinedTools;
import io.trustedlaunch.agent.disks.QemuImg;
import io.trustedlaunch.agent.imageform.FillBacking;
import io.trustedlaunch.agent.imageform.ImageFault;
import io.trustedlaunch.agent.imageform.ImageInspector;
import io.trustedlaunch.agent.nbd.NbdClient;
import io.trustedlaunch.agent.nbd.NbdException;
import io.trustedlaunch.backup.pack.SavedDisk;
import io.trustedlaunch.files.DurableFiles;
import io.trustedlaunch.files.NoSpace;
import io.trustedlaunch.files.OpenFile;
import io.trustedlaunch.process.Command;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * Makes disks as qcow2, which a confined server of QEMU's writes. QEMU has the file as its standard input, so that no name in a
 * storage location leads it to another one.
 *
 * @param sockets a folder of this host, which is made: storage locations may have paths that are too long for a socket
 * @param timeout of one disk in processor time
 */
public record NewDisks(ConfinedTools tools, Path sockets, Duration timeout) implements BackupExtraction.DiskMaker {
    private static final String FILE = "/dev/fd/0";
    private static final String EXPORT = "disk";

    private static final Duration CREATED = Duration.ofMinutes(2);
    private static final Duration STARTED = Duration.ofSeconds(30);
    private static final Duration ENDED = Duration.ofMinutes(2);
    private static final Duration KILLED = Duration.ofSeconds(5);
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(10);
    private static final int MOST_OUTPUT = 400;

    /** Throws {@link BackupDiskException} if QEMU fails, and what the content throws. */
    @Override
    public void make(Path disk, long virtualBytes, BackupExtraction.Content content) throws IOException {
        try (OpenFile file = OpenFile.open(disk)) {
            create(disk, file, virtualBytes, Optional.empty());
            serve(disk, file, virtualBytes, content);
            DurableFiles.sync(file.path());
        }
    }

    /** QEMU cannot open the backing file, and is not asked to. */
    @Override
    public void makeUnfilled(Path disk, long virtualBytes, FillBacking backing) throws IOException {
        try (OpenFile file = OpenFile.open(disk)) {
            create(disk, file, virtualBytes, Optional.of(backing));
            try (FileChannel made = FileChannel.open(file.path())) {
                if (!ImageInspector.backingOfQcow2(made).equals(Optional.of(backing.toString()))) {
                    throw failed("create " + disk, "it does not name the backup that it is to be filled from");
                }
            }
            DurableFiles.sync(file.path());
        }
    }

    private void create(Path disk, OpenFile file, long virtualBytes, Optional<FillBacking> backing) throws IOException {
        String action = "create " + disk;
        List<String> program = new ArrayList<>(List.of("qemu-img", "create", "-q", "-f", "qcow2"));
        backing.ifPresent(fill -> program.addAll(List.of("-u", "-b", fill.toString(), "-F", "raw")));
        program.addAll(List.of("--", FILE, Long.toString(virtualBytes)));
        Command.Result result = tools.command(CREATED, QemuImg.qcow2Bytes(virtualBytes), program)
                .withInput(file.path())
                .run();
        if (NoSpace.isReportedIn(result.output())) {
            throw new BackupDiskException(new BackupDiskFailure.NoSpace(disk));
        }
        if (!result.succeeded()) {
            throw failed(action, result.timedOut() ? "it takes too long" : result.outputTail());
        }
        // Somebody else may write in a storage location.
        try (FileChannel made = FileChannel.open(file.path())) {
            Optional<ImageFault> fault = ImageInspector.dependenceOfQcow2(made, backing);
            if (fault.isPresent()) {
                throw failed(action, "it " + fault.get().fact());
            }
        }
    }

    private void serve(Path disk, OpenFile file, long virtualBytes, BackupExtraction.Content content)
            throws IOException {
        tools.account().makeOwn(sockets);
        Path socket = sockets.resolve(UUID.randomUUID().toString());
        List<String> program = List.of(
                "qemu-nbd",
                "--persistent",
                "--shared=0",
                "--socket=" + socket,
                "--export-name=" + EXPORT,
                "--",
                "json:" + independent());
        Process server = tools.command(timeout, QemuImg.qcow2Bytes(virtualBytes), program)
                .withInput(file.path())
                .start();
        try {
            awaitStart(disk, server, socket);
            content.writeTo(() -> new Writer(disk, open(disk, virtualBytes, socket)));
            flush(disk, virtualBytes, socket);
            end(disk, server);
        } finally {
            // Also of a thread that was interrupted. A server that hangs in its storage is left behind.
            server.destroyForcibly()
                    .onExit()
                    .completeOnTimeout(server, KILLED.toMillis(), TimeUnit.MILLISECONDS)
                    .join();
            Files.deleteIfExists(socket);
        }
    }

    /** The file may name a backing file by now. */
    private static ObjectNode independent() {
        ObjectNode disk = JsonNodeFactory.instance.objectNode();
        disk.put("driver", "qcow2").putNull("backing");
        disk.putObject("file").put("driver", "file").put("filename", FILE);
        return disk;
    }

    private static void awaitStart(Path disk, Process server, Path socket) throws IOException {
        for (long left = STARTED.dividedBy(BETWEEN_LOOKS); left > 0; left--) {
            if (ends(server, BETWEEN_LOOKS)) {
                break;
            }
            try (NbdClient client = NbdClient.open(socket, EXPORT, List.of())) {
                return;
            } catch (IOException e) {
                // It does not listen yet.
                continue;
            }
        }
        server.destroyForcibly();
        String output = new String(server.getInputStream().readNBytes(MOST_OUTPUT), StandardCharsets.UTF_8);
        throw failed("serve " + disk, output.isBlank() ? "its server does not listen" : output.strip());
    }

    private static NbdClient open(Path disk, long virtualBytes, Path socket) throws IOException {
        NbdClient client;
        try {
            client = NbdClient.open(socket, EXPORT, List.of());
        } catch (IOException e) {
            throw failed(disk, e);
        }
        if (client.bytes() != virtualBytes) {
            client.close();
            throw failed("write " + disk, "it has " + client.bytes() + " bytes instead of " + virtualBytes);
        }
        return client;
    }

    private static void flush(Path disk, long virtualBytes, Path socket) throws IOException {
        try (NbdClient client = open(disk, virtualBytes, socket)) {
            client.flush();
        } catch (IOException e) {
            throw failed(disk, e);
        }
    }

    /** For one thread. */
    private record Writer(Path disk, NbdClient client) implements SavedDisk.Target.Writer {
        @Override
        public void write(long offset, ByteBuffer from) {
            try {
                client.write(offset, from);
            } catch (IOException e) {
                throw failed(disk, e);
            }
        }

        @Override
        public void close() throws IOException {
            client.close();
        }
    }

    /** In good order: QEMU closes the file. */
    private static void end(Path disk, Process server) {
        server.destroy();
        if (!ends(server, ENDED) || server.exitValue() != 0) {
            throw failed("write " + disk, "its server did not end well");
        }
    }

    private static boolean ends(Process server, Duration within) {
        try {
            return server.waitFor(within.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BackupDiskException(
                    new BackupDiskFailure.Failed("wait for the server of a disk", "interrupted"), e);
        }
    }

    private static BackupDiskException failed(Path disk, IOException cause) {
        return cause instanceof NbdException refusal && refusal.isNoSpace()
                ? new BackupDiskException(new BackupDiskFailure.NoSpace(disk), cause)
                : new BackupDiskException(
                        new BackupDiskFailure.Failed("write " + disk, "its server failed: " + cause.getMessage()),
                        cause);
    }

    private static BackupDiskException failed(String action, String detail) {
        return new BackupDiskException(new BackupDiskFailure.Failed(action, detail));
    }
}
