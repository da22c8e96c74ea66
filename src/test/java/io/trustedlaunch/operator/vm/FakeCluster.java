package io.trustedlaunch.operator.vm;

import io.trustedlaunch.api.ClusterNode;
import io.trustedlaunch.api.StorageLocation;
import io.trustedlaunch.custody.CertificatePurpose;
import io.trustedlaunch.custody.CertificateRequest;
import io.trustedlaunch.custody.Certificates;
import io.trustedlaunch.custody.NodeCertificateAuthority;
import io.trustedlaunch.custody.NodeKeyPair;
import io.trustedlaunch.custody.NodeSubject;
import io.trustedlaunch.custody.PublishedAuthority;
import io.trustedlaunch.custody.RecoveryCertificate;
import io.trustedlaunch.operator.node.Leadership;
import io.trustedlaunch.testkit.FakeApiServer;
import io.trustedlaunch.testkit.GuestImages;
import io.trustedlaunch.testkit.Nodes;
import io.trustedlaunch.testkit.Vms;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the VM in {@link Vms} needs to be started: nodes with certificates, an image, a policy, a location. */
public final class FakeCluster {
    private final Instant now;
    private final Optional<RecoveryCertificate> recovery;
    private final NodeCertificateAuthority authority;
    private final List<ClusterNode> nodes;

    public FakeCluster(Instant now) {
        this(now, Optional.empty());
    }

    /** It escrows its keys for this certificate. */
    public FakeCluster(Instant now, Optional<RecoveryCertificate> recovery) {
        SecureRandom random = new SecureRandom();
        this.now = now;
        this.recovery = recovery;
        this.authority = NodeCertificateAuthority.create(PublishedAuthority.NODES, random, now, Duration.ofDays(365));
        this.nodes = Stream.of("host-a", "host-b")
                .map(name -> certified(name, random))
                .toList();
    }

    /** A new one, without VMs. */
    public FakeApiServer server() {
        FakeApiServer server = new FakeApiServer();
        nodes.forEach(server::put);
        server.put(GuestImages.image());
        server.put(GuestImages.policy());
        server.put(Nodes.storageLocation());
        return server;
    }

    /** Each with its own folder. */
    public List<FakeAgent> agents(FakeApiServer server) {
        return nodes.stream()
                .map(node -> new FakeAgent(node.getMetadata().getName(), server, new FakeHome()))
                .toList();
    }

    /** All with one folder, as the StorageLocation says. */
    public List<FakeAgent> agentsWithOneFolder(FakeApiServer server) {
        FakeHome home = new FakeHome();
        List<String> names =
                nodes.stream().map(node -> node.getMetadata().getName()).toList();
        StorageLocation location = server.find(StorageLocation.class, "default").orElseThrow();
        location.setStatus(Nodes.sharedBy(names));
        server.replaceStatus(location);
        return names.stream().map(name -> new FakeAgent(name, server, home)).toList();
    }

    /** Each with its own folder, room for a copy of the others' VMs, and connections to the others. */
    public List<FakeAgent> agentsWithFoldersOfTheirOwn(FakeApiServer server) {
        server.all(ClusterNode.class).toList().forEach(node -> {
            node.setStatus(Nodes.withRoom(node.getStatus()));
            server.replaceStatus(node);
        });
        List<FakeAgent> agents = agents(server);
        Map<String, FakeAgent> all = agents.stream().collect(Collectors.toMap(FakeAgent::node, agent -> agent));
        agents.forEach(agent -> agent.connect(all));
        return agents;
    }

    public FakeOperator operator(FakeApiServer server, String identity, List<String> aliveNodes) {
        return operator(server, identity, aliveNodes, recovery);
    }

    /** It escrows for another certificate than the operators before it. */
    public FakeOperator operator(
            FakeApiServer server, String identity, List<String> aliveNodes, Optional<RecoveryCertificate> recovery) {
        return new FakeOperator(server, identity, aliveNodes, authority.verifier(), recovery, InstantSource.fixed(now));
    }

    FakeOperator operator(FakeApiServer server, Leadership leadership, List<String> aliveNodes) {
        return new FakeOperator(
                server, leadership, aliveNodes, authority.verifier(), recovery, InstantSource.fixed(now));
    }

    private ClusterNode certified(String name, SecureRandom random) {
        String certificate = sealingCertificate(authority, name, now, random);
        return Nodes.clusterNode(Nodes.info(name)
                .status(Nodes.status().sealingCertificate(certificate).build())
                .build());
    }

    static String sealingCertificate(
            NodeCertificateAuthority authority, String node, Instant now, SecureRandom random) {
        return sealingCertificate(authority, node, NodeKeyPair.generate(random), now, random);
    }

    String sealingCertificate(String node, NodeKeyPair pair) {
        return sealingCertificate(authority, node, pair, now, new SecureRandom());
    }

    private static String sealingCertificate(
            NodeCertificateAuthority authority, String node, NodeKeyPair pair, Instant now, SecureRandom random) {
        return Certificates.toPem(authority.issue(
                CertificateRequest.parse(pair.certificateRequest(random)),
                new NodeSubject(node, Nodes.ADDRESS),
                CertificatePurpose.SEALING,
                now,
                Duration.ofDays(30),
                random));
    }
}
