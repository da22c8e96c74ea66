package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.TrustedLaunchVMStatus.Migration;
import io.trustedlaunch.api.TrustedLaunchVMStatus.Outcome;
import io.trustedlaunch.api.TrustedLaunchVMStatusMigrationBuilder;
import io.trustedlaunch.api.VMIncarnationSpec.Arrival;
import io.trustedlaunch.api.VMIncarnationSpec.Departure;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationSpec.Pace;
import io.trustedlaunch.api.VMIncarnationSpecDepartureBuilder;
import io.trustedlaunch.api.VMIncarnationStatus;
import io.trustedlaunch.api.VMIncarnationStatus.Course;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.VMMigration;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.KeyFacts;
import io.trustedlaunch.operator.vm.facts.Problem;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.placement.NodeInfo;
import java.util.Optional;

/**
 * A VM's way to another node while its guest runs. The domain on the source decides how a move ends; here the move is
 * reserved, offered to both agents, and what became of it put on record. See decision 15.
 */
final class VmMigrationPlan {
    private final VmFacts facts;
    private final String namespace;
    private final Pace pace;

    /**
     * @param namespace the operator's own
     * @param pace of every move that is offered from now on
     */
    VmMigrationPlan(VmFacts facts, String namespace, Pace pace) {
        this.facts = facts;
        this.namespace = namespace;
        this.pace = pace;
    }

    /** What a move asks for before anything else is done for the VM; empty if that has nothing to wait for. */
    Optional<VmStep> underway() {
        Optional<Incarnation> current = facts.current();
        Optional<Incarnation> left =
                current.filter(incarnation -> incarnation.departure(Course.Left).isPresent());
        return left.isPresent()
                ? Optional.of(follow(left.get()))
                : facts.openMove().flatMap(this::open);
    }

    /** A guest that runs, and is wanted elsewhere. */
    Optional<VmStep> begin(Incarnation source) {
        return facts.moves().stream()
                .flatMap(move -> begin(move, source).stream())
                .findFirst();
    }

    private Optional<VmStep> begin(VMMigration move, Incarnation source) {
        return switch (target(move)) {
            case Migratability.Target.None none -> Optional.empty();
            case Migratability.Target.Node node ->
                Optional.of(new VmStep.ReserveMove(
                        TrustedLaunchVMStatusMigrationBuilder.builder()
                                .name(move.getMetadata().getName())
                                .uid(move.getMetadata().getUid())
                                .epoch(facts.nextEpoch())
                                .sourceNode(source.node())
                                .targetNode(node.name())
                                .build(),
                        Optional.empty()));
        };
    }

    /** Where the move is to go, or what keeps it from beginning. */
    Migratability.Target target(VMMigration move) {
        return lastOnRecordOnly()
                .or(new PreviousIncarnations(facts)::unfinished)
                .or(new StartChecks(facts)::unanswered)
                .<Migratability.Target>map(Migratability.Target.None::new)
                .orElseGet(() -> new Migratability(facts).target(move));
    }

    /** Its end must be on record in its VMMigration, or nobody would ever hear of it. */
    private Optional<Problem> lastOnRecordOnly() {
        return facts.migration()
                .filter(last -> facts.moves().stream()
                        .anyMatch(move -> move.getMetadata().getUid().equals(last.uid())))
                .map(last -> new Problem(
                        ConditionType.Migratable,
                        Reason.AlreadyMigrating,
                        "VMMigration " + last.name() + " is under way"));
    }

    /** The source's agent has spoken. Should the record know nothing of this move, the agent says where the guest is. */
    private VmStep follow(Incarnation source) {
        VMIncarnationStatus.Departure left = source.departure(Course.Left).orElseThrow();
        long epoch = left.epoch();
        Optional<Migration> recorded = facts.migration().filter(move -> move.epoch() == epoch);
        Optional<Migration> told = Optional.ofNullable(left.nodeName())
                .or(() -> source.handed(epoch).map(Departure::nodeName))
                .map(node -> TrustedLaunchVMStatusMigrationBuilder.builder()
                        .epoch(epoch)
                        .sourceNode(source.node())
                        .targetNode(node)
                        .build());
        return recorded.or(() -> told)
                .filter(move -> epoch > facts.epoch())
                .<VmStep>map(VmMigrationPlan::moved)
                .orElseGet(() -> new VmStep.Refuse(Problem.placing(
                        Reason.WorkingCopyElsewhere,
                        "the guest has left " + source.node() + " by a move to epoch " + epoch
                                + ", of which nothing is on record; nothing is started until a node tells that it has"
                                + " it")));
    }

    private Optional<VmStep> open(Migration move) {
        Optional<Incarnation> target = facts.incarnation(move.epoch());
        if (target.filter(VmMigrationPlan::hasHadTheGuest).isPresent() || isSeenAtTarget(move)) {
            return Optional.of(moved(move));
        }
        Optional<Incarnation> source = facts.current();
        if (source.isEmpty()) {
            // It is made again first, and asked.
            return isWanted(move) ? Optional.empty() : Optional.of(cancelled(move));
        }
        return ended(move, source.get())
                .or(() -> source.get().handed(move.epoch()).isPresent()
                        ? departing(move, source.get(), target)
                        : preparing(move, source.get(), target));
    }

    private static boolean hasHadTheGuest(Incarnation target) {
        return !target.hasNotRunYet() && !target.exit().equals(Optional.of(Exit.NeverRan));
    }

    /** A node tells of what it let run, never of what may still arrive. */
    private boolean isSeenAtTarget(Migration move) {
        return facts.inventory()
                .latest()
                .filter(seen -> seen.epoch() == move.epoch() && seen.node().equals(move.targetNode()))
                .isPresent();
    }

    /** By what the source's agent says, or since there is nobody to say it. */
    private Optional<VmStep> ended(Migration move, Incarnation source) {
        Optional<VMIncarnationStatus.Departure> stayed =
                source.departure(Course.Stayed).filter(answer -> answer.epoch().equals(move.epoch()));
        if (stayed.isPresent()) {
            return Optional.of(isWanted(move) ? failed(move, stayed.get()) : cancelled(move));
        }
        if (source.isOver()) {
            return Optional.of(failed(move, "the guest ended on " + source.node() + " before it could leave"));
        }
        if (!facts.isLost(source.node())) {
            return Optional.empty();
        }
        // No word will come, and nothing runs there: if the target has the whole guest, it is its own.
        return Optional.of(
                source.handed(move.epoch()).isPresent()
                        ? moved(move)
                        : failed(move, source.node() + " was lost before the guest could leave"));
    }

    /** The source's agent does not know of the move yet, or its answer to the offer is not here. */
    private Optional<VmStep> preparing(Migration move, Incarnation source, Optional<Incarnation> target) {
        boolean ready = target.filter(incarnation -> incarnation.phase() == Phase.Receiving)
                .isPresent();
        Optional<Departure> departure = departure(move, target);
        if (!isWanted(move)) {
            // The offer may have been made, and lost with an incarnation that was made again.
            return Optional.of(
                    ready && departure.isPresent()
                            ? new VmStep.Depart(source, cancelled(departure.get()))
                            : cancelled(move));
        }
        Optional<String> obstacle = departure.isEmpty()
                ? Optional.of(move.targetNode() + " is gone, or takes part in moves no more")
                : obstacle(move, target);
        if (obstacle.isPresent()) {
            return Optional.of(failed(move, obstacle.get()));
        }
        if (target.isEmpty()) {
            return Optional.of(receive(move, source));
        }
        return ready ? Optional.of(new VmStep.Depart(source, departure.get())) : withEnvelope(target.get());
    }

    private Optional<VmStep> withEnvelope(Incarnation target) {
        return target.hasEnvelope() ? Optional.empty() : Optional.of(new VmStep.SealEnvelope(target));
    }

    /** Only the source's agent can say what becomes of it now. */
    private Optional<VmStep> departing(Migration move, Incarnation source, Optional<Incarnation> target) {
        Departure handed = source.handed(move.epoch()).orElseThrow();
        if (target.isEmpty() && !facts.isLost(move.targetNode()) && facts.key() instanceof KeyFacts.Held) {
            return Optional.of(receive(move, source));
        }
        boolean vain = obstacle(move, target).isPresent();
        if ((vain || !isWanted(move)) && !handed.cancelled()) {
            return Optional.of(new VmStep.Depart(source, cancelled(handed)));
        }
        return isWanted(move) ? Optional.empty() : Optional.of(new VmStep.Wait(asked(move)));
    }

    private Problem asked(Migration move) {
        String question = "the move to " + move.targetNode() + " is to be broken off; ";
        return Problem.of(
                facts.isHalted() ? Reason.Stopping : Reason.Migrating,
                question
                        + (facts.agentIsAlive(move.sourceNode())
                                ? "the agent on " + move.sourceNode() + " says whether the guest has left already"
                                : "the agent on " + move.sourceNode() + ", which would know whether the guest has left"
                                        + " already, is silent"));
    }

    /** Why the target cannot take the guest. */
    private Optional<String> obstacle(Migration move, Optional<Incarnation> target) {
        String node = move.targetNode();
        if (facts.isLost(node)) {
            return Optional.of(node + " is lost");
        }
        if (!facts.agentIsAlive(node)) {
            return Optional.of("the agent on " + node + " is silent");
        }
        if (!(facts.key() instanceof KeyFacts.Held)) {
            return Optional.of(StartChecks.keyMissing(facts).message());
        }
        if (target.isEmpty() || !target.get().hasEnvelope()) {
            return new StartChecks(facts).certificateFault(node).map(fault -> node + ": " + fault);
        }
        return target.filter(incarnation -> incarnation.isOver() || incarnation.desired() != DesiredState.Running)
                .map(incarnation -> node + " has ended what it prepared")
                .or(() -> target.filter(Incarnation::hasAnswered)
                        .flatMap(AgentReport::trouble)
                        .map(trouble -> node + ": " + trouble.reason() + ": " + trouble.message()));
    }

    private VmStep receive(Migration move, Incarnation source) {
        return new VmStep.CreateIncarnation(
                new IncarnationBuilder(facts, namespace).arriving(move, source, false), true);
    }

    /** Halted, deleted, or its VMMigration was: the guest is to stay. */
    private boolean isWanted(Migration move) {
        return !facts.isHalted()
                && !facts.vm().isMarkedForDeletion()
                && facts.moves().stream()
                        .anyMatch(asked -> asked.getMetadata().getUid().equals(move.uid()));
    }

    private Optional<Departure> departure(Migration move, Optional<Incarnation> target) {
        return facts.node(move.targetNode())
                .filter(node -> node.status() != null)
                .filter(node -> node.status().address() != null && node.status().migrationPort() != null)
                .map(node -> departure(
                        move,
                        node,
                        target.flatMap(Incarnation::arrival)
                                .map(Arrival::copiesDisks)
                                .orElse(false)));
    }

    private Departure departure(Migration move, NodeInfo node, boolean copiesDisks) {
        return VMIncarnationSpecDepartureBuilder.builder()
                .epoch(move.epoch())
                .nodeName(node.name())
                .address(node.status().address())
                .port(node.status().migrationPort())
                .cancelled(false)
                .copiesDisks(copiesDisks)
                .pace(pace)
                .build();
    }

    private static Departure cancelled(Departure departure) {
        return VMIncarnationSpecDepartureBuilder.builder(departure)
                .cancelled(true)
                .build();
    }

    private static VmStep moved(Migration move) {
        return new VmStep.EndMove(move.ended(Outcome.Moved, null, null), Optional.empty());
    }

    private static VmStep failed(Migration move, String why) {
        return failed(move, Reason.MigrationFailed, why);
    }

    private static VmStep failed(Migration move, VMIncarnationStatus.Departure stayed) {
        boolean tooFast = Reason.MigrationNotConverging.name().equals(stayed.reason());
        return failed(move, tooFast ? Reason.MigrationNotConverging : Reason.MigrationFailed, stayed.message());
    }

    private static VmStep failed(Migration move, Reason reason, String why) {
        return new VmStep.EndMove(move.ended(Outcome.Stayed, reason.name(), why), Optional.empty());
    }

    private VmStep cancelled(Migration move) {
        String why = facts.isHalted() || facts.vm().isMarkedForDeletion()
                ? "the VM is to stop"
                : "its VMMigration was deleted";
        return new VmStep.EndMove(move.ended(Outcome.Stayed, Reason.MigrationCancelled.name(), why), Optional.empty());
    }
}
