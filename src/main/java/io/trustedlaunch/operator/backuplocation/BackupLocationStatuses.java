package io.trustedlaunch.operator.backuplocation;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.Result;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupLocationStatus;
import io.trustedlaunch.api.backup.BackupLocationStatus.Node;
import io.trustedlaunch.api.backup.MarkerOrder;
import io.trustedlaunch.controller.Conditions;
import io.trustedlaunch.controller.Conditions.State;
import io.trustedlaunch.operator.backuplocation.BackupLocationFacts.Report;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Computes a BackupLocation's status from what its nodes report, or from what was found in its bucket. Pure. */
final class BackupLocationStatuses {
    private static final int MOST_NODES = 10;

    /** Why an agent finds no marker. */
    private static final Set<Reason> REPORTED =
            EnumSet.of(Reason.MarkerMissing, Reason.MarkerRefused, Reason.BackupLocationUnavailable, Reason.AgentFault);

    private final BackupLocationFacts facts;
    private final BackupLocation location;
    private final Optional<BackupLocationStatus> before;
    private final List<Node> nodes;

    /** Of these nodes. */
    private final List<Node> enrolled;

    private final Conditions conditions;

    private BackupLocationStatuses(BackupLocationFacts facts) {
        this.facts = facts;
        this.location = facts.location();
        this.before = location.status();
        List<Report> reports = isFolder() ? facts.reports() : List.of();
        this.nodes = reports.stream().map(this::node).toList();
        this.enrolled =
                reports.stream().filter(Report::enrolled).map(this::node).toList();
        this.conditions = new Conditions(location, facts.now());
    }

    /** Empty while a bucket, of which something is on record, has not answered again. */
    static Optional<BackupLocationStatus> of(BackupLocationFacts facts) {
        BackupLocationStatuses statuses = new BackupLocationStatuses(facts);
        if (facts.isUnanswered()
                && facts.location().condition(ConditionType.Ready).isPresent()) {
            return Optional.empty();
        }
        return Optional.of(new BackupLocationStatus(
                facts.location().getMetadata().getGeneration(),
                statuses.seen(),
                statuses.bucketID().orElse(null),
                statuses.nodes,
                statuses.conditions.all(statuses.ready())));
    }

    private boolean isFolder() {
        return location.getSpec().folder() != null;
    }

    private Node node(Report report) {
        String found = report.folder().markerID();
        if (found != null) {
            Optional<Problem> other = other(found);
            return new Node(
                    report.nodeName(),
                    other.isEmpty(),
                    found,
                    other.map(problem -> problem.reason().name()).orElse(null),
                    other.map(Problem::message).orElse(null));
        }
        return new Node(
                report.nodeName(),
                false,
                null,
                // A node may report anything.
                Reason.reported(report.folder().reason())
                        .filter(REPORTED::contains)
                        .orElse(Reason.BackupLocationUnavailable)
                        .name(),
                Optional.ofNullable(report.folder().message())
                        .orElse("it has no marker, and the node does not say why"));
    }

    private Optional<Problem> other(String found) {
        if (location.isStore(found)) {
            return Optional.empty();
        }
        return Optional.of(
                location.getSpec().id() == null
                        ? new Problem(
                                Reason.BackupLocationNotInitialized,
                                "it is store " + found + " by its marker, and the BackupLocation has no spec.id")
                        : new Problem(
                                Reason.MarkerRefused,
                                "it is store " + found + " by its marker, and store "
                                        + location.getSpec().id() + " is meant"));
    }

    /** The one node that is to make the marker says when it is there, as long as the order counts. */
    private String seen() {
        Optional<String> maker = facts.currentOrder().flatMap(MarkerOrder::nodeName);
        boolean isThere = bucketID().filter(location::isStore).isPresent()
                || enrolled.stream()
                        .filter(Node::ready)
                        .anyMatch(node -> maker.isEmpty() || maker.get().equals(node.nodeName()));
        return before.map(BackupLocationStatus::id)
                .orElse(isThere ? location.getSpec().id() : null);
    }

    private Optional<String> bucketID() {
        return facts.bucket().flatMap(Result::found).flatMap(found -> found).map(UUID::toString);
    }

    private Condition ready() {
        return isFolder() ? folderReady() : bucketReady();
    }

    private Condition folderReady() {
        List<Node> faulty = enrolled.stream().filter(node -> !node.ready()).toList();
        if (location.getSpec().id() == null) {
            return unidentified(enrolled.stream()
                    .filter(node -> node.markerID() != null)
                    .map(node -> node.nodeName() + " has found store " + node.markerID())
                    .toList());
        }
        if (enrolled.isEmpty()) {
            return no(Reason.NoNodes, "no enrolled node has reported the folder yet: check that agents are running");
        }
        List<String> ready =
                enrolled.stream().filter(Node::ready).map(Node::nodeName).toList();
        if (faulty.isEmpty()) {
            return yes("its marker was found on " + some(ready));
        }
        return no(
                Reason.valueOf(faulty.getFirst().reason()),
                some(faulty.stream()
                                .map(node -> node.nodeName() + ": " + node.message())
                                .toList())
                        + (ready.isEmpty() ? next() : "; it can be used on " + some(ready)));
    }

    private Condition bucketReady() {
        if (facts.bucket().isEmpty()) {
            return conditions.of(
                    ConditionType.Ready,
                    State.Unknown,
                    Reason.BackupLocationUnavailable,
                    "the bucket has not answered yet");
        }
        return switch (facts.bucket().get()) {
            case Result.Refused<Optional<UUID>>(Problem problem) -> no(problem.reason(), problem.message());
            case Result.Value<Optional<UUID>>(Optional<UUID> found) -> bucketReady(found.map(UUID::toString));
        };
    }

    private Condition bucketReady(Optional<String> found) {
        if (location.getSpec().id() == null) {
            return unidentified(
                    found.map(id -> "the bucket is store " + id).stream().toList());
        }
        if (found.isEmpty()) {
            return no(Reason.MarkerMissing, "the bucket has no marker below the prefix" + next());
        }
        return other(found.get())
                .map(problem -> no(problem.reason(), problem.message()))
                .orElseGet(() -> yes("its marker was found in the bucket"));
    }

    /** What makes the first marker, or brings the one back that was there. */
    private String next() {
        if (before.map(BackupLocationStatus::id).isPresent()) {
            return "; the marker was there before: see what is mounted, or which bucket is named. Nothing makes it anew";
        }
        String command = "kubectl tlvm backup location init "
                + location.getMetadata().getName() + (isFolder() ? " --node NODE" : "");
        return MarkerOrder.of(location)
                .map(order -> order.isCurrent(facts.now())
                        ? "; it is being made, as was ordered at " + order.time()
                        : "; the order of " + order.time()
                                + " is not from the last ten minutes, by the operator's clock,"
                                + " and counts no more: order it again with " + command)
                .orElse("; if the store is new, " + command + " makes its marker");
    }

    private Condition unidentified(List<String> found) {
        Problem problem = BackupLocationChecks.identified(location).orElseThrow();
        return no(problem.reason(), problem.message() + (found.isEmpty() ? "" : "; " + some(found)));
    }

    private Condition yes(String message) {
        return conditions.of(ConditionType.Ready, State.True, Reason.BackupLocationReady, message);
    }

    private Condition no(Reason reason, String message) {
        return conditions.of(ConditionType.Ready, State.False, reason, message);
    }

    private static String some(List<String> all) {
        Stream<String> first = all.stream().limit(MOST_NODES);
        List<String> shown = new ArrayList<>(first.toList());
        if (all.size() > MOST_NODES) {
            shown.add("and " + (all.size() - MOST_NODES) + " more");
        }
        return shown.stream().collect(Collectors.joining("; "));
    }
}
