package io.trustedlaunch.operator.migration;

import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Departure;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMMigrationStatus;
import io.trustedlaunch.api.incarnation.VMMigrationStatus.Phase;
import io.trustedlaunch.api.incarnation.VMMigrationStatusBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Migration;
import io.trustedlaunch.controller.Conditions;
import io.trustedlaunch.controller.Conditions.State;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** Computes a migration's status from the record in the VM's status and from the reports of both agents. */
final class MigrationStatus {
    private final MigrationFacts facts;

    private MigrationStatus(MigrationFacts facts) {
        this.facts = facts;
    }

    /**
     * A migration that has ended keeps its status.
     *
     * @return null if there is nothing to report yet
     */
    static VMMigrationStatus of(MigrationFacts facts) {
        return facts.migration().hasEnded() ? facts.migration().getStatus() : new MigrationStatus(facts).status();
    }

    private VMMigrationStatus status() {
        Optional<Migration> recorded = facts.recorded();
        if (recorded.isPresent()) {
            return of(recorded.get());
        }
        return facts.migration().hasBegun() ? forgotten() : pending();
    }

    private VMMigrationStatus of(Migration recorded) {
        if (recorded.outcome() == null) {
            return open(recorded);
        }
        return switch (recorded.outcome()) {
            case Stayed -> stayed(recorded);
            case Moved -> moved(recorded);
        };
    }

    private VMMigrationStatus open(Migration recorded) {
        Optional<VMIncarnationStatus.Departure> answer = facts.departure(recorded.epoch());
        if (answer.isEmpty()) {
            return underway(
                    Phase.Preparing,
                    recorded,
                    recorded.targetNode() + " is preparing for the guest"
                            + targetProblem().orElse(""));
        }
        return switch (answer.get().course()) {
            case Underway, Stayed ->
                underway(
                        Phase.Migrating,
                        recorded,
                        "the guest runs on " + recorded.sourceNode() + " and is being copied to "
                                + recorded.targetNode());
            case Left -> handingOver(recorded);
        };
    }

    private VMMigrationStatus handingOver(Migration recorded) {
        return underway(
                Phase.HandingOver,
                recorded,
                "the guest has left " + recorded.sourceNode() + " and is being taken over by " + recorded.targetNode()
                        + targetProblem().orElse(""));
    }

    /** The VM's record names the target before the guest runs there. */
    private VMMigrationStatus moved(Migration recorded) {
        boolean isCurrentIncarnation = facts.vm()
                .map(TrustedLaunchVM::getStatus)
                .map(TrustedLaunchVMStatus::epoch)
                .equals(Optional.of(recorded.epoch()));
        if (!isCurrentIncarnation || facts.target().isEmpty()) {
            return arrived(recorded);
        }
        return switch (facts.targetStatus()
                .map(VMIncarnationStatus::phase)
                .orElse(VMIncarnationStatus.Phase.Preparing)) {
            case Preparing, Receiving, Received, Prepared -> handingOver(recorded);
            case Running, Stopping -> arrived(recorded);
            case Stopped, Erased ->
                facts.targetStatus().map(VMIncarnationStatus::exit).equals(Optional.of(Exit.NeverRan))
                        ? ended(
                                Phase.Failed,
                                recorded,
                                State.False,
                                Reason.MigrationFailed,
                                "the guest left " + recorded.sourceNode() + ", and " + recorded.targetNode()
                                        + " did not take it over"
                                        + targetProblem().orElse("")
                                        + "; see condition Ready of the VM")
                        : arrived(recorded);
        };
    }

    private VMMigrationStatus arrived(Migration recorded) {
        return ended(
                Phase.Succeeded,
                recorded,
                State.True,
                Reason.Migrated,
                "the guest migrated from " + recorded.sourceNode() + " to " + recorded.targetNode());
    }

    private VMMigrationStatus stayed(Migration recorded) {
        Reason reason = reasonOfStaying(recorded);
        return ended(
                reason == Reason.MigrationCancelled ? Phase.Cancelled : Phase.Failed,
                recorded,
                State.False,
                reason,
                "the guest keeps running on " + recorded.sourceNode() + ": " + recorded.message()
                        + (reason == Reason.MigrationFailed ? ". To try again, create another VMMigration" : ""));
    }

    private static Reason reasonOfStaying(Migration recorded) {
        return Stream.of(Reason.MigrationCancelled, Reason.MigrationNotConverging)
                .filter(reason -> reason.name().equals(recorded.reason()))
                .findFirst()
                .orElse(Reason.MigrationFailed);
    }

    /** The VM was deleted, or created again, or its status was restored from a backup. */
    private VMMigrationStatus forgotten() {
        VMMigrationStatus before = facts.migration().getStatus();
        return status(
                Phase.Cancelled,
                before.sourceNode(),
                before.targetNode(),
                before.epoch(),
                true,
                State.False,
                Reason.MigrationCancelled,
                "TrustedLaunchVM " + vmName()
                        + (facts.vm().isEmpty()
                                ? " does not exist any more; delete this VMMigration"
                                : " has no record of this migration any more; create another VMMigration if it is still"
                                        + " wanted"));
    }

    private VMMigrationStatus pending() {
        if (facts.vm().isEmpty()) {
            return pending(new Problem(
                    Reason.MigrationPending,
                    "there is no TrustedLaunchVM " + vmName() + " in this namespace: create it, or delete this"
                            + " VMMigration"));
        }
        String target = facts.migration().getSpec().targetNode();
        String node =
                facts.vm().get().status().map(TrustedLaunchVMStatus::nodeName).orElse("");
        if (node.equals(target) && facts.vm().get().isTrue(ConditionType.Running)) {
            return status(
                    Phase.Succeeded,
                    node,
                    node,
                    null,
                    true,
                    State.True,
                    Reason.Migrated,
                    "the VM already runs on " + node);
        }
        // Without a problem it begins at once, and a status written now would be one write too many.
        return facts.problem().map(this::pending).orElse(facts.migration().getStatus());
    }

    private String vmName() {
        return facts.migration().getSpec().vmRef().name();
    }

    private VMMigrationStatus pending(Problem problem) {
        return status(Phase.Pending, null, null, null, false, State.Unknown, problem.reason(), problem.message());
    }

    private VMMigrationStatus underway(Phase phase, Migration recorded, String message) {
        return status(
                phase,
                recorded.sourceNode(),
                recorded.targetNode(),
                recorded.epoch(),
                false,
                State.Unknown,
                Reason.Migrating,
                message);
    }

    private VMMigrationStatus ended(Phase phase, Migration recorded, State state, Reason reason, String message) {
        return status(
                phase, recorded.sourceNode(), recorded.targetNode(), recorded.epoch(), true, state, reason, message);
    }

    private VMMigrationStatus status(
            Phase phase,
            String source,
            String target,
            Long epoch,
            boolean ended,
            State state,
            Reason reason,
            String message) {
        String now = facts.now().truncatedTo(ChronoUnit.SECONDS).toString();
        Conditions conditions = new Conditions(facts.migration(), facts.now());
        return VMMigrationStatusBuilder.builder()
                .observedGeneration(facts.migration().getMetadata().getGeneration())
                .phase(phase)
                .sourceNode(source)
                .targetNode(target)
                .epoch(epoch)
                .progressPercent(reported(epoch, Departure::progressPercent, VMMigrationStatus::progressPercent))
                .transfer(reported(epoch, Departure::transfer, VMMigrationStatus::transfer))
                .startTime(facts.before().map(VMMigrationStatus::startTime).orElse(phase == Phase.Pending ? null : now))
                .completionTime(ended ? now : null)
                .conditions(conditions.all(conditions.of(ConditionType.Migrated, state, reason, message)))
                .build();
    }

    /** Keeps the last report. */
    private <T> T reported(Long epoch, Function<Departure, T> now, Function<VMMigrationStatus, T> before) {
        return Optional.ofNullable(epoch)
                .flatMap(facts::departure)
                .map(now)
                .or(() -> facts.before().map(before))
                .orElse(null);
    }

    /** The problem that the target's agent reports, to be appended to a message. */
    private Optional<String> targetProblem() {
        return facts.targetStatus()
                .filter(status -> status.reason() != null && status.message() != null)
                .map(status -> ": " + status.reason() + ": " + status.message());
    }
}
