package io.trustedlaunch.operator.node;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.ClusterNode;
import io.trustedlaunch.api.ClusterNodeSpec.Maintenance;
import io.trustedlaunch.api.EvictionStrategy;
import io.trustedlaunch.api.VMMigration;
import io.trustedlaunch.api.VMMigrationStatus;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * All that a node's drain is decided from.
 *
 * @param guests the VMs that have something to lose on the node: a guest that has not ended, or state that is not sealed
 * @param moves every VMMigration that this node's drain made and that is still there
 * @param underway how many moves of the whole cluster hold a place in the budget
 */
@RecordBuilder
record DrainFacts(
        ClusterNode node, List<Guest> guests, List<VMMigration> moves, int underway, DrainBudget budget, Instant now) {

    /**
     * A VM on the node.
     *
     * @param running its guest runs here, and nothing is about to end it
     * @param migratable why it cannot be moved now; empty if it can
     * @param moving a VMMigration of it is under way, whoever made it
     * @param nextName for a VMMigration of its own
     */
    @RecordBuilder
    record Guest(
            String namespace,
            String name,
            boolean running,
            EvictionStrategy strategy,
            Optional<String> migratable,
            boolean moving,
            String nextName) {

        String key() {
            return namespace + "/" + name;
        }
    }

    boolean isWanted() {
        return node.getSpec().maintenance() == Maintenance.Drain;
    }

    String nodeName() {
        return node.getMetadata().getName();
    }

    /** Of a VM, the last first. */
    List<VMMigration> movesOf(Guest guest) {
        return moves.stream()
                .filter(move -> move.getMetadata().getNamespace().equals(guest.namespace())
                        && move.getSpec().vmRef().name().equals(guest.name()))
                .toList();
    }

    static boolean isUnfinished(VMMigration move) {
        return !move.isMarkedForDeletion()
                && status(move).map(VMMigrationStatus::completionTime).isEmpty();
    }

    /** One that cannot begin holds no place. */
    static boolean holdsAPlace(VMMigration move) {
        return isUnfinished(move)
                && status(move)
                        .map(VMMigrationStatus::phase)
                        .filter(phase -> phase == VMMigrationStatus.Phase.Pending)
                        .isEmpty();
    }

    static Optional<VMMigrationStatus> status(VMMigration move) {
        return Optional.ofNullable(move.getStatus());
    }
}
