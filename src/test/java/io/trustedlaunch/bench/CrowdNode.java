package io.trustedlaunch.bench;

import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.trustedlaunch.agent.disks.Disks;
import io.trustedlaunch.agent.disks.FakeDiskTool;
import io.trustedlaunch.agent.host.Accounts;
import io.trustedlaunch.agent.host.HypervisorAccount;
import io.trustedlaunch.agent.hypervisor.FakeHypervisor;
import io.trustedlaunch.agent.identity.IdentitySettings;
import io.trustedlaunch.agent.identity.NodeIdentity;
import io.trustedlaunch.agent.identity.QemuFiles;
import io.trustedlaunch.agent.kube.AgentWriter;
import io.trustedlaunch.agent.location.LocationCheck;
import io.trustedlaunch.agent.location.LocationToken;
import io.trustedlaunch.agent.location.LocationWatch;
import io.trustedlaunch.agent.node.Heartbeat;
import io.trustedlaunch.agent.node.MarkMemory;
import io.trustedlaunch.agent.node.NodeGatherer;
import io.trustedlaunch.agent.node.NodeReconciler;
import io.trustedlaunch.agent.tpm.Libtpms;
import io.trustedlaunch.agent.tpm.SwtpmFacts;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeSpec;
import io.trustedlaunch.api.node.ClusterNodeStatus.Domain;
import io.trustedlaunch.custody.AssignmentKey;
import io.trustedlaunch.process.Liveness;
import io.trustedlaunch.testkit.Cluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A node whose agent registers it and answers leaders, but does nothing about its VMs: they are records that somebody has
 * written. It is full.
 */
final class CrowdNode implements AutoCloseable {
    private static final String BOOT = "5eed0000-0000-4000-8000-000000000001";

    private final String name;
    private final List<Domain> domains = new CopyOnWriteArrayList<>();
    private final NodeIdentity identity;
    private final LocationWatch locations;
    private final Heartbeat heartbeat;
    private final NodeReconciler node;

    CrowdNode(String name, KubernetesClient client, Path root) throws IOException {
        this.name = name;
        Path own = Files.createDirectories(root.resolve(name));
        HypervisorAccount account = Accounts.ownerOf(own);
        InstantSource clock = InstantSource.system();
        SecureRandom random = new SecureRandom();
        AgentWriter writer = new AgentWriter(client, Cluster.NAMESPACE, name);
        identity = new NodeIdentity(
                client,
                new IdentitySettings(
                        name, Cluster.NAMESPACE, own.resolve("identity"), new QemuFiles(own.resolve("pki"), account)),
                clock,
                random,
                this::wake);
        locations = new LocationWatch(
                new LocationCheck(path -> BenchNode.restricted(path, account), account, own.resolve("state")),
                name,
                new LocationToken(own.resolve("location-token"), random),
                System::nanoTime,
                clock,
                this::wake,
                location -> {});
        Liveness liveness = new Liveness(System::nanoTime, Duration.ofMinutes(10));
        heartbeat = new Heartbeat(writer, BOOT, clock, liveness, () -> {});
        node = new NodeReconciler(
                client,
                Cluster.NAMESPACE,
                name,
                new NodeGatherer(
                        new FakeHypervisor(own.resolve("libvirt")),
                        () -> new SwtpmFacts("0.10", new Libtpms(Optional.empty())),
                        identity,
                        locations,
                        backupLocations -> List.of(),
                        new Disks(account, name, new FakeDiskTool(), own.resolve("image"), UUID::randomUUID),
                        Optional::empty,
                        OptionalInt::empty,
                        OptionalInt::empty,
                        true,
                        () -> false,
                        "bench",
                        clock),
                () -> List.copyOf(domains),
                new MarkMemory(own.resolve("last-mark"), own.resolve("last-mark-until-boot"), System::nanoTime),
                BOOT,
                writer,
                () -> BenchNode.ADDRESS,
                liveness);
    }

    String name() {
        return name;
    }

    void start(KubernetesClient admin) {
        ClusterNode full = new ClusterNode();
        full.getMetadata().setName(name);
        full.setSpec(
                new ClusterNodeSpec(BenchNode.ADDRESS, ClusterNodeSpec.Maintenance.None, new Quantity("64Mi"), null));
        admin.resource(full).create();
        heartbeat.start();
        identity.start();
        node.start();
    }

    /** One of its VMs, for the next answer to a leader. */
    void add(String vmUid, AssignmentKey operator) {
        domains.add(new Domain(vmUid, 1, operator.prove(vmUid, 1, name, Optional.empty()), null));
    }

    private void wake() {
        node.wake();
    }

    @Override
    public void close() {
        node.close();
        locations.close();
        heartbeat.close();
        identity.close();
    }
}
