package io.trustedlaunch.operator.migration;

import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.TrustedLaunchVMStatus;
import io.trustedlaunch.api.TrustedLaunchVMStatus.Migration;
import io.trustedlaunch.api.VMIncarnationStatus;
import io.trustedlaunch.api.VMIncarnationStatus.Departure;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.VMMigrationStatus;
import io.trustedlaunch.api.VMMigrationStatus.Phase;
import io.trustedlaunch.api.VMMigrationStatusBuilder;
import io.trustedlaunch.operator.kube.Conditions;
import io.trustedlaunch.operator.kube.Conditions.State;
import io.trustedlaunch.operator.migration.MigrationFacts.Hindrance;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** From what the VM has on record of a move, and what the two agents say of it, to the migration's own status. */
final class MigrationStatus {
    private final MigrationFacts facts;

    private MigrationStatus(MigrationFacts facts) {
        this.facts = facts;
    }

    /**
     * One that has ended stays as it is.
     *
     * @return null if there is nothing to tell yet
     */
    static VMMigrationStatus of(MigrationFacts facts) {
        return facts.hasEnded() ? facts.migration().getStatus() : new MigrationStatus(facts).status();
    }

    private VMMigrationStatus status() {
        Optional<Migration> recorded = facts.recorded();
        if (recorded.isPresent()) {
            return of(recorded.get());
        }
        return facts.hasBegun() ? forgotten() : pending();
    }

    private VMMigrationStatus of(Migration move) {
        if (move.outcome() == null) {
            return open(move);
        }
        return switch (move.outcome()) {
            case Stayed -> stayed(move);
            case Moved -> moved(move);
        };
    }

    private VMMigrationStatus open(Migration move) {
        Optional<VMIncarnationStatus.Departure> answer = facts.departure(move.epoch());
        if (answer.isEmpty()) {
            return underway(
                    Phase.Preparing,
                    move,
                    move.targetNode() + " makes itself ready" + targetSays().orElse(""));
        }
        return switch (answer.get().course()) {
            case Underway, Stayed ->
                underway(
                        Phase.Migrating,
                        move,
                        "the guest runs on " + move.sourceNode() + " while it is copied to " + move.targetNode());
            case Left -> handingOver(move);
        };
    }

    private VMMigrationStatus handingOver(Migration move) {
        return underway(
                Phase.HandingOver,
                move,
                "the guest has left " + move.sourceNode() + " and is taken over on " + move.targetNode()
                        + targetSays().orElse(""));
    }

    /** The record follows the guest before it runs there. */
    private VMMigrationStatus moved(Migration move) {
        boolean isCurrentIncarnation = facts.vm()
                .map(TrustedLaunchVM::getStatus)
                .map(TrustedLaunchVMStatus::epoch)
                .equals(Optional.of(move.epoch()));
        if (!isCurrentIncarnation || facts.target().isEmpty()) {
            return arrived(move);
        }
        return switch (facts.targetStatus()
                .map(VMIncarnationStatus::phase)
                .orElse(VMIncarnationStatus.Phase.Preparing)) {
            case Preparing, Receiving, Prepared -> handingOver(move);
            case Running, Stopping -> arrived(move);
            case Stopped, Erased ->
                facts.targetStatus().map(VMIncarnationStatus::exit).equals(Optional.of(Exit.NeverRan))
                        ? ended(
                                Phase.Failed,
                                move,
                                State.False,
                                Reason.MigrationFailed,
                                "the guest left " + move.sourceNode() + " and was not taken over on "
                                        + move.targetNode() + targetSays().orElse(""))
                        : arrived(move);
        };
    }

    private VMMigrationStatus arrived(Migration move) {
        return ended(
                Phase.Succeeded,
                move,
                State.True,
                Reason.Migrated,
                "the guest went from " + move.sourceNode() + " to " + move.targetNode());
    }

    private VMMigrationStatus stayed(Migration move) {
        Reason reason = whyItStayed(move);
        return ended(
                reason == Reason.MigrationCancelled ? Phase.Cancelled : Phase.Failed,
                move,
                State.False,
                reason,
                "the guest goes on on " + move.sourceNode() + ": " + move.message());
    }

    private static Reason whyItStayed(Migration move) {
        return Stream.of(Reason.MigrationCancelled, Reason.MigrationNotConverging)
                .filter(reason -> reason.name().equals(move.reason()))
                .findFirst()
                .orElse(Reason.MigrationFailed);
    }

    /** The VM is gone, or another of that name is there, or its record was set back. */
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
                facts.vm().isEmpty()
                        ? "the VM is gone"
                        : "the VM has nothing on record of this move any more; create another if it is still wanted");
    }

    private VMMigrationStatus pending() {
        String name = facts.migration().getSpec().vmRef().name();
        if (facts.vm().isEmpty()) {
            return pending(new Hindrance(
                    Reason.MigrationPending,
                    "spec.vmRef names " + name + ": there is no such TrustedLaunchVM in this namespace"));
        }
        String target = facts.migration().getSpec().targetNode();
        String node = Optional.ofNullable(facts.vm().get().getStatus())
                .map(TrustedLaunchVMStatus::nodeName)
                .orElse("");
        if (node.equals(target) && isRunning(facts.vm().get())) {
            return status(
                    Phase.Succeeded, node, node, null, true, State.True, Reason.Migrated, "the VM runs there already");
        }
        // One that nothing keeps is under way at once, and then tells more.
        return facts.hindrance().map(this::pending).orElse(facts.migration().getStatus());
    }

    private static boolean isRunning(TrustedLaunchVM vm) {
        return Conditions.find(vm.getStatus().conditions(), ConditionType.Running)
                .filter(running -> running.getStatus().equals(State.True.name()))
                .isPresent();
    }

    private VMMigrationStatus pending(Hindrance hindrance) {
        return status(Phase.Pending, null, null, null, false, State.Unknown, hindrance.reason(), hindrance.message());
    }

    private VMMigrationStatus underway(Phase phase, Migration move, String message) {
        return status(
                phase,
                move.sourceNode(),
                move.targetNode(),
                move.epoch(),
                false,
                State.Unknown,
                Reason.Migrating,
                message);
    }

    private VMMigrationStatus ended(Phase phase, Migration move, State state, Reason reason, String message) {
        return status(phase, move.sourceNode(), move.targetNode(), move.epoch(), true, state, reason, message);
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
        Long generation = facts.migration().getMetadata().getGeneration();
        List<io.fabric8.kubernetes.api.model.Condition> before =
                facts.before().map(VMMigrationStatus::conditions).orElse(null);
        return VMMigrationStatusBuilder.builder()
                .observedGeneration(generation)
                .phase(phase)
                .sourceNode(source)
                .targetNode(target)
                .epoch(epoch)
                .progressPercent(reported(epoch, Departure::progressPercent, VMMigrationStatus::progressPercent))
                .transfer(reported(epoch, Departure::transfer, VMMigrationStatus::transfer))
                .startTime(facts.before().map(VMMigrationStatus::startTime).orElse(phase == Phase.Pending ? null : now))
                .completionTime(ended ? now : null)
                .conditions(List.of(new Conditions(before, generation, facts.now())
                        .of(ConditionType.Migrated, state, reason, message)))
                .build();
    }

    /** The last that was told stays to be read. */
    private <T> T reported(Long epoch, Function<Departure, T> now, Function<VMMigrationStatus, T> before) {
        return Optional.ofNullable(epoch)
                .flatMap(facts::departure)
                .map(now)
                .or(() -> facts.before().map(before))
                .orElse(null);
    }

    /** What keeps it, in its agent's words. */
    private Optional<String> targetSays() {
        return facts.targetStatus()
                .filter(status -> status.reason() != null && status.message() != null)
                .map(status -> ": " + status.reason() + ": " + status.message());
    }
}
