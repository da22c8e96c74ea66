package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.VMIncarnationSpec.Departure;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationSpecDepartureBuilder;
import io.trustedlaunch.api.VMIncarnationStatus.Course;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.placement.NodeInfo;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/** A VM's incarnations besides the current one: those before it, and the targets of migrations that failed. */
final class PreviousIncarnations {
    private final VmFacts facts;

    PreviousIncarnations(VmFacts facts) {
        this.facts = facts;
    }

    /** Once the current incarnation exists, the others can be deleted. */
    Optional<VmStep> clear(Incarnation current) {
        return all().flatMap(incarnation -> clear(incarnation, current).stream())
                .findFirst();
    }

    private Optional<VmStep> clear(Incarnation incarnation, Incarnation current) {
        if (incarnation.hasUnsealedState() && !isTakenOverThere(incarnation)) {
            // Until the guest runs on the target, only the source has a complete copy of its state.
            return incarnation.desired() == DesiredState.Running && !current.isArriving()
                    ? Optional.of(new VmStep.Retire(incarnation, Reason.Restarting))
                    : missingEnvelope(incarnation).or(() -> withTarget(incarnation));
        }
        if (incarnation.isOver()) {
            return Optional.of(
                    facts.guestState().lacks(incarnation)
                            ? new VmStep.Record()
                            : new VmStep.RemoveIncarnation(incarnation));
        }
        return incarnation.desired() == DesiredState.Running
                ? Optional.of(new VmStep.Retire(incarnation, Reason.Restarting))
                : missingEnvelope(incarnation);
    }

    /** What it left on its node was a later incarnation's start. */
    private boolean isTakenOverThere(Incarnation incarnation) {
        return facts.home()
                .known()
                .filter(home ->
                        home.epoch() > incarnation.epoch() && home.nodeName().equals(incarnation.node()))
                .isPresent();
    }

    /** To seal its last state; nothing is sealed of an incarnation that is erased. */
    private Optional<VmStep> missingEnvelope(Incarnation incarnation) {
        return incarnation.desired() == DesiredState.Erased
                ? Optional.empty()
                : new StartChecks(facts).missingEnvelope(incarnation);
    }

    /** An agent whose spec was reset to before the migration no longer knows which node to send the guest state to. */
    private Optional<VmStep> withTarget(Incarnation incarnation) {
        return incarnation
                .reportedDeparture(Course.Left)
                .filter(left -> incarnation.desired() == DesiredState.Stopped
                        && left.nodeName() != null
                        && incarnation.requestedDeparture(left.epoch()).isEmpty())
                .flatMap(left -> facts.node(left.nodeName())
                        .filter(node -> !node.sharesLocation(
                                incarnation.machine().location().name(), incarnation.node()))
                        .flatMap(node -> departure(left.epoch(), node)))
                .map(departure -> new MigrationStep.Depart(incarnation, departure));
    }

    private static Optional<Departure> departure(long epoch, NodeInfo node) {
        return Optional.ofNullable(node.status())
                .filter(status -> status.address() != null && status.migrationPort() != null)
                .map(status -> VMIncarnationSpecDepartureBuilder.builder()
                        .epoch(epoch)
                        .nodeName(node.name())
                        .address(status.address())
                        .port(status.migrationPort())
                        .cancelled(false)
                        .copiesDisks(false)
                        .build());
    }

    /** Why no other incarnation may start yet. */
    Optional<Problem> unfinished() {
        return all().flatMap(incarnation -> unfinished(incarnation).stream()).findFirst();
    }

    private Optional<Problem> unfinished(Incarnation incarnation) {
        boolean seals = incarnation.hasUnsealedState()
                && facts.isAgentAlive(incarnation.node())
                && facts.guestState().approved().isEmpty();
        return facts.isOver(incarnation) && !seals ? Optional.empty() : Optional.of(endFirst(incarnation));
    }

    private Problem endFirst(Incarnation incarnation) {
        String epoch = "epoch " + incarnation.epoch() + " on " + incarnation.node();
        return new Problem(
                Reason.Restarting,
                incarnation
                        .reportedDeparture(Course.Left)
                        .map(left -> epoch + " must hand over its last guest state to " + left.nodeName()
                                + " before another epoch starts. If " + left.nodeName()
                                + " has lost what it received, stop the"
                                + " VM (runStrategy: Halted), approve the newest state in the VM's home on "
                                + incarnation.node() + " with spec.approveGuestState, and start it again")
                        .orElseGet(() -> epoch
                                + " must end, and its last guest state must be sealed, before another epoch starts; its"
                                + " agent "
                                + (facts.isAgentAlive(incarnation.node())
                                        ? "does both"
                                        : "is not responding: check that the host and its agent are running")));
    }

    private Stream<Incarnation> all() {
        Optional<Long> target = facts.openMigration().map(migration -> migration.epoch());
        return facts.incarnations().stream()
                .filter(incarnation -> incarnation.epoch() != facts.epoch())
                .filter(incarnation -> !target.equals(Optional.of(incarnation.epoch())))
                .sorted(Comparator.comparingLong(Incarnation::epoch).reversed());
    }
}
