package io.trustedlaunch.agent.backup;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.trustedlaunch.agent.disks.ConfinedTools;
import io.trustedlaunch.agent.imageform.ImageFault;
import io.trustedlaunch.agent.imageform.ImageInspector;
import io.trustedlaunch.files.OpenFile;
import io.trustedlaunch.process.Command;
import java.io.IOException;
import java.net.SocketException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Serves the disk of a stopped VM, so that it is copied as that of a running one. It takes no lock, so that the VM can start:
 * what is read then is of no use.
 */
public final class StoppedDisk implements AutoCloseable {
    /** The time in which the server must begin to serve. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final Duration INTERVAL = Duration.ofMillis(20);
    private static final int MESSAGE_BYTES = 400;

    private final Process server;
    private final DiskExport export;

    private StoppedDisk(Process server, DiskExport export) {
        this.server = server;
        this.export = export;
    }

    /**
     * @param disk a qcow2 that nothing writes to, which its guest and the storage's administrator have written to
     * @param export where it is served: its socket does not exist, and its folder is the hypervisor's
     * @param timeout of the processor time that the server may need
     */
    public static StoppedDisk serve(Path disk, DiskExport export, ConfinedTools tools, Duration timeout) {
        String action = "serve disk " + disk;
        // The file that is inspected is the one that is served.
        try (OpenFile open = OpenFile.open(disk);
                FileChannel content = FileChannel.open(open.path())) {
            Optional<ImageFault> fault = ImageInspector.dependenceOfQcow2(content);
            if (fault.isPresent()) {
                throw new BackupDiskException(
                        new BackupDiskFailure.Failed(action, "it " + fault.get().fact() + ", which no VM's disk has"));
            }
            // Each thread that reads has a connection of its own.
            List<String> program = List.of(
                    "qemu-nbd",
                    "--read-only",
                    "--persistent",
                    "--shared=0",
                    "--socket=" + export.socket(),
                    "--export-name=" + export.name(),
                    "--",
                    "json:" + independent());
            Command command = tools.command(timeout, 0, program).withInput(open.path());
            return new StoppedDisk(command.start(), export);
        } catch (IOException e) {
            throw new BackupDiskException(new BackupDiskFailure.Failed(action, String.valueOf(e.getMessage())), e);
        }
    }

    /** The file may name a backing file by now. */
    private static ObjectNode independent() {
        ObjectNode disk = JsonNodeFactory.instance.objectNode();
        disk.put("driver", "qcow2").put("force-share", true).putNull("backing");
        disk.putObject("file").put("driver", "file").put("filename", "/dev/fd/0");
        return disk;
    }

    /** All of the disk, once it is served. */
    public NbdDisk source() throws IOException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                return NbdDisk.of(export, false);
            } catch (SocketException e) {
                if (!server.isAlive()) {
                    throw new DiskReadException(export.name(), "qemu-nbd does not serve it: " + output());
                }
                if (System.nanoTime() > deadline) {
                    throw new DiskReadException(
                            export.name(),
                            "qemu-nbd does not serve it within " + PATIENCE.toSeconds()
                                    + " seconds; check how busy the host is");
                }
                pause();
            }
        }
    }

    private String output() throws IOException {
        byte[] output = server.getInputStream().readNBytes(MESSAGE_BYTES);
        return new String(output, StandardCharsets.UTF_8).strip();
    }

    private static void pause() throws IOException {
        try {
            Thread.sleep(INTERVAL);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** Returns when nothing is served any more. */
    @Override
    public void close() {
        server.destroyForcibly().onExit().join();
    }
}
