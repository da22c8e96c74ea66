package io.trustedlaunch.placement;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.ProcessorVendor;
import io.trustedlaunch.api.incarnation.NestedVirtualization;
import io.trustedlaunch.api.node.NodeVirtualization;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * All nodes as they were at one moment, and what was decided from them alone: VMs with equal needs share it. As long as nothing
 * about any node changes, all passes are given the same snapshot.
 */
public final class NodeSnapshot {
    /** Tenants choose what their VMs need, as often as they like. */
    private static final int MOST_KEPT = 1_000;

    private final List<NodeInfo> nodes;
    private final Map<String, NodeInfo> byName = new LinkedHashMap<>();
    private final boolean knowsAllFields;
    private final boolean hasEnlightenedVmcs;
    private final Map<MigrationNeeds, Problem> migratable = new ConcurrentHashMap<>();
    private final Map<Set<String>, NodeSnapshot> withDead = new ConcurrentHashMap<>();

    public NodeSnapshot(List<NodeInfo> nodes) {
        this.nodes = List.copyOf(nodes);
        nodes.forEach(node -> byName.putIfAbsent(node.name(), node));
        this.knowsAllFields = nodes.stream().allMatch(NodeInfo::knowsAllFields);
        this.hasEnlightenedVmcs = hasEnlightenedVmcs(nodes);
    }

    /** All enrolled nodes with nested virtualization of Intel offer evmcs, and there is one. */
    public boolean hasEnlightenedVmcs() {
        return hasEnlightenedVmcs;
    }

    /** A node whose agent does not say is one that may not have it. */
    private static boolean hasEnlightenedVmcs(List<NodeInfo> nodes) {
        List<Optional<NodeVirtualization>> enrolled = nodes.stream()
                .filter(NodeInfo::isEnrolled)
                .map(NodeInfo::virtualization)
                .toList();
        List<NodeVirtualization> onIntel = enrolled.stream()
                .flatMap(Optional::stream)
                .filter(known -> known.offers().equals(Optional.of(ProcessorVendor.Intel)))
                .toList();
        return enrolled.stream().allMatch(Optional::isPresent)
                && !onIntel.isEmpty()
                && onIntel.stream().allMatch(NodeVirtualization::enlightenedVmcs);
    }

    public List<NodeInfo> nodes() {
        return nodes;
    }

    public Optional<NodeInfo> find(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    /** The same, with these nodes' agents taken for dead whatever their Leases say. */
    public NodeSnapshot withDead(Set<String> dead) {
        return dead.isEmpty() ? this : withDead.computeIfAbsent(Set.copyOf(dead), this::without);
    }

    private NodeSnapshot without(Set<String> dead) {
        return new NodeSnapshot(nodes.stream()
                .map(node -> dead.contains(node.name())
                        ? NodeInfoBuilder.builder(node).agentAlive(false).build()
                        : node)
                .toList());
    }

    /** The verdict on a migration of any VM with these needs. */
    Problem migratable(MigrationNeeds needs, Supplier<Problem> verdict) {
        // Not computeIfAbsent: many are decided at the same time, and two alike do no harm.
        Problem known = migratable.get(needs);
        if (known == null) {
            known = verdict.get();
            if (migratable.size() < MOST_KEPT) {
                migratable.put(needs, known);
            }
        }
        return known;
    }

    /** All that a VM needs of the node that it migrates to, if no other VM matters. */
    MigrationNeeds needs(Requests requests, long diskBytes, String source, PlacementPolicy policy) {
        return NodeSnapshotMigrationNeedsBuilder.builder()
                .cores(requests.cores())
                .memoryBytes(requests.memoryBytes())
                .fields(knowsAllFields ? Set.of() : requests.incarnationFields().get())
                .networks(requests.networks())
                .locations(requests.locations())
                .hasRemovedDisks(requests.hasRemovedDisks())
                .discs(requests.discs())
                .libtpms(requests.libtpms())
                .requiresVbs(requests.requiresVbs())
                .nested(requests.nested())
                .enlightenedVmcs(requests.enlightenedVmcs())
                .image(requests.image())
                .constraints(requests.constraints().withoutLabels())
                .diskBytes(diskBytes)
                .source(source)
                .policy(policy)
                .build();
    }

    /** @param fields that not all nodes' agents may know */
    @RecordBuilder
    record MigrationNeeds(
            int cores,
            long memoryBytes,
            Set<String> fields,
            List<String> networks,
            List<String> locations,
            boolean hasRemovedDisks,
            List<String> discs,
            Optional<String> libtpms,
            boolean requiresVbs,
            Optional<NestedVirtualization> nested,
            boolean enlightenedVmcs,
            Optional<ImageFile> image,
            Constraints constraints,
            long diskBytes,
            String source,
            PlacementPolicy policy) {}
}
