package io.trustedlaunch.agent.fillserver;

import io.trustedlaunch.process.Command;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * How the process of a server is started: with the agent's own classes, so that systemd keeps it when the agent or its container ends.
 * Where there is no systemd it is a session of its own: it outlives the agent, but not the container of an agent in a pod. The guest's
 * reads fail then until an agent has started it again.
 */
record FillProgram(FillRuntime runtime, boolean isConfined, boolean isSystemd) {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final String MAIN = "io.trustedlaunch.cli.agent.AgentMain";

    /**
     * The serial collector has no threads and tables of its own, and a small young generation, since little is allocated; 8 MiB for each
     * of at most 17 disks, and what all have. A thread keeps no copy outside of the heap of what it has read. A dump of the memory would
     * have keys in it.
     */
    private static final List<String> JVM = List.of(
            "-XX:+UseSerialGC",
            "-Xms8m",
            "-Xmn16m",
            "-Xmx256m",
            "-Xss512k",
            "-XX:ReservedCodeCacheSize=32m",
            "-XX:-UsePerfData",
            "-Djdk.nio.maxCachedBufferSize=300000",
            "-XX:+DisableAttachMechanism",
            "-XX:-CreateCoredumpOnCrash",
            "-XX:+ErrorFileToStderr",
            "-XX:+ExitOnOutOfMemoryError",
            "--enable-native-access=ALL-UNNAMED");

    /** Returns when it is started, which is before it listens. */
    void start(UUID fill, Path folder) throws IOException {
        List<String> command = new ArrayList<>(isSystemd ? unit(fill) : session());
        if (isConfined) {
            command.addAll(confinement());
        }
        command.addAll(List.of("prlimit", "--core=0", "--"));
        command.addAll(runtime.java());
        command.addAll(JVM);
        command.addAll(List.of(
                "-Djava.io.tmpdir=" + runtime.temporary(),
                "-cp",
                runtime.classPath(),
                MAIN,
                "fill-server",
                folder.toString()));
        try {
            Command.Result result = new Command(command, new byte[0], TIMEOUT).run();
            if (!result.succeeded()) {
                throw new IOException("the server of fill " + fill + " cannot be started: " + result.outputTail());
            }
        } catch (UncheckedIOException e) {
            throw new IOException("the server of fill " + fill + " cannot be started: " + e.getMessage(), e);
        }
    }

    /** When the host shuts down it is there until guests have stopped, and the network and the shares until it has. */
    private static List<String> unit(UUID fill) {
        return List.of(
                "systemd-run",
                "--quiet",
                "--collect",
                "--unit=trusted-launch-fill-" + fill,
                "--description=Disks of a backup, for a VM that was started from it at once",
                "--property=Before=trusted-launch-stop-guests.service virt-guest-shutdown.target",
                "--property=After=network.target network-online.target remote-fs.target",
                "--property=UMask=0077",
                "--");
    }

    /** What it inherits would keep open what the agent's log goes to. */
    private static List<String> session() {
        return List.of("setsid", "--fork", "/bin/sh", "-c", "exec \"$@\" </dev/null >/dev/null 2>&1", "sh");
    }

    /** It reads folders of locations, whoever owns them. An agent's container has no capability for reading alone. */
    private List<String> confinement() {
        String read = isSystemd ? "dac_read_search" : "dac_override";
        return List.of("setpriv", "--no-new-privs", "--inh-caps=-all", "--bounding-set=-all,+" + read, "--");
    }

    static boolean hasSystemd() {
        return Files.isDirectory(Path.of("/run/systemd/system"));
    }
}
