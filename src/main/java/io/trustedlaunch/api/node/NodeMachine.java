package io.trustedlaunch.api.node;

import java.util.Optional;

/**
 * Which machine a node's host is.
 *
 * @param confirmed taken over when the node was approved, or set by an administrator
 * @param reported by its agent, now; one that names many machines counts as none
 */
public record NodeMachine(Optional<MachineUuid> confirmed, Optional<MachineUuid> reported) {
    public static NodeMachine of(ClusterNode node) {
        return new NodeMachine(
                MachineUuid.parse(node.getSpec().machineUUID()),
                node.status().map(ClusterNodeStatus::machineUUID).flatMap(MachineUuid::parse));
    }

    public boolean hasChanged() {
        return confirmed
                .flatMap(known -> reported.filter(now -> !known.isSameMachine(now)))
                .isPresent();
    }

    /** The machine to be confirmed: that of an approved node whose ClusterNode names none. */
    public static Optional<MachineUuid> unconfirmed(ClusterNode node) {
        return node.getSpec().machineUUID() == null && Enrolment.isEnrolled(node.status())
                ? of(node).reported()
                : Optional.empty();
    }
}
