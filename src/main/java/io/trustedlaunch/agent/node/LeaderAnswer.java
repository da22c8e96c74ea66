package io.trustedlaunch.agent.node;

import io.trustedlaunch.api.ClusterNodeStatus;
import io.trustedlaunch.api.ClusterNodeStatus.Domain;
import io.trustedlaunch.api.ClusterNodeStatus.Inventory;
import io.trustedlaunch.api.ClusterNodeStatus.LastMark;
import io.trustedlaunch.api.ClusterNodeStatusBuilder;
import io.trustedlaunch.custody.Mark;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Builds the answer to a leader of the operator; pure. */
final class LeaderAnswer {
    private LeaderAnswer() {}

    /**
     * @param before the node's status on record
     * @param domains the VMs on this host; empty if the hypervisor cannot be asked now
     * @return the answer to write; empty if it is on record
     */
    static Optional<ClusterNodeStatus> of(
            String leader,
            Optional<ClusterNodeStatus> before,
            Optional<Mark> remembered,
            Supplier<Optional<List<Domain>>> domains) {
        Optional<LastMark> told = before.map(ClusterNodeStatus::lastMark).filter(mark -> leader.equals(mark.answers()));
        boolean listed = before.map(ClusterNodeStatus::inventory)
                .filter(inventory -> leader.equals(inventory.answers()))
                .isPresent();
        if (leader.isEmpty() || (listed && told.isPresent())) {
            return Optional.empty();
        }
        LastMark mark = told.orElseGet(
                () -> new LastMark(leader, remembered.map(Mark::toString).orElse(null)));
        Optional<Inventory> inventory = domains.get().map(found -> new Inventory(leader, found));
        return Optional.of(ClusterNodeStatusBuilder.builder()
                        .lastMark(mark)
                        .inventory(inventory.orElse(null))
                        .build())
                .filter(answer -> inventory.isPresent() || told.isEmpty());
    }
}
