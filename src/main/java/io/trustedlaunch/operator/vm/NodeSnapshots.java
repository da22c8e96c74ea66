package io.trustedlaunch.operator.vm;

import io.fabric8.kubernetes.api.model.Node;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Result;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.StorageLocation;
import io.trustedlaunch.api.vm.TaintEffect;
import io.trustedlaunch.custody.VerifiedCertificate;
import io.trustedlaunch.operator.location.LocationGroups;
import io.trustedlaunch.operator.node.AgentLiveness;
import io.trustedlaunch.operator.node.Leadership;
import io.trustedlaunch.operator.node.MemoryReservation;
import io.trustedlaunch.operator.seal.SealingCertificates;
import io.trustedlaunch.placement.Allocated;
import io.trustedlaunch.placement.NodeInfo;
import io.trustedlaunch.placement.NodeInfoBuilder;
import io.trustedlaunch.placement.NodeSnapshot;
import io.trustedlaunch.placement.SharedLocations;
import io.trustedlaunch.placement.Taint;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads what placement uses of the nodes. Each pass reads all that may have changed; what follows from it is made anew only for a
 * node of which something has.
 */
final class NodeSnapshots {
    private static final String OUT_OF_SERVICE = "node.kubernetes.io/out-of-service";

    private static final List<TaintEffect> EFFECTS = List.of(TaintEffect.values());

    private final VmCaches caches;
    private final AgentLiveness liveness;
    private final SealingCertificates certificates;
    private final Leadership leadership;
    private final OfSameVersions<SharedLocations> shared = new OfSameVersions<>();
    private volatile Made last = new Made(List.of(), new NodeSnapshot(List.of()));

    NodeSnapshots(VmCaches caches, AgentLiveness liveness, SealingCertificates certificates, Leadership leadership) {
        this.caches = caches;
        this.liveness = liveness;
        this.certificates = certificates;
        this.leadership = leadership;
    }

    private record Made(List<Source> sources, NodeSnapshot snapshot) {
        /** The same as before; empty if the node, or something about it, has changed since. */
        Optional<NodeInfo> info(int i, Source source) {
            return i < sources.size() && sources.get(i).isSameAs(source)
                    ? Optional.of(snapshot.nodes().get(i))
                    : Optional.empty();
        }
    }

    /** All that a node's NodeInfo follows from, besides the identity of this operator. */
    @RecordBuilder
    record Source(
            ClusterNode node,
            Optional<Node> kubernetesNode,
            boolean alive,
            Result<VerifiedCertificate> certificate,
            Allocated inUse,
            SharedLocations shared,
            boolean powerFencing) {
        boolean isSameAs(Source other) {
            return node == other.node
                    && kubernetesNode.orElse(null) == other.kubernetesNode.orElse(null)
                    && alive == other.alive
                    && certificate.equals(other.certificate)
                    && inUse.equals(other.inUse)
                    && shared == other.shared
                    && powerFencing == other.powerFencing;
        }
    }

    /** The nodes as they are now: the same snapshot as before if nothing has changed. */
    NodeSnapshot present() {
        Made before = last;
        List<Source> sources = sources();
        List<NodeInfo> nodes = new ArrayList<>(sources.size());
        boolean isSame = sources.size() == before.sources().size();
        for (int i = 0; i < sources.size(); i++) {
            Source source = sources.get(i);
            Optional<NodeInfo> known = before.info(i, source);
            isSame = isSame && known.isPresent();
            nodes.add(known.orElseGet(() -> info(source)));
        }
        if (isSame) {
            return before.snapshot();
        }
        Made made = new Made(sources, new NodeSnapshot(nodes));
        last = made;
        return made.snapshot();
    }

    private List<Source> sources() {
        Map<String, Allocated> inUse = caches.allocations().byNode();
        List<StorageLocation> locations = caches.locations();
        SharedLocations folders = shared.of(locations, () -> LocationGroups.of(locations));
        Set<String> powerFenced = PowerFencing.nodes(caches.fenceDevices());
        List<ClusterNode> nodes = caches.clusterNodes();
        List<Source> sources = new ArrayList<>(nodes.size());
        for (ClusterNode node : nodes) {
            String name = node.getMetadata().getName();
            sources.add(NodeSnapshotsSourceBuilder.builder()
                    .node(node)
                    .kubernetesNode(caches.kubernetesNode(name))
                    .alive(liveness.isAlive(name))
                    .certificate(certificates.find(name, node.status()))
                    .inUse(inUse.getOrDefault(name, Allocated.NONE))
                    .shared(folders)
                    .powerFencing(powerFenced.contains(name))
                    .build());
        }
        return sources;
    }

    private NodeInfo info(Source source) {
        List<Taint> taints = taints(source.kubernetesNode());
        return NodeInfoBuilder.builder()
                .name(source.node().getMetadata().getName())
                .spec(source.node().getSpec())
                .status(source.node().getStatus())
                .labels(source.kubernetesNode()
                        .map(found -> found.getMetadata().getLabels())
                        .orElseGet(Map::of))
                .taints(taints)
                .agentAlive(source.alive())
                .answered(leadership.hasAnswered(source.node()))
                .outOfService(isOutOfService(taints))
                .unschedulable(isUnschedulable(source.kubernetesNode()))
                .memoryKeptFromPods(MemoryReservation.of(source.kubernetesNode()))
                .certificateFault(source.certificate().refusal().map(Problem::message))
                .sealingKey(source.certificate().found().map(VerifiedCertificate::keyIdentifier))
                .inUse(source.inUse())
                .shared(source.shared())
                .powerFencing(source.powerFencing())
                .build();
    }

    private static boolean isOutOfService(List<Taint> taints) {
        return taints.stream().anyMatch(taint -> taint.key().equals(OUT_OF_SERVICE));
    }

    /** Taints with an unknown effect are ignored. */
    private static List<Taint> taints(Optional<Node> node) {
        return node.map(found -> found.getSpec()).map(spec -> spec.getTaints()).orElseGet(List::of).stream()
                .flatMap(taint -> EFFECTS.stream()
                        .filter(effect -> effect.name().equals(taint.getEffect()))
                        .map(effect -> new Taint(taint.getKey(), taint.getValue(), effect)))
                .toList();
    }

    private static boolean isUnschedulable(Optional<Node> node) {
        return node.map(found -> found.getSpec())
                .map(spec -> spec.getUnschedulable())
                .orElse(false);
    }
}
