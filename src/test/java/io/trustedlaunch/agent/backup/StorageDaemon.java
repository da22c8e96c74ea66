package io.trustedlaunch.agent.backup;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.trustedlaunch.agent.disks.QemuImages;
import io.trustedlaunch.agent.nbd.NbdClient;
import io.trustedlaunch.process.Command;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * QEMU's block layer without a guest, asked for backups with the commands that libvirt uses. Bitmaps are named by their
 * checkpoint and stay in the disk.
 */
final class StorageDaemon implements AutoCloseable {
    private static final String EXPORT = "os";
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(5);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path folder;
    private final long bytes;
    private final Process daemon;
    private final SocketChannel channel;
    private final BufferedReader answers;
    /** Events that came before an answer. */
    private final List<String> early = new ArrayList<>();

    /** @param folder with disk.qcow2, of that virtual size */
    StorageDaemon(Path folder, long bytes) throws IOException, InterruptedException {
        this.folder = folder;
        this.bytes = bytes;
        Path monitor = folder.resolve("monitor");
        Path ready = folder.resolve("pid");
        Path log = folder.resolve("daemon.log");
        for (Path old : List.of(monitor, socket(), ready)) {
            Files.deleteIfExists(old);
        }
        // A child of this process: its end is seen at once, also where the init of a container collects orphans now and
        // then.
        daemon = new ProcessBuilder(
                        "qemu-storage-daemon",
                        "--chardev",
                        "socket,id=monitor,server=on,wait=off,path=" + monitor,
                        "--monitor",
                        "chardev=monitor",
                        "--blockdev",
                        "driver=qcow2,node-name=disk,discard=unmap,file.driver=file,file.discard=unmap,file.filename="
                                + folder.resolve("disk.qcow2"),
                        "--nbd-server",
                        "addr.type=unix,addr.path=" + socket(),
                        "--export",
                        "nbd,id=guest,node-name=disk,name=guest,writable=on",
                        "--pidfile",
                        ready.toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        while (Files.notExists(ready)) {
            if (daemon.waitFor(BETWEEN_LOOKS.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IOException("it has ended: " + Files.readString(log));
            }
        }
        channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(monitor));
        answers = new BufferedReader(new InputStreamReader(Channels.newInputStream(channel), StandardCharsets.UTF_8));
        answers.readLine();
        execute("qmp_capabilities", "{}");
    }

    private Path socket() {
        return folder.resolve("nbd");
    }

    DiskExport export() {
        return new DiskExport(socket(), EXPORT);
    }

    /** @param commands of qemu-io, as the guest's writes */
    void write(List<String> commands) {
        List<String> program = new ArrayList<>(List.of("qemu-io", "--discard", "unmap", "-f", "raw"));
        commands.forEach(command -> program.addAll(List.of("-c", command)));
        program.add("nbd+unix:///guest?socket=" + socket());
        Command.Result result = Command.of(Duration.ofSeconds(60), program.toArray(String[]::new))
                .run();
        assertThat(result.succeeded()).as(result.output()).isTrue();
    }

    /** As one of the guest's writes. */
    void write(long offset, byte[] content) throws IOException {
        try (NbdClient client = NbdClient.open(socket(), "guest", List.of())) {
            client.write(offset, ByteBuffer.wrap(content));
        }
    }

    /** Fixes the instant: one transaction makes the checkpoint, and begins the backup. */
    void begin(String checkpoint, Optional<String> base) throws IOException {
        Path scratch = folder.resolve("scratch.qcow2");
        QemuImages.qemuImg("create", "-q", "-f", "qcow2", scratch.toString(), Long.toString(bytes));
        execute("blockdev-add", """
                {"driver": "qcow2", "node-name": "scratch", "backing": "disk",
                 "file": {"driver": "file", "filename": "%s"}}""".formatted(scratch));
        List<String> actions = new ArrayList<>();
        base.ifPresent(since -> {
            actions.add(action("block-dirty-bitmap-add", "\"name\": \"" + EXPORT + "\", \"disabled\": true"));
            actions.add(action(
                    "block-dirty-bitmap-merge", "\"target\": \"" + EXPORT + "\", \"bitmaps\": [\"" + since + "\"]"));
        });
        actions.add(action("block-dirty-bitmap-add", "\"name\": \"" + checkpoint + "\", \"persistent\": true"));
        actions.add("""
                {"type": "blockdev-backup", "data": {"job-id": "backup", "device": "disk", "target": "scratch",
                 "sync": "none"}}""");
        execute("transaction", "{\"actions\": [" + String.join(", ", actions) + "]}");
        String bitmaps = base.isEmpty() ? "" : ", \"bitmaps\": [{\"node\": \"disk\", \"name\": \"" + EXPORT + "\"}]";
        execute(
                "block-export-add",
                "{\"type\": \"nbd\", \"id\": \"backup\", \"node-name\": \"scratch\", \"name\": \"" + EXPORT + "\""
                        + bitmaps + "}");
    }

    private static String action(String type, String data) {
        return "{\"type\": \"" + type + "\", \"data\": {\"node\": \"disk\", " + data + "}}";
    }

    void end(Optional<String> base) throws IOException {
        execute("block-export-del", "{\"id\": \"backup\", \"mode\": \"hard\"}");
        awaitEvent("BLOCK_EXPORT_DELETED");
        execute("block-job-cancel", "{\"device\": \"backup\", \"force\": true}");
        awaitEvent("BLOCK_JOB_C");
        execute("blockdev-del", "{\"node-name\": \"scratch\"}");
        if (base.isPresent()) {
            remove(EXPORT);
        }
    }

    void remove(String checkpoint) throws IOException {
        execute("block-dirty-bitmap-remove", "{\"node\": \"disk\", \"name\": \"" + checkpoint + "\"}");
    }

    private void execute(String command, String arguments) throws IOException {
        String line = "{\"execute\": \"" + command + "\", \"arguments\": " + arguments.replace("\n", " ") + "}\n";
        channel.write(ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8)));
        JsonNode answer = next();
        while (!answer.has("return")) {
            assertThat(answer.has("error")).as(line + answer).isFalse();
            early.add(answer.path("event").asText());
            answer = next();
        }
    }

    private void awaitEvent(String name) throws IOException {
        while (early.stream().noneMatch(event -> event.startsWith(name))) {
            early.add(next().path("event").asText());
        }
        early.clear();
    }

    private JsonNode next() throws IOException {
        return JSON.readTree(answers.readLine());
    }

    /** In good order: the bitmaps are written to the disk. */
    @Override
    public void close() {
        try {
            execute("quit", "{}");
            daemon.waitFor();
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
