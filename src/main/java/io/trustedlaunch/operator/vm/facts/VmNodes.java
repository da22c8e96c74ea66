package io.trustedlaunch.operator.vm.facts;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.operator.fencing.Fences.ProvedDeath;
import io.trustedlaunch.placement.NodeInfo;
import io.trustedlaunch.placement.Placement;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The nodes, as a decision about one VM sees them.
 *
 * @param placement with all nodes
 * @param fenced those that are proved dead, for as long as the proof holds, each with the NodeFence that proves it
 * @param failoverTurn whether the VM may start elsewhere beside others; asked only when a node is reserved
 */
@RecordBuilder
public record VmNodes(
        Placement placement,
        InventoryFacts inventory,
        Map<String, ProvedDeath> fenced,
        Optional<FailoverTurn> failoverTurn) {
    public List<NodeInfo> all() {
        return placement.nodes();
    }

    public Optional<NodeInfo> find(String name) {
        return placement.snapshot().find(name);
    }

    public NodeState state(String node) {
        if (fenced.containsKey(node)) {
            return NodeState.FENCED;
        }
        return find(node)
                .map(found -> found.agentAlive() ? NodeState.RESPONDING : NodeState.SILENT)
                .orElse(NodeState.UNREGISTERED);
    }

    public boolean isAgentAlive(String node) {
        return state(node) == NodeState.RESPONDING;
    }

    public boolean isFenced(String node) {
        return state(node) == NodeState.FENCED;
    }

    /** Its agent has reported its boot of the host to this leader; after a change of the leader, each takes a moment. */
    public boolean hasAnswered(String node) {
        return find(node).filter(NodeInfo::answered).isPresent();
    }

    /** The folder that the node has in the location is proved to be on another node, too. */
    public boolean isShared(String location, String node) {
        return all().stream().anyMatch(other -> !other.name().equals(node) && other.sharesLocation(location, node));
    }

    /** It has an envelope that its node can open: an agent whose state was lost has another key than before. */
    public boolean hasUsableEnvelope(Incarnation incarnation) {
        return incarnation.hasEnvelopeFor(find(incarnation.node()).flatMap(NodeInfo::sealingKey));
    }

    /** Why the incarnation never runs again; empty: it may. */
    public Optional<Over> over(Incarnation incarnation) {
        return incarnation.isOver()
                ? Optional.of(new Over.BySelf())
                : Optional.ofNullable(fenced.get(incarnation.node()))
                        .map(death -> new Over.ByFence(incarnation, death));
    }

    public boolean isOver(Incarnation incarnation) {
        return over(incarnation).isPresent();
    }

    /** No later epoch of the VM is reported. */
    public boolean isLatest(long epoch) {
        return inventory.latest().filter(seen -> seen.epoch() == epoch).isPresent();
    }

    /** Whether the deletion of the VM waits for this node's agent. Later, its agent removes what is there. */
    public boolean deletionAwaits(String node) {
        return switch (state(node)) {
            case RESPONDING, SILENT -> !find(node).orElseThrow().outOfService();
            case UNREGISTERED, FENCED -> false;
        };
    }
}
