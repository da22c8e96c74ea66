package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Arrival;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Departure;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Pace;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecDepartureBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Course;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.node.Enrolment;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Migration;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Outcome;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusMigrationBuilder;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.KeyFacts;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.operator.vm.facts.VmIncarnations;
import io.trustedlaunch.operator.vm.facts.VmNodes;
import io.trustedlaunch.operator.vm.facts.VmObject;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Plans a live migration: reserves its epoch, passes it to both agents and puts its outcome on record. The domain on
 * the source decides how it ends (decision 15).
 */
final class VmMigrationPlan {
    private final VmFacts facts;
    private final VmObject vm;
    private final VmIncarnations incarnations;
    private final VmNodes nodes;
    private final String namespace;
    private final Pace pace;

    /**
     * @param namespace the operator's own
     * @param pace of the migrations that start from now on
     */
    VmMigrationPlan(VmFacts facts, String namespace, Pace pace) {
        this.facts = facts;
        this.vm = facts.vm();
        this.incarnations = facts.incarnations();
        this.nodes = facts.nodes();
        this.namespace = namespace;
        this.pace = pace;
    }

    /** The step of an open migration that comes before anything else for the VM. */
    Optional<VmStep> underway() {
        Optional<Incarnation> current = incarnations.current();
        Optional<Incarnation> left = current.filter(
                incarnation -> incarnation.reportedDeparture(Course.Left).isPresent());
        return left.isPresent()
                ? Optional.of(follow(left.get()))
                : vm.openMigration().flatMap(this::open);
    }

    /** Reserves the first migration that can start. */
    Optional<VmStep> begin(Incarnation source) {
        return facts.migrations().stream()
                .flatMap(migration -> begin(migration, source).stream())
                .findFirst();
    }

    private Optional<VmStep> begin(VMMigration migration, Incarnation source) {
        return switch (target(migration)) {
            case Migratability.Target.None none -> Optional.empty();
            case Migratability.Target.Node node ->
                Optional.of(new MigrationStep.ReserveMigration(
                        TrustedLaunchVMStatusMigrationBuilder.builder()
                                .name(migration.getMetadata().getName())
                                .uid(migration.getMetadata().getUid())
                                .epoch(facts.nextEpoch())
                                .sourceNode(source.node())
                                .targetNode(node.name())
                                .build(),
                        Optional.empty()));
        };
    }

    /** The target of the migration, or why it cannot start. */
    Migratability.Target target(VMMigration migration) {
        return lastUnfinished()
                .or(new PreviousIncarnations(facts)::inTheWay)
                .or(new StartChecks(facts)::unanswered)
                .or(this::changing)
                .or(() -> new QuotaChecks(facts).migration(migration))
                .<Migratability.Target>map(Migratability.Target.None::new)
                .orElseGet(() -> new Migratability(facts).target(migration));
    }

    /** The target is to have exactly what the guest has. */
    private Optional<Problem> changing() {
        return incarnations
                .current()
                .filter(Incarnation::lacksDevices)
                .map(incarnation -> incarnation
                        .devicesProblem()
                        .orElseGet(() -> new Problem(
                                Reason.ChangingDevices,
                                "disks or cards of the guest are being changed; the migration begins after that")));
    }

    /** The outcome of the last migration must be in its VMMigration first, since the next one replaces it here. */
    private Optional<Problem> lastUnfinished() {
        return vm.migration()
                .filter(last -> facts.migrations().stream()
                        .anyMatch(migration -> migration.getMetadata().getUid().equals(last.uid())))
                .map(last -> new Problem(
                        Reason.AlreadyMigrating,
                        "VMMigration " + last.name() + " is still in progress; this one begins after it"));
    }

    /**
     * The guest has left, as the source's agent reports, which also names the target of a migration that is not on
     * record.
     */
    private VmStep follow(Incarnation source) {
        VMIncarnationStatus.Departure left =
                source.reportedDeparture(Course.Left).orElseThrow();
        long epoch = left.epoch();
        Optional<Migration> recorded = vm.migration().filter(migration -> migration.epoch() == epoch);
        Optional<Migration> reported = Optional.ofNullable(left.nodeName())
                .or(() -> source.requestedDeparture(epoch).map(Departure::nodeName))
                .map(node -> TrustedLaunchVMStatusMigrationBuilder.builder()
                        .epoch(epoch)
                        .sourceNode(source.node())
                        .targetNode(node)
                        .build());
        return recorded.or(() -> reported)
                .filter(migration -> epoch > vm.epoch())
                .<VmStep>map(VmMigrationPlan::moved)
                .orElseGet(() -> new VmStep.Refuse(
                        Reason.WorkingCopyElsewhere,
                        "the guest has left " + source.node() + " in a migration to epoch " + epoch
                                + ", which is not on record; nothing is started until a node reports that it has the"
                                + " guest: check that all agents are running"));
    }

    private Optional<VmStep> open(Migration migration) {
        Optional<Incarnation> target = incarnations.of(migration.epoch());
        if (target.filter(Incarnation::hasRun).isPresent() || isReportedByTarget(migration)) {
            return Optional.of(moved(migration));
        }
        Optional<Incarnation> source = incarnations.current();
        if (source.isEmpty()) {
            // Its incarnation is created again first, so that its agent answers.
            return isWanted(migration) ? Optional.empty() : Optional.of(cancelled(migration));
        }
        return ended(migration, source.get(), target)
                .or(() -> source.get().requestedDeparture(migration.epoch()).isPresent()
                        ? departing(migration, source.get(), target)
                        : preparing(migration, source.get(), target));
    }

    /** A node reports a guest only once it has resumed it. */
    private boolean isReportedByTarget(Migration migration) {
        return nodes.inventory()
                .latest()
                .filter(seen -> seen.epoch() == migration.epoch() && seen.node().equals(migration.targetNode()))
                .isPresent();
    }

    /** Ended as the source's agent reports it, or because the source is over or proved dead. */
    private Optional<VmStep> ended(Migration migration, Incarnation source, Optional<Incarnation> target) {
        Optional<VMIncarnationStatus.Departure> stayed = source.reportedStay(migration.epoch());
        if (stayed.isPresent()) {
            return Optional.of(isWanted(migration) ? failed(migration, stayed.get()) : cancelled(migration));
        }
        if (source.isOver()) {
            return Optional.of(failed(migration, "the guest ended on " + source.node() + " before it could migrate"));
        }
        return nodes.isFenced(source.node()) || hasLostMemory(source)
                ? Optional.of(withoutSource(migration, source, target))
                : Optional.empty();
    }

    /** Its node's disk was set back: its agent neither has the guest nor knows whether it has left. */
    private static boolean hasLostMemory(Incarnation source) {
        return source.hasNotRunYet()
                && AgentReport.problem(source)
                        .filter(problem -> problem.reason() == Reason.MemoryLost)
                        .isPresent();
    }

    /**
     * The source will not report. Its guest may have gone on after the target had all of it, so a target that did not hear
     * otherwise from the source never resumes (I2): it ends, and what is at home is the newest.
     */
    private VmStep withoutSource(Migration migration, Incarnation source, Optional<Incarnation> target) {
        // The state of a silent target is unknown: only its own report, or its death, shows that it never resumes.
        return target.filter(incarnation -> !nodes.isOver(incarnation))
                .<VmStep>map(incarnation -> incarnation.desired() == DesiredState.Running
                        ? new VmStep.Retire(incarnation, Reason.Restarting)
                        : new VmStep.Wait(GuestShutdown.ending(facts, incarnation, Reason.Restarting)))
                .orElseGet(() -> failed(
                        migration,
                        source.node() + (nodes.isFenced(source.node()) ? " is proved dead" : " has lost the guest")
                                + ", and did not hand it over to " + migration.targetNode()));
    }

    /** The source's agent has not received the migration yet, or its answer has not arrived. */
    private Optional<VmStep> preparing(Migration migration, Incarnation source, Optional<Incarnation> target) {
        boolean ready = target.filter(
                        incarnation -> incarnation.phase() == Phase.Receiving || incarnation.phase() == Phase.Received)
                .isPresent();
        Optional<Departure> departure = departure(migration, target);
        if (!isWanted(migration)) {
            // It may have been requested, and lost with a VMIncarnation that was created again.
            return Optional.of(
                    ready && departure.isPresent()
                            ? new MigrationStep.Depart(source, cancelled(departure.get()))
                            : cancelled(migration));
        }
        Optional<String> problem = departure.isEmpty()
                ? Optional.of(migration.targetNode() + " is gone, or no longer takes part in migrations")
                : problem(migration, target);
        if (problem.isPresent()) {
            return Optional.of(failed(migration, problem.get()));
        }
        if (target.isEmpty()) {
            Optional<Problem> late = new QuotaChecks(facts).lateMigration(migration);
            if (late.isPresent()) {
                return late.map(exceeded -> failed(migration, exceeded.reason(), exceeded.message()));
            }
            return nodes.hasAnswered(migration.targetNode())
                    ? Optional.of(receive(migration, source))
                    : Optional.empty();
        }
        return ready ? Optional.of(new MigrationStep.Depart(source, departure.get())) : withEnvelope(target.get());
    }

    private Optional<VmStep> withEnvelope(Incarnation target) {
        return nodes.hasUsableEnvelope(target) ? Optional.empty() : Optional.of(new VmStep.SealEnvelope(target));
    }

    /** Only the source's agent can report how it ends. */
    private Optional<VmStep> departing(Migration migration, Incarnation source, Optional<Incarnation> target) {
        Departure requested = source.requestedDeparture(migration.epoch()).orElseThrow();
        if (target.isEmpty()
                && nodes.isAgentAlive(migration.targetNode())
                && nodes.hasAnswered(migration.targetNode())
                && facts.key() instanceof KeyFacts.Held) {
            return Optional.of(receive(migration, source));
        }
        boolean isHopeless = problem(migration, target).isPresent();
        if ((isHopeless || !isWanted(migration)) && !requested.cancelled()) {
            return Optional.of(new MigrationStep.Depart(source, cancelled(requested)));
        }
        return isWanted(migration) ? Optional.empty() : Optional.of(new VmStep.Wait(cancelling(migration)));
    }

    private Problem cancelling(Migration migration) {
        String agent = "the agent on " + migration.sourceNode();
        return new Problem(
                vm.isHalted() ? Reason.Stopping : Reason.Migrating,
                "cancelling the migration to " + migration.targetNode() + ": "
                        + (nodes.isAgentAlive(migration.sourceNode())
                                ? "waiting for " + agent + " to report whether the guest has already left"
                                : agent
                                        + ", which knows whether the guest has already left, is not responding; check"
                                        + " that the host and its agent are running"));
    }

    /** Why the target cannot take over the guest. */
    private Optional<String> problem(Migration migration, Optional<Incarnation> target) {
        String node = migration.targetNode();
        if (!nodes.isAgentAlive(node)) {
            return Optional.of("the agent on " + node + " is not responding");
        }
        Optional<String> revoked = Stream.of(migration.sourceNode(), node)
                .filter(end ->
                        nodes.find(end).filter(info -> !info.isEnrolled()).isPresent())
                .findFirst();
        if (revoked.isPresent()) {
            return revoked.map(end -> end + " " + Enrolment.refusal(end));
        }
        Optional<Problem> key = StartChecks.key(facts);
        if (key.isPresent()) {
            return key.map(Problem::message);
        }
        if (target.isEmpty() || !nodes.hasUsableEnvelope(target.get())) {
            return new StartChecks(facts).certificateFault(node).map(fault -> node + ": " + fault);
        }
        return target.filter(incarnation -> incarnation.isOver() || incarnation.desired() != DesiredState.Running)
                .map(incarnation -> node + " no longer waits for the guest")
                .or(() -> target.filter(Incarnation::hasAnswered)
                        .flatMap(AgentReport::problem)
                        .map(problem -> node + ": " + problem.reason() + ": " + problem.message()));
    }

    private VmStep receive(Migration migration, Incarnation source) {
        return new VmStep.CreateIncarnation(
                new IncarnationBuilder(facts, namespace).arriving(migration, source, false), true);
    }

    /** Not if the VM is halted or deleted, or if the VMMigration was deleted. */
    private boolean isWanted(Migration migration) {
        return !vm.isHalted()
                && !vm.isBeingDeleted()
                && facts.migrations().stream()
                        .anyMatch(requested -> requested.getMetadata().getUid().equals(migration.uid()));
    }

    private Optional<Departure> departure(Migration migration, Optional<Incarnation> target) {
        boolean copiesDisks =
                target.flatMap(Incarnation::arrival).map(Arrival::copiesDisks).orElse(false);
        return nodes.find(migration.targetNode())
                .flatMap(node -> MigrationStep.Depart.to(node, migration.epoch()))
                .map(departure -> departure.copiesDisks(copiesDisks).pace(pace).build());
    }

    private static Departure cancelled(Departure departure) {
        return VMIncarnationSpecDepartureBuilder.builder(departure)
                .cancelled(true)
                .build();
    }

    private static VmStep moved(Migration migration) {
        return new MigrationStep.EndMigration(migration.ended(Outcome.Moved, null, null), Optional.empty());
    }

    private static VmStep failed(Migration migration, String why) {
        return failed(migration, Reason.MigrationFailed, why);
    }

    private static VmStep failed(Migration migration, VMIncarnationStatus.Departure stayed) {
        boolean tooFast = Reason.MigrationNotConverging.name().equals(stayed.reason());
        return failed(migration, tooFast ? Reason.MigrationNotConverging : Reason.MigrationFailed, stayed.message());
    }

    private static VmStep failed(Migration migration, Reason reason, String why) {
        return new MigrationStep.EndMigration(migration.ended(Outcome.Stayed, reason.name(), why), Optional.empty());
    }

    private VmStep cancelled(Migration migration) {
        String why = vm.isHalted() || vm.isBeingDeleted()
                ? "the VM is being stopped or deleted"
                : "its VMMigration was deleted";
        return new MigrationStep.EndMigration(
                migration.ended(Outcome.Stayed, Reason.MigrationCancelled.name(), why), Optional.empty());
    }
}
