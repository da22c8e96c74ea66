package io.trustedlaunch.agent;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.agent.host.HypervisorAccount;
import io.trustedlaunch.custody.ClientAuthority;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/**
 * An agent's configuration.
 *
 * @param namespace of the operator
 * @param address where others reach this host; empty: its address on the route to the API server
 * @param emulation whether VMs may run without KVM
 * @param failpoints used only in tests
 * @param migrationPort for other nodes' agents; empty: no live migration
 * @param consolePort for console clients; empty: no consoles
 * @param healthPort for probes, at the host's loopback address; empty: none
 * @param metrics who may read the agent's metrics; empty: they are not served
 * @param qemuPki folder of QEMU's certificates
 * @param stateFolder keeps keys and records of VMs across restarts
 * @param runFolder in memory, for data that must not reach a disk
 */
@RecordBuilder
public record AgentConfiguration(
        String nodeName,
        String namespace,
        Optional<String> address,
        boolean emulation,
        Optional<Path> failpoints,
        Path stateFolder,
        Path runFolder,
        String libvirtUri,
        HypervisorAccount account,
        OptionalInt migrationPort,
        OptionalInt consolePort,
        OptionalInt healthPort,
        Optional<MetricsAccess> metrics,
        Path qemuPki) {
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?");

    private static final int HIGHEST_PORT = 65535;

    /** The command line's values; port 0: none. */
    @RecordBuilder
    public record Arguments(
            String node,
            String namespace,
            String address,
            boolean allowEmulation,
            String failpoints,
            String stateDir,
            String runDir,
            String libvirtUri,
            String hypervisorUser,
            String hypervisorGroup,
            int migrationPort,
            int consolePort,
            int healthPort,
            int metricsPort,
            String metricsClientCa,
            String qemuPkiDir) {}

    /** @param clientAuthority file with the certificates, in PEM, of who issues those of clients */
    public record MetricsAccess(int port, Path clientAuthority) {}

    /** Invalid arguments; the message lists all errors. */
    public static final class InvalidException extends Exception {
        private static final long serialVersionUID = 1L;

        InvalidException(List<String> errors) {
            super(String.join(System.lineSeparator(), errors));
        }
    }

    public static AgentConfiguration parse(Arguments arguments) throws InvalidException {
        List<String> errors = new ArrayList<>();
        if (!NAME.matcher(arguments.node()).matches()) {
            errors.add("--node: not the name of a Kubernetes node: " + arguments.node());
        }
        if (!NAME.matcher(arguments.namespace()).matches()) {
            errors.add("--namespace: not the name of a namespace: " + arguments.namespace());
        }
        Optional<Path> state = absolute("--state-dir", arguments.stateDir(), errors);
        Optional<Path> run = absolute("--run-dir", arguments.runDir(), errors);
        Optional<Path> qemuPki = absolute("--qemu-pki-dir", arguments.qemuPkiDir(), errors);
        Map<Integer, String> taken = new HashMap<>();
        OptionalInt migrationPort = port("--migration-port", arguments.migrationPort(), taken, errors);
        OptionalInt consolePort = port("--console-port", arguments.consolePort(), taken, errors);
        OptionalInt healthPort = port("--health-port", arguments.healthPort(), taken, errors);
        Optional<MetricsAccess> metrics = metrics(arguments, taken, errors);
        Optional<Path> failpoints =
                Optional.ofNullable(arguments.failpoints()).flatMap(path -> absolute("--failpoints", path, errors));
        failpoints
                .filter(folder -> !Files.isDirectory(folder))
                .ifPresent(folder -> errors.add("--failpoints: not a folder: " + folder));
        if (!errors.isEmpty()) {
            throw new InvalidException(errors);
        }
        return AgentConfigurationBuilder.builder()
                .nodeName(arguments.node())
                .namespace(arguments.namespace())
                .address(Optional.ofNullable(arguments.address()))
                .emulation(arguments.allowEmulation())
                .failpoints(failpoints)
                .stateFolder(state.orElseThrow())
                .runFolder(run.orElseThrow())
                .libvirtUri(arguments.libvirtUri())
                .account(HypervisorAccount.named(
                        Optional.ofNullable(arguments.hypervisorUser()),
                        Optional.ofNullable(arguments.hypervisorGroup())))
                .migrationPort(migrationPort)
                .consolePort(consolePort)
                .healthPort(healthPort)
                .metrics(metrics)
                .qemuPki(qemuPki.orElseThrow())
                .build();
    }

    private static Optional<MetricsAccess> metrics(
            Arguments arguments, Map<Integer, String> taken, List<String> errors) {
        OptionalInt port = port("--metrics-port", arguments.metricsPort(), taken, errors);
        Optional<Path> authority = Optional.ofNullable(arguments.metricsClientCa())
                .flatMap(path -> absolute("--metrics-client-ca", path, errors));
        authority.ifPresent(file -> requireAuthority(file, errors));
        if (port.isPresent() && arguments.metricsClientCa() == null) {
            errors.add("--metrics-port: set --metrics-client-ca as well, to the file with the certificates of the"
                    + " authorities whose clients may read metrics");
        }
        return authority.filter(file -> port.isPresent()).map(file -> new MetricsAccess(port.getAsInt(), file));
    }

    /** It may be replaced later; an error now is more likely to be one of the command line. */
    private static void requireAuthority(Path file, List<String> errors) {
        try {
            ClientAuthority.fromPem(Files.readString(file));
        } catch (IOException e) {
            errors.add("--metrics-client-ca: cannot read " + file + ": " + e);
        } catch (IllegalArgumentException e) {
            errors.add("--metrics-client-ca: " + file + " " + e.getMessage());
        }
    }

    /** @param taken options by port */
    private static OptionalInt port(String option, int value, Map<Integer, String> taken, List<String> errors) {
        if (value == 0) {
            return OptionalInt.empty();
        }
        if (value < 0 || value > HIGHEST_PORT) {
            errors.add(option + ": not a TCP port: " + value);
        }
        Optional.ofNullable(taken.putIfAbsent(value, option))
                .ifPresent(other -> errors.add(option + ": the same as " + other + ": " + value));
        return OptionalInt.of(value);
    }

    private static Optional<Path> absolute(String option, String value, List<String> errors) {
        try {
            Path path = Path.of(value);
            if (path.isAbsolute()) {
                return Optional.of(path.normalize());
            }
        } catch (InvalidPathException e) {
            errors.add(option + ": " + e.getMessage());
            return Optional.empty();
        }
        errors.add(option + ": not an absolute path: " + value);
        return Optional.empty();
    }
}
