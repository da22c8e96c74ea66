package io.trustedlaunch.cli.plugin.report;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupLocationStatus;
import io.trustedlaunch.api.backup.BackupLocationStatus.Node;
import io.trustedlaunch.api.backup.MarkerOrder;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What is known of the store that a BackupLocation is, for a person who says which one it means. */
public record BackupLocationReport(BackupLocation location) {
    /** The ID that it means. */
    public Optional<String> id() {
        return Optional.ofNullable(location.getSpec().id());
    }

    private List<Node> nodes() {
        return location.status().map(BackupLocationStatus::nodes).orElseGet(List::of);
    }

    private Optional<Condition> ready() {
        return location.condition(ConditionType.Ready);
    }

    /**
     * Whether somebody has looked there.
     *
     * @param node that has; empty: any, or the operator
     */
    public boolean isThere(Optional<String> node) {
        if (location.getSpec().folder() != null) {
            return node.map(name -> location.on(name).isPresent()).orElse(!nodes().isEmpty());
        }
        return ready().filter(ready -> !ready.getStatus().equals("Unknown")).isPresent();
    }

    /** The IDs of the markers that were found. */
    public Set<String> foundIds() {
        return Stream.concat(
                        location.status().map(BackupLocationStatus::bucketID).stream(),
                        nodes().stream().map(Node::markerID).filter(Objects::nonNull))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /**
     * Why no marker is made.
     *
     * @param node that would make it; empty for a bucket
     */
    public Optional<String> reasonNotToInitialize(Optional<String> node) {
        String name = location.getMetadata().getName();
        if (!foundIds().isEmpty()) {
            return Optional.of("there is a marker already, of store " + String.join(", ", foundIds()) + foundOn()
                    + ". To use that store: kubectl tlvm backup location adopt " + name);
        }
        if (location.status().map(BackupLocationStatus::id).isPresent()) {
            return Optional.of(
                    "the marker of BackupLocation " + name + " was there before, and is not found now: mount its file"
                            + " system, or see which bucket is named. For a new store, delete the BackupLocation and create it anew");
        }
        Optional<String> reason = node.flatMap(location::on)
                .map(Node::reason)
                .or(() -> ready().filter(ready -> node.isEmpty()).map(Condition::getReason));
        Set<String> expected = Set.of(Reason.MarkerMissing.name(), Reason.BackupLocationNotInitialized.name());
        return reason.filter(expected::contains).isPresent()
                ? Optional.empty()
                : Optional.of("no marker can be made there now: "
                        + node.flatMap(location::on).map(Node::message).orElseGet(this::message));
    }

    private String foundOn() {
        String names = nodes().stream()
                .filter(node -> node.markerID() != null)
                .map(Node::nodeName)
                .collect(Collectors.joining(", "));
        return names.isEmpty() ? "" : ", on " + names;
    }

    /** Where a marker is to be made. */
    public Text place(Optional<String> node) {
        return new Text(List.of(node.flatMap(location::on)
                .map(report -> report.nodeName() + ": " + report.message())
                .orElseGet(() -> location.getSpec().s3().url())));
    }

    /** What was found where. */
    public Text found() {
        Stream<String> bucket = location.status().map(BackupLocationStatus::bucketID).stream()
                .map(id -> location.getSpec().s3().url() + ": store " + id);
        Stream<String> folders = nodes().stream()
                .map(node -> node.nodeName() + ": "
                        + Optional.ofNullable(node.markerID())
                                .map(id -> "store " + id)
                                .orElse(node.message()));
        return new Text(Stream.concat(bucket, folders).toList());
    }

    /** What its condition says. */
    public String message() {
        return ready().map(Condition::getMessage).orElse("nothing was reported yet");
    }

    /** While the marker is being made. */
    public Progress initialization(Instant now) {
        if (location.status().map(BackupLocationStatus::id).isPresent()) {
            return new Progress("initialized: " + message(), OptionalInt.empty(), Progress.State.Done);
        }
        boolean isOpen =
                MarkerOrder.of(location).filter(order -> order.isCurrent(now)).isPresent();
        return new Progress(message(), OptionalInt.empty(), isOpen ? Progress.State.Ongoing : Progress.State.Failed);
    }

    /** Until the nodes, or the operator, have compared the marker. */
    public Progress adoption() {
        boolean isSeen = location.status()
                .map(BackupLocationStatus::observedGeneration)
                .filter(location.getMetadata().getGeneration()::equals)
                .isPresent();
        boolean isReady =
                ready().filter(ready -> ready.getStatus().equals("True")).isPresent();
        return new Progress(
                message(),
                OptionalInt.empty(),
                !isSeen ? Progress.State.Ongoing : isReady ? Progress.State.Done : Progress.State.Failed);
    }
}
