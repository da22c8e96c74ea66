package io.trustedlaunch.operator.backuplocation;

import io.trustedlaunch.api.Result;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.MarkerOrder;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeStatus;
import io.trustedlaunch.api.node.ClusterNodeStatus.BackupFolder;
import io.trustedlaunch.api.node.Enrolment;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * The facts from which a BackupLocation's status is computed.
 *
 * @param nodes all nodes
 * @param bucket what was found there; empty for a folder, and while it has not answered
 */
record BackupLocationFacts(
        BackupLocation location, List<ClusterNode> nodes, Optional<Result<Optional<UUID>>> bucket, Instant now) {

    /**
     * What one node's agent says of the folder: a claim, about that node alone.
     *
     * @param enrolled one that is not gets no VMs, and may have some that were there before
     */
    record Report(String nodeName, boolean enrolled, BackupFolder folder) {}

    /** Sorted by node. */
    List<Report> reports() {
        return nodes.stream()
                .flatMap(node -> reported(node).stream())
                .sorted(Comparator.comparing(Report::nodeName))
                .toList();
    }

    private Optional<Report> reported(ClusterNode node) {
        return node.status().map(ClusterNodeStatus::backupFolders).orElseGet(List::of).stream()
                .filter(folder -> location.getMetadata().getName().equals(folder.name()))
                .map(folder -> new Report(node.getMetadata().getName(), Enrolment.isEnrolled(node.status()), folder))
                .findFirst();
    }

    boolean isUnanswered() {
        return location.getSpec().s3() != null && bucket.isEmpty();
    }

    /** The order to make the marker, while it is obeyed. */
    Optional<MarkerOrder> currentOrder() {
        return MarkerOrder.of(location).filter(order -> order.isCurrent(now));
    }
}
