package io.trustedlaunch.operator.metrics;

import io.trustedlaunch.api.ByteSize;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeStatus;
import io.trustedlaunch.api.node.Enrolment;
import io.trustedlaunch.api.node.StorageLocation;
import io.trustedlaunch.api.node.StorageLocationStatus;
import io.trustedlaunch.custody.Certificates;
import io.trustedlaunch.metrics.Metric;
import io.trustedlaunch.metrics.Samples;
import io.trustedlaunch.operator.node.AgentLiveness;
import java.util.List;
import java.util.Optional;

/** Metrics of the nodes' reports and of their age. */
record NodeMetrics(Caches caches, AgentLiveness liveness) {
    private static final Metric READY = Metric.gauge(
            "trusted_launch_node_ready", "1 if the condition Ready of the ClusterNode is True, else 0", "node");

    private static final Metric ENROLLED =
            Metric.gauge("trusted_launch_node_enrolled", "1 if an administrator approved the node, else 0", "node");

    private static final Metric DRAINED = Metric.gauge(
            "trusted_launch_node_drained",
            "Of a node that is being drained: 1 if no VM is left on it, else 0; missing for others",
            "node");

    private static final Metric HEARTBEAT_AGE = Metric.gauge(
            "trusted_launch_node_heartbeat_age_seconds",
            "Time since the agent of the node renewed its Lease, which it does every ten seconds; from 40 on the agent"
                    + " counts as not alive",
            "node");

    private static final Metric CERTIFICATE_EXPIRATION = Metric.gauge(
            "trusted_launch_node_certificate_expiration_timestamp_seconds",
            "When the sealing certificate of the node expires; its agent renews it before",
            "node");

    private static final Metric LOCATION_READY = Metric.gauge(
            "trusted_launch_storage_location_ready",
            "1 if the storage location exists on the node, is restricted and can be written, else 0",
            "storage_location",
            "node");

    private static final Metric LOCATION_FREE = Metric.gauge(
            "trusted_launch_storage_location_free_bytes",
            "Free space of the storage location on the node, rounded",
            "storage_location",
            "node");

    void read(Samples samples) {
        liveness.sinceRenewal().forEach((node, age) -> samples.set(HEARTBEAT_AGE, age.toMillis() / 1000.0, node));
        caches.list(ClusterNode.class)
                .forEach(node -> node(samples, node.getMetadata().getName(), node.status()));
        caches.list(StorageLocation.class).forEach(location -> location(samples, location));
    }

    private static void node(Samples samples, String node, Optional<ClusterNodeStatus> status) {
        boolean ready = status.flatMap(reported -> ConditionType.Ready.in(reported.conditions()))
                .filter(condition -> condition.getStatus().equals("True"))
                .isPresent();
        samples.set(READY, ready ? 1 : 0, node);
        status.flatMap(reported -> ConditionType.Drained.in(reported.conditions()))
                .ifPresent(drained -> samples.set(DRAINED, drained.getStatus().equals("True") ? 1 : 0, node));
        samples.set(ENROLLED, Enrolment.isEnrolled(status) ? 1 : 0, node);
        status.map(ClusterNodeStatus::sealingCertificate)
                .flatMap(Certificates::expirationOf)
                .ifPresent(expiration -> samples.set(CERTIFICATE_EXPIRATION, expiration.getEpochSecond(), node));
    }

    /** Reads the locations' status, since a node may report any name. */
    private static void location(Samples samples, StorageLocation location) {
        String name = location.getMetadata().getName();
        location.status().map(StorageLocationStatus::nodes).orElseGet(List::of).forEach(node -> {
            samples.set(LOCATION_READY, node.ready() ? 1 : 0, name, node.nodeName());
            Optional.ofNullable(node.freeSpace())
                    .ifPresent(free -> samples.set(LOCATION_FREE, ByteSize.of(free), name, node.nodeName()));
        });
    }
}
