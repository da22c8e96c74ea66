package io.trustedlaunch.operator.node;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.incarnation.VMMigrationStatus;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeSpec.Maintenance;
import io.trustedlaunch.api.vm.EvictionStrategy;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The facts from which the drain of a node is planned.
 *
 * @param evicted the Kubernetes Node is being drained
 * @param guests the VMs that still need the node: their guest has not ended, or its state is not sealed yet
 * @param migrations all existing VMMigrations that the drain of this node created
 * @param underwayHere how many migrations of the drain of this node are under way
 * @param underway how many migrations of all drains are under way
 */
@RecordBuilder
record DrainFacts(
        ClusterNode node,
        boolean evicted,
        List<Guest> guests,
        List<VMMigration> migrations,
        int underwayHere,
        int underway,
        DrainBudget budget,
        Instant now) {

    /**
     * A VM on the node.
     *
     * @param running its guest runs here and is to keep running
     * @param problem why it cannot be migrated now; empty if it can
     * @param migrating one of its VMMigrations is under way, of the drain or of a user
     * @param nextName an unused name for a VMMigration of this VM
     */
    @RecordBuilder
    record Guest(
            String namespace,
            String name,
            boolean running,
            EvictionStrategy strategy,
            Optional<String> problem,
            boolean migrating,
            String nextName) {

        String key() {
            return namespace + "/" + name;
        }
    }

    boolean isDraining() {
        return evicted || node.getSpec().maintenance() == Maintenance.Drain;
    }

    String nodeName() {
        return node.getMetadata().getName();
    }

    List<VMMigration> migrationsOf(Guest guest) {
        return migrations.stream()
                .filter(migration -> migration.getMetadata().getNamespace().equals(guest.namespace())
                        && migration.getSpec().vmRef().name().equals(guest.name()))
                .toList();
    }

    static boolean isUnfinished(VMMigration migration) {
        return !migration.isMarkedForDeletion() && !migration.hasEnded();
    }

    /** A pending migration is not. */
    static boolean isUnderway(VMMigration migration) {
        return isUnfinished(migration)
                && migration
                        .status()
                        .map(VMMigrationStatus::phase)
                        .filter(phase -> phase == VMMigrationStatus.Phase.Pending)
                        .isEmpty();
    }
}
