package io.trustedlaunch.testkit;

import io.trustedlaunch.failpoint.Failpoint;
import java.io.BufferedReader;
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
 * The lab that {@code bin/test} started: hosts with a libvirtd each, and an operator and an agent per host as processes. Every
 * action is a {@code bin/lab} command, so that a person can do the same by hand.
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

    /** The lab that the environment names. */
    public static Lab fromEnvironment() {
        String name = System.getenv(NAME_VARIABLE);
        String folder = System.getenv(FOLDER_VARIABLE);
        if (name == null || folder == null) {
            throw new IllegalStateException("no lab: run `bin/lab up NAME`, then `eval \"$(bin/lab env NAME)\"`");
        }
        return new Lab(name, Path.of(folder));
    }

    public String name() {
        return name;
    }

    public List<String> hosts() {
        return List.of("host-a", "host-b");
    }

    public String otherHost(String host) {
        return hosts().get(1 - hosts().indexOf(host));
    }

    public Path folder() {
        return folder;
    }

    /** The file on this machine that is {@code path} on a host. */
    public Path onHost(String host, String path) {
        return folder.resolve("hosts").resolve(host).resolve(path);
    }

    /** The folder of a VM's TPM state on a host. */
    public Path tpmState(String host, String vmUid) {
        return onHost(host, "var/lib/libvirt/swtpm/" + vmUid);
    }

    /** The file of a VM's UEFI variables on a host. */
    public Path uefiVariables(String host, String vmUid) {
        return onHost(host, "var/lib/libvirt/qemu/nvram/" + vmUid + "_VARS.fd");
    }

    /** The paths named after a VM in the folders of libvirt and the agent on a host; empty if there are none. */
    public String filesOf(String host, String vmUid) {
        return exec(host, "find", "/var/lib/libvirt", "/run/trusted-launch", "-name", "*" + vmUid + "*");
    }

    /** The API server's audit log. */
    public Path auditLog() {
        return folder.resolve("logs/audit.log");
    }

    /** What a host's agent wrote to its standard output. */
    public Path agentLog(String host) {
        return folder.resolve("logs/agent-" + host + ".log");
    }

    public CommandResult run(String command, String... arguments) {
        List<String> line = new ArrayList<>(List.of("bin/lab", command, name));
        line.addAll(Arrays.asList(arguments));
        return CommandResult.run(line);
    }

    /** Starts a {@code bin/lab} command and returns while it runs. */
    public Process start(String... arguments) {
        return start(ProcessBuilder.Redirect.INHERIT, arguments);
    }

    /** Runs a {@code bin/lab} command as soon as the host's libvirtd logs the text, from now on. Returns when that is awaited. */
    public Process when(String host, String text, String... command) {
        List<String> line = new ArrayList<>(List.of("when", host, text));
        line.addAll(List.of(command));
        Process process = start(ProcessBuilder.Redirect.PIPE, line.toArray(String[]::new));
        BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
        if (output.lines().noneMatch(said -> said.startsWith("watching "))) {
            throw new IllegalStateException(line + " ended before it watched for anything");
        }
        Thread.ofPlatform()
                .daemon()
                .name("output-of-when")
                .start(() -> output.lines().forEach(System.out::println));
        return process;
    }

    private Process start(ProcessBuilder.Redirect output, String... arguments) {
        List<String> line = new ArrayList<>(List.of("bin/lab", arguments[0], name));
        line.addAll(Arrays.asList(arguments).subList(1, arguments.length));
        try {
            return new ProcessBuilder(line)
                    .redirectErrorStream(true)
                    .redirectOutput(output)
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs kubectl with the administrator's credentials and the plugin in its path. */
    public CommandResult kubectl(String... arguments) {
        List<String> line = new ArrayList<>(List.of("kubectl"));
        line.addAll(Arrays.asList(arguments));
        return CommandResult.run(line);
    }

    /** Runs a command inside a host and returns its output; throws if the command fails. */
    public String exec(String host, String... command) {
        List<String> arguments = new ArrayList<>(List.of(host, "--"));
        arguments.addAll(Arrays.asList(command));
        return run("exec", arguments.toArray(String[]::new)).orFail();
    }

    /** The hosts on which the VM's domain is running, not paused. */
    public List<String> hostsRunning(String vmUid) {
        return hosts().stream()
                .filter(host -> Arrays.asList(exec(host, "virsh", "list", "--uuid", "--state-running")
                                .split("\\s+"))
                        .contains(vmUid))
                .toList();
    }

    /** The hosts on which libvirt has a domain of this VM in any state. */
    public List<String> hostsWithDomain(String vmUid) {
        return hosts().stream()
                .filter(host -> Arrays.asList(
                                exec(host, "virsh", "list", "--all", "--uuid").split("\\s+"))
                        .contains(vmUid))
                .toList();
    }

    /** Makes a component ({@code operator-1}, {@code agent-host-a}) die the next time it passes the failpoint. */
    public void arm(String component, Failpoint point) {
        failpoints(component).arm(point);
    }

    public void disarm(String component, Failpoint point) {
        failpoints(component).disarm(point);
    }

    /** Whether the component has not yet passed the armed failpoint. */
    public boolean isArmed(String component, Failpoint point) {
        return failpoints(component).isArmed(point);
    }

    private FailpointFolder failpoints(String component) {
        return new FailpointFolder(folder.resolve("failpoints").resolve(component));
    }

    /** What a guest wrote to its serial console in all its incarnations; empty while there is no log. */
    public String console(Path log) {
        try {
            return Files.exists(log) ? Files.readString(log, StandardCharsets.ISO_8859_1) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A command that has ended. */
    public record CommandResult(List<String> command, int exitCode, String output) {
        static CommandResult run(List<String> command) {
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
                return new CommandResult(command, process.exitValue(), output);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted", e);
            }
        }

        public String orFail() {
            return Optional.of(this)
                    .filter(result -> result.exitCode() == 0)
                    .map(CommandResult::output)
                    .orElseThrow(() -> new IllegalStateException(command + " ended with " + exitCode + ": " + output));
        }
    }
}
