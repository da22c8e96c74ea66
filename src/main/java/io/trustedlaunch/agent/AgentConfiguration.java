package io.trustedlaunch.agent;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.agent.host.HypervisorAccount;
import io.trustedlaunch.custody.ClientAuthority;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
 * @param metrics who reads the agent's metrics; empty: nobody
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
        OptionalInt migrationPort = port("--migration-port", arguments.migrationPort(), errors);
        OptionalInt consolePort = port("--console-port", arguments.consolePort(), errors);
        if (migrationPort.isPresent() && migrationPort.equals(consolePort)) {
            errors.add("--console-port: the same as --migration-port: " + arguments.consolePort());
        }
        OptionalInt metricsPort = port("--metrics-port", arguments.metricsPort(), errors);
        if (metricsPort.isPresent() && (metricsPort.equals(migrationPort) || metricsPort.equals(consolePort))) {
            errors.add("--metrics-port: the same as another port: " + arguments.metricsPort());
        }
        Optional<Path> clientAuthority = Optional.ofNullable(arguments.metricsClientCa())
                .flatMap(path -> absolute("--metrics-client-ca", path, errors));
        clientAuthority.ifPresent(file -> requireAuthority(file, errors));
        if (metricsPort.isPresent() && arguments.metricsClientCa() == null) {
            errors.add("--metrics-port: name the authority of the clients' certificates with --metrics-client-ca:"
                    + " metrics are served to nobody else");
        }
        Optional<Path> failpoints =
                Optional.ofNullable(arguments.failpoints()).flatMap(path -> absolute("--failpoints", path, errors));
        failpoints
                .filter(folder -> !Files.isDirectory(folder))
                .ifPresent(folder -> errors.add("--failpoints: not a folder: " + folder));
        Optional<HypervisorAccount> account = HypervisorAccount.find(
                Optional.ofNullable(arguments.hypervisorUser()), Optional.ofNullable(arguments.hypervisorGroup()));
        if (account.isEmpty()) {
            errors.add("--hypervisor-user, --hypervisor-group: this host has no such account; name what QEMU runs as"
                    + " (libvirt's qemu.conf)");
        }
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
                .account(account.orElseThrow())
                .migrationPort(migrationPort)
                .consolePort(consolePort)
                .metrics(clientAuthority
                        .filter(file -> metricsPort.isPresent())
                        .map(file -> new MetricsAccess(metricsPort.getAsInt(), file)))
                .qemuPki(qemuPki.orElseThrow())
                .build();
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

    private static OptionalInt port(String option, int value, List<String> errors) {
        if (value < 0 || value > HIGHEST_PORT) {
            errors.add(option + ": not a TCP port: " + value);
        }
        return value == 0 ? OptionalInt.empty() : OptionalInt.of(value);
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
