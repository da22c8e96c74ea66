package io.trustedlaunch.cli.agent;

import io.trustedlaunch.agent.Agent;
import io.trustedlaunch.agent.AgentConfiguration;
import io.trustedlaunch.agent.AgentConfigurationArgumentsBuilder;
import io.trustedlaunch.agent.AgentProbes;
import io.trustedlaunch.agent.HostRoot;
import io.trustedlaunch.agent.host.HostFolders;
import io.trustedlaunch.cli.LogOptions;
import io.trustedlaunch.process.ApiConnection;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs the agent of a host until it is stopped. The host's VMs keep running. */
@Command(name = "agent", description = "Run the agent of a host.", mixinStandardHelpOptions = true)
final class AgentCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--node", required = true, description = "Name of this host's Kubernetes node.")
    private String node;

    @Option(names = "--namespace", required = true, description = "Namespace of the operator.")
    private String namespace;

    @Option(
            names = "--host-root",
            defaultValue = "/",
            description =
                    "Folder at which the agent's pod sees the root of the host. The agent uses it as its own root:"
                            + " all other paths are the host's. Default: ${DEFAULT-VALUE}.")
    private Path hostRoot;

    @Option(
            names = "--address",
            description = "Address at which other nodes reach this one. Default: that of the route to the API server.")
    private String address;

    @Option(names = "--allow-emulation", description = "Emulate the CPU if KVM is not available. VMs are slow then.")
    private boolean allowEmulation;

    @Option(names = "--failpoints", hidden = true)
    private String failpoints;

    @Option(
            names = "--state-dir",
            defaultValue = "/var/lib/trusted-launch",
            description = "Folder for keys and records of VMs. Default: ${DEFAULT-VALUE}.")
    private String stateDir;

    @Option(
            names = "--run-dir",
            defaultValue = "/run/trusted-launch",
            description = "Folder in memory, for data that must not reach a disk. Default: ${DEFAULT-VALUE}.")
    private String runDir;

    @Option(
            names = "--libvirt-uri",
            defaultValue = "qemu:///system",
            description = "URI of this host's libvirt. Default: ${DEFAULT-VALUE}.")
    private String libvirtUri;

    @Option(names = "--hypervisor-user", description = "User that QEMU runs as. Default: libvirt-qemu or qemu.")
    private String hypervisorUser;

    @Option(
            names = "--hypervisor-group",
            description = "Group that QEMU runs as. Default: the group with the name of the user.")
    private String hypervisorGroup;

    @Option(
            names = "--migration-port",
            defaultValue = "16515",
            description =
                    "Port for live migrations, over mutual TLS with the agents of other nodes; 0 disables live migration."
                            + " Default: ${DEFAULT-VALUE}.")
    private int migrationPort;

    @Option(
            names = "--console-port",
            defaultValue = "16516",
            description = "Port for kubectl tlvm console, over mutual TLS; 0 disables consoles."
                    + " Default: ${DEFAULT-VALUE}.")
    private int consolePort;

    @Option(
            names = "--health-port",
            defaultValue = "0",
            description = "Port for /healthz and /readyz at the loopback address; 0 disables it."
                    + " Default: ${DEFAULT-VALUE}.")
    private int healthPort;

    @Option(
            names = "--metrics-port",
            defaultValue = "0",
            description = "Port for /metrics, over mutual TLS with clients of --metrics-client-ca; 0 disables it."
                    + " Default: ${DEFAULT-VALUE}.")
    private int metricsPort;

    @Option(
            names = "--metrics-client-ca",
            paramLabel = "FILE",
            description = "File with the certificates, in PEM, of the authorities that issue certificates to readers of"
                    + " metrics. It is read again for each connection.")
    private String metricsClientCa;

    @Mixin
    private LogOptions log;

    @Option(
            names = "--qemu-pki-dir",
            defaultValue = "/etc/pki/qemu",
            description = "Folder in which QEMU looks for its certificates. Default: ${DEFAULT-VALUE}.")
    private String qemuPkiDir;

    @Override
    public Integer call() throws InterruptedException {
        log.apply();
        AgentConfiguration configuration;
        try {
            HostRoot.use(hostRoot);
            configuration = AgentConfiguration.parse(AgentConfigurationArgumentsBuilder.builder()
                    .node(node)
                    .namespace(namespace)
                    .address(address)
                    .allowEmulation(allowEmulation)
                    .failpoints(failpoints)
                    .stateDir(stateDir)
                    .runDir(runDir)
                    .libvirtUri(libvirtUri)
                    .hypervisorUser(hypervisorUser)
                    .hypervisorGroup(hypervisorGroup)
                    .migrationPort(migrationPort)
                    .consolePort(consolePort)
                    .healthPort(healthPort)
                    .metricsPort(metricsPort)
                    .metricsClientCa(metricsClientCa)
                    .qemuPkiDir(qemuPkiDir)
                    .build());
        } catch (HostRoot.UnusableException e) {
            return failed(e);
        } catch (AgentConfiguration.InvalidException e) {
            spec.commandLine().getErr().println(e.getMessage());
            return CommandLine.ExitCode.USAGE;
        }
        try (Agent agent = Agent.onThisHost(
                        configuration,
                        ApiConnection.open(System::nanoTime),
                        InstantSource.system(),
                        new SecureRandom());
                AgentProbes probes = AgentProbes.open(configuration.healthPort(), agent::notAlive, agent::notReady)) {
            agent.start();
            new CountDownLatch(1).await();
        } catch (HostFolders.InUseException e) {
            return failed(e);
        } catch (IOException e) {
            return failed(new IOException("cannot listen at --health-port " + healthPort + ": " + e.getMessage(), e));
        }
        return CommandLine.ExitCode.OK;
    }

    private int failed(Exception e) {
        spec.commandLine().getErr().println(e.getMessage());
        return CommandLine.ExitCode.SOFTWARE;
    }
}
