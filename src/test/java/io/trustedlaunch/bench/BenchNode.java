package io.trustedlaunch.bench;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.trustedlaunch.agent.Agent;
import io.trustedlaunch.agent.AgentConfiguration;
import io.trustedlaunch.agent.AgentConfigurationBuilder;
import io.trustedlaunch.agent.HostTools;
import io.trustedlaunch.agent.HostToolsBuilder;
import io.trustedlaunch.agent.disks.FakeDiskTool;
import io.trustedlaunch.agent.host.Accounts;
import io.trustedlaunch.agent.host.HostFolders;
import io.trustedlaunch.agent.host.HypervisorAccount;
import io.trustedlaunch.agent.hypervisor.FakeHypervisor;
import io.trustedlaunch.agent.hypervisor.HostFactsBuilder;
import io.trustedlaunch.agent.incarnation.FakeTpms;
import io.trustedlaunch.agent.location.PathFacts;
import io.trustedlaunch.agent.location.PathFactsBuilder;
import io.trustedlaunch.agent.seed.FakeIsoWriter;
import io.trustedlaunch.agent.tpm.Libtpms;
import io.trustedlaunch.agent.tpm.SwtpmFacts;
import io.trustedlaunch.testkit.Cluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Optional;
import java.util.OptionalInt;

/** A node with the agent's own code, over a hypervisor and TPMs in memory. */
final class BenchNode implements AutoCloseable {
    private static final int CORES = 256;
    private static final long MEMORY = 1L << 40;
    static final String ADDRESS = "192.0.2.10";

    /** Of all nodes: a TPM goes where its VM goes. */
    private static final TpmKeySupply KEYS = new TpmKeySupply();

    private final Agent agent;

    /** @param client with the rights of the node's agent */
    BenchNode(String name, KubernetesClient client, Path root, SimulatedGuests guests) throws IOException {
        Path own = Files.createDirectories(root.resolve(name));
        HypervisorAccount account = Accounts.ownerOf(own);
        FakeHypervisor hypervisor = new FakeHypervisor(own.resolve("libvirt"));
        hypervisor.setHost(HostFactsBuilder.builder(hypervisor.host())
                .cores(CORES)
                .memoryBytes(MEMORY)
                .build());
        guests.liveOn(hypervisor);
        try {
            agent = Agent.with(
                    tools(hypervisor, account),
                    configuration(name, own, account),
                    client,
                    InstantSource.system(),
                    new SecureRandom());
        } catch (HostFolders.InUseException e) {
            throw new IllegalStateException(e);
        }
    }

    static BenchNode of(Cluster cluster, Node node, Path root, SimulatedGuests guests) throws IOException {
        return new BenchNode(node.getMetadata().getName(), cluster.agentOf(node), root, guests);
    }

    void start() {
        agent.start();
    }

    @Override
    public void close() {
        agent.close();
    }

    private static HostTools tools(FakeHypervisor hypervisor, HypervisorAccount account) {
        return HostToolsBuilder.builder()
                .hypervisor(hypervisor)
                .tpms(new FakeTpms(KEYS))
                .preflight(() -> new SwtpmFacts("0.10", new Libtpms(Optional.empty())))
                .disks(new FakeDiskTool())
                .discs(new FakeIsoWriter())
                .paths(path -> restricted(path, account))
                .firewall(sources -> {})
                .build();
    }

    private static AgentConfiguration configuration(String name, Path own, HypervisorAccount account) {
        return AgentConfigurationBuilder.builder()
                .nodeName(name)
                .namespace(Cluster.NAMESPACE)
                .address(Optional.of(ADDRESS))
                .emulation(true)
                .failpoints(Optional.empty())
                .stateFolder(own.resolve("state"))
                .runFolder(own.resolve("run"))
                .libvirtUri("none")
                .account(account)
                .migrationPort(OptionalInt.empty())
                .consolePort(OptionalInt.empty())
                .healthPort(OptionalInt.empty())
                .metrics(Optional.empty())
                .qemuPki(own.resolve("pki"))
                .build();
    }

    /** Folders of the benchmark are in a folder that everyone may write to. */
    static PathFacts restricted(Path path, HypervisorAccount account) {
        boolean location = path.endsWith(Offer.FOLDER);
        return PathFactsBuilder.builder()
                .path(path)
                .kind(PathFacts.Kind.FOLDER)
                .owner(account.administrator().getName())
                .group(account.group().getName())
                .mode(location ? 0710 : 0755)
                .accessList(false)
                .build();
    }
}
