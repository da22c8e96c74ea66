package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.VMIncarnationSpec.Departure;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationSpecDepartureBuilder;
import io.trustedlaunch.api.VMIncarnationStatus.Course;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.Problem;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.placement.NodeInfo;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/** A VM's lives beside the one on record: what came before it, and those that a guest was to move to and did not. */
final class PreviousIncarnations {
    private final VmFacts facts;

    PreviousIncarnations(VmFacts facts) {
        this.facts = facts;
    }

    /** The present life exists, so that the others can go. */
    Optional<VmStep> clear(Incarnation current) {
        return all().flatMap(incarnation -> clear(incarnation, current).stream())
                .findFirst();
    }

    private Optional<VmStep> clear(Incarnation incarnation, Incarnation current) {
        if (incarnation.owesItsState()) {
            // Until the guest has begun at its new place, its old one has the only copy of its state that is whole.
            return incarnation.desired() == DesiredState.Running && !current.isComing()
                    ? Optional.of(new VmStep.Retire(incarnation, Reason.Restarting))
                    : whereItWent(incarnation);
        }
        if (incarnation.isOver()) {
            return Optional.of(
                    facts.guestState().lacks(incarnation)
                            ? new VmStep.Record()
                            : new VmStep.RemoveIncarnation(incarnation));
        }
        return incarnation.desired() == DesiredState.Running
                ? Optional.of(new VmStep.Retire(incarnation, Reason.Restarting))
                : Optional.empty();
    }

    /** An agent whose spec was set back to before the move does not know any more where to bring the guest state. */
    private Optional<VmStep> whereItWent(Incarnation incarnation) {
        return incarnation
                .departure(Course.Left)
                .filter(left -> incarnation.desired() == DesiredState.Stopped
                        && left.nodeName() != null
                        && incarnation.handed(left.epoch()).isEmpty())
                .flatMap(left -> facts.node(left.nodeName())
                        .filter(node -> !node.sharesLocation(
                                incarnation.machine().location().name(), incarnation.node()))
                        .flatMap(node -> departure(left.epoch(), node)))
                .map(departure -> new VmStep.Depart(incarnation, departure));
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

    /** Why no further life may be begun, beside the one on record or after it. */
    Optional<Problem> unfinished() {
        return all().flatMap(incarnation -> unfinished(incarnation).stream()).findFirst();
    }

    private Optional<Problem> unfinished(Incarnation incarnation) {
        if (!facts.isLost(incarnation.node())) {
            return incarnation.isOver() && !incarnation.owesItsState()
                    ? Optional.empty()
                    : Optional.of(waits(incarnation));
        }
        boolean followed = facts.guestState()
                .floor()
                .filter(floor -> floor.epoch() > incarnation.epoch())
                .isPresent();
        return incarnation.owesItsState() && !followed
                ? Optional.of(Problem.placing(
                        Reason.WorkingCopyElsewhere,
                        "the guest left " + incarnation.node()
                                + " by a move and was not taken over; the newest guest state lies" + " only on "
                                + incarnation.node() + ", which cannot be reached"))
                : Optional.empty();
    }

    private static Problem waits(Incarnation incarnation) {
        return Problem.of(
                Reason.Restarting,
                "epoch " + incarnation.epoch() + " on " + incarnation.node()
                        + " has to end, and its last guest state to be sealed, before another begins");
    }

    private Stream<Incarnation> all() {
        Optional<Long> target = facts.openMove().map(move -> move.epoch());
        return facts.incarnations().stream()
                .filter(incarnation -> incarnation.epoch() != facts.epoch())
                .filter(incarnation -> !target.equals(Optional.of(incarnation.epoch())))
                .sorted(Comparator.comparingLong(Incarnation::epoch).reversed());
    }
}
