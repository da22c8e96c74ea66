package io.trustedlaunch.testkit;

import io.trustedlaunch.failpoint.Failpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The lab that {@code bin/test} started: hosts with a libvirtd each, an operator and an agent per host as processes of
 * their own. All is done by {@code bin/lab}, so that a person can do the same by hand.
 */
public final class Lab {
    static final String NAME_VARIABLE = "TRUSTEDLAUNCH_LAB";
    private static final String FOLDER_VARIABLE = "TRUSTEDLAUNCH_LAB_DIR";

    private final String name;
    private final Path folder;

    private Lab(String name, Path folder) {
        this.name = name;
        this.folder = folder;
    }

    /** The lab named by the environment; fails with what to do where there is none. */
    public static Lab fromEnvironment() {
        String name = System.getenv(NAME_VARIABLE);
        String folder = System.getenv(FOLDER_VARIABLE);
        if (name == null || folder == null) {
            throw new IllegalStateException("no lab: run `bin/lab up NAME`, then `eval \"$(bin/lab env NAME)\"`");
        }
        return new Lab(name, Path.of(folder));
    }

    public List<String> hosts() {
        return List.of("host-a", "host-b");
    }

    public Path folder() {
        return folder;
    }

    /** What {@code path} of a host is on this machine. */
    public Path onHost(String host, String path) {
        return folder.resolve("hosts").resolve(host).resolve(path);
    }

    /** Where every audited write to the API server is, one JSON object a line. */
    public Path auditLog() {
        return folder.resolve("logs/audit.log");
    }

    public Ended run(String command, String... arguments) {
        List<String> line = new ArrayList<>(List.of("bin/lab", command, name));
        line.addAll(Arrays.asList(arguments));
        return Ended.run(line);
    }

    /** Begins one of its commands, which ends by itself. */
    public Process begin(String... arguments) {
        List<String> line = new ArrayList<>(List.of("bin/lab", arguments[0], name));
        line.addAll(Arrays.asList(arguments).subList(1, arguments.length));
        try {
            return new ProcessBuilder(line)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs kubectl, which has the administrator's credentials and the plugin in the path. */
    public Ended kubectl(String... arguments) {
        List<String> line = new ArrayList<>(List.of("kubectl"));
        line.addAll(Arrays.asList(arguments));
        return Ended.run(line);
    }

    /** Runs a command in a host's namespaces and returns what it printed; fails where the command fails. */
    public String exec(String host, String... command) {
        List<String> arguments = new ArrayList<>(List.of(host, "--"));
        arguments.addAll(Arrays.asList(command));
        return run("exec", arguments.toArray(String[]::new)).orFail();
    }

    /** Hosts on which libvirt has a domain of this VM that is running; a paused one does not count. */
    public List<String> hostsRunning(String vmUid) {
        return hosts().stream()
                .filter(host -> Arrays.asList(exec(host, "virsh", "list", "--uuid", "--state-running")
                                .split("\\s+"))
                        .contains(vmUid))
                .toList();
    }

    /** Hosts on which libvirt has a domain of this VM in any state. */
    public List<String> hostsWithDomain(String vmUid) {
        return hosts().stream()
                .filter(host -> Arrays.asList(
                                exec(host, "virsh", "list", "--all", "--uuid").split("\\s+"))
                        .contains(vmUid))
                .toList();
    }

    /** Makes a component ({@code operator-1}, {@code agent-host-a}) die the next time it passes the point. */
    public void arm(String component, Failpoint point) {
        failpoints(component).arm(point);
    }

    public void disarm(String component, Failpoint point) {
        failpoints(component).disarm(point);
    }

    /** Whether a point is still armed, that is, was not passed yet. */
    public boolean isArmed(String component, Failpoint point) {
        return failpoints(component).isArmed(point);
    }

    private FailpointFolder failpoints(String component) {
        return new FailpointFolder(folder.resolve("failpoints").resolve(component));
    }

    /** What the guest wrote to its serial console, in all its lives; empty while there is no log. */
    public String console(Path log) {
        try {
            return Files.exists(log) ? Files.readString(log, StandardCharsets.ISO_8859_1) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A command that ended. */
    public record Ended(List<String> command, int exitCode, String output) {
        static Ended run(List<String> command) {
            try {
                Process process = new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectInput(ProcessBuilder.Redirect.from(
                                Path.of("/dev/null").toFile()))
                        .start();
                String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                if (!process.waitFor(5, TimeUnit.MINUTES)) {
                    process.destroyForcibly();
                    throw new IllegalStateException("still running after 5 minutes: " + command);
                }
                return new Ended(command, process.exitValue(), output);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted", e);
            }
        }

        public String orFail() {
            return Optional.of(this)
                    .filter(ended -> ended.exitCode() == 0)
                    .map(Ended::output)
                    .orElseThrow(() -> new IllegalStateException(command + " ended with " + exitCode + ": " + output));
        }
    }
}
