package io.trustedlaunch.cli;

import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.trustedlaunch.agent.Agent;
import io.trustedlaunch.agent.AgentConfiguration;
import io.trustedlaunch.agent.AgentConfigurationArgumentsBuilder;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs a host's agent until it is ended; its VMs run on. */
@Command(name = "agent", description = "Run the agent of a host.", mixinStandardHelpOptions = true)
final class AgentCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--node", required = true, description = "The Kubernetes node that this host is.")
    private String node;

    @Option(names = "--namespace", required = true, description = "The operator's namespace.")
    private String namespace;

    @Option(names = "--address", description = "Where other nodes reach this one; by default, found out.")
    private String address;

    @Option(names = "--allow-emulation", description = "Run VMs without KVM where it does not work: slowly.")
    private boolean allowEmulation;

    @Option(names = "--failpoints", hidden = true)
    private String failpoints;

    @Option(
            names = "--state-dir",
            defaultValue = "/var/lib/trusted-launch",
            description = "Keeps keys and the memory of VMs (default: ${DEFAULT-VALUE}).")
    private String stateDir;

    @Option(
            names = "--run-dir",
            defaultValue = "/run/trusted-launch",
            description = "In memory, for what may not reach a disk (default: ${DEFAULT-VALUE}).")
    private String runDir;

    @Option(
            names = "--libvirt-uri",
            defaultValue = "qemu:///system",
            description = "This host's libvirt (default: ${DEFAULT-VALUE}).")
    private String libvirtUri;

    @Option(names = "--hypervisor-user", description = "What QEMU runs as; by default libvirt-qemu or qemu.")
    private String hypervisorUser;

    @Option(names = "--hypervisor-group", description = "The group of that user; by default of the same name.")
    private String hypervisorGroup;

    @Option(
            names = "--migration-port",
            defaultValue = "16515",
            description =
                    "Where other nodes' agents reach this one for live migrations, by mutual TLS; 0: VMs do not move"
                            + " while they run (default: ${DEFAULT-VALUE}).")
    private int migrationPort;

    @Option(
            names = "--console-port",
            defaultValue = "16516",
            description = "Where kubectl tlvm console reaches this agent, by mutual TLS; 0: no consoles"
                    + " (default: ${DEFAULT-VALUE}).")
    private int consolePort;

    @Option(
            names = "--qemu-pki-dir",
            defaultValue = "/etc/pki/qemu",
            description = "Where QEMU looks for its certificates (default: ${DEFAULT-VALUE}).")
    private String qemuPkiDir;

    @Override
    public Integer call() throws InterruptedException {
        AgentConfiguration configuration;
        try {
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
                    .qemuPkiDir(qemuPkiDir)
                    .build());
        } catch (AgentConfiguration.InvalidException e) {
            spec.commandLine().getErr().println(e.getMessage());
            return CommandLine.ExitCode.USAGE;
        }
        try (Agent agent = Agent.onThisHost(
                configuration, new KubernetesClientBuilder().build(), InstantSource.system(), new SecureRandom())) {
            agent.start();
            new CountDownLatch(1).await();
        }
        return CommandLine.ExitCode.OK;
    }
}
