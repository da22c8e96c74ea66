package io.trustedlaunch.operator.vm;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.api.ClusterNode;
import io.trustedlaunch.api.GuestImage;
import io.trustedlaunch.api.ImageEligibilityPolicy;
import io.trustedlaunch.api.ImageEligibilityPolicySpec;
import io.trustedlaunch.api.ImageEligibilityPolicySpec.Enforcement;
import io.trustedlaunch.api.ImageEligibilityPolicySpec.Rule;
import io.trustedlaunch.api.Provenance;
import io.trustedlaunch.api.StorageLocation;
import io.trustedlaunch.api.StorageLocationSpec;
import io.trustedlaunch.api.StorageLocationStatus;
import io.trustedlaunch.custody.CertificatePurpose;
import io.trustedlaunch.custody.CertificateRequest;
import io.trustedlaunch.custody.Certificates;
import io.trustedlaunch.custody.NodeCertificateAuthority;
import io.trustedlaunch.custody.NodeKeyPair;
import io.trustedlaunch.custody.NodeSubject;
import io.trustedlaunch.custody.PublishedAuthority;
import io.trustedlaunch.custody.RecoveryCertificate;
import io.trustedlaunch.operator.vm.plan.VmScene;
import io.trustedlaunch.placement.NodeInfo;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** What a VM of {@link VmScene} needs to be started: nodes with certificates, an image, a policy, a location. */
public final class FakeCluster {
    private final Instant now;
    private final Optional<RecoveryCertificate> recovery;
    private final NodeCertificateAuthority authority;
    private final List<ClusterNode> nodes;

    public FakeCluster(Instant now) {
        this(now, Optional.empty());
    }

    /** One that escrows its keys for this certificate. */
    public FakeCluster(Instant now, Optional<RecoveryCertificate> recovery) {
        SecureRandom random = new SecureRandom();
        this.now = now;
        this.recovery = recovery;
        this.authority = NodeCertificateAuthority.create(PublishedAuthority.NODES, random, now, Duration.ofDays(365));
        this.nodes = VmScene.applied().facts().nodes().stream()
                .map(candidate -> clusterNode(candidate, random))
                .toList();
    }

    /** A new one, without VMs. */
    public FakeApiServer server() {
        FakeApiServer server = new FakeApiServer();
        nodes.forEach(server::createIfAbsent);
        GuestImage image = new GuestImage();
        image.setMetadata(named("ws2022"));
        image.setSpec(VmScene.applied().facts().image().spec().orElseThrow());
        server.createIfAbsent(image);
        ImageEligibilityPolicy policy = new ImageEligibilityPolicy();
        policy.setMetadata(named("lab"));
        policy.setSpec(new ImageEligibilityPolicySpec(
                Provenance.None, Enforcement.Creation, List.of(new Rule("proof", "publisher", null, null, null))));
        server.createIfAbsent(policy);
        StorageLocation location = new StorageLocation();
        location.setMetadata(named("default"));
        location.setSpec(new StorageLocationSpec("/var/lib/vms"));
        server.createIfAbsent(location);
        return server;
    }

    /** Each with its own folder. */
    public List<FakeAgent> agents(FakeApiServer server) {
        return nodes.stream()
                .map(node -> new FakeAgent(node.getMetadata().getName(), server, new FakeHome()))
                .toList();
    }

    /** All with one folder, which is on record. */
    public List<FakeAgent> agentsWithOneFolder(FakeApiServer server) {
        FakeHome home = new FakeHome();
        List<String> names =
                nodes.stream().map(node -> node.getMetadata().getName()).toList();
        StorageLocation location = server.find(StorageLocation.class, "default").orElseThrow();
        location.setStatus(
                new StorageLocationStatus(null, null, List.of(new StorageLocationStatus.Group(names)), null));
        server.replaceStatus(location);
        return names.stream().map(name -> new FakeAgent(name, server, home)).toList();
    }

    /** Each with its own folder, with room for a copy of the others' VMs, and a way to the others. */
    public List<FakeAgent> agentsWithFoldersOfTheirOwn(FakeApiServer server) {
        server.all(ClusterNode.class).toList().forEach(node -> {
            node.setStatus(VmScene.withRoom(node.getStatus()));
            server.replaceStatus(node);
        });
        List<FakeAgent> agents = agents(server);
        Map<String, FakeAgent> all = agents.stream().collect(Collectors.toMap(FakeAgent::node, agent -> agent));
        agents.forEach(agent -> agent.knows(all));
        return agents;
    }

    public FakeOperator operator(FakeApiServer server, String identity, List<String> aliveNodes) {
        return operator(server, identity, aliveNodes, recovery);
    }

    /** One that has another certificate to escrow for than those before it. */
    public FakeOperator operator(
            FakeApiServer server, String identity, List<String> aliveNodes, Optional<RecoveryCertificate> recovery) {
        return new FakeOperator(server, identity, aliveNodes, authority.verifier(), recovery, InstantSource.fixed(now));
    }

    private ClusterNode clusterNode(NodeInfo candidate, SecureRandom random) {
        NodeKeyPair pair = NodeKeyPair.generate(random);
        String certificate = Certificates.toPem(authority.issue(
                CertificateRequest.parse(pair.certificateRequest(random)),
                new NodeSubject(candidate.name(), "192.0.2.1"),
                CertificatePurpose.SEALING,
                now,
                Duration.ofDays(30),
                random));
        ClusterNode node = new ClusterNode();
        node.setMetadata(named(candidate.name()));
        node.setSpec(candidate.spec());
        node.setStatus(VmScene.reporting(candidate.status(), certificate));
        return node;
    }

    private static ObjectMeta named(String name) {
        return new ObjectMetaBuilder()
                .withName(name)
                .withCreationTimestamp("2026-01-01T00:00:00Z")
                .build();
    }
}
