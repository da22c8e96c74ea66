package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.ClusterNodeStatus;
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
        return all().flatMap(life -> clear(life, current).stream()).findFirst();
    }

    private Optional<VmStep> clear(Incarnation life, Incarnation current) {
        if (life.owesItsState()) {
            // Until the guest has begun at its new place, its old one has the only copy of its state that is whole.
            return life.desired() == DesiredState.Running && !current.isComing()
                    ? Optional.of(new VmStep.Retire(life, Reason.Restarting))
                    : whereItWent(life);
        }
        if (life.isOver()) {
            return Optional.of(
                    facts.guestState().lacks(life) ? new VmStep.Record() : new VmStep.RemoveIncarnation(life));
        }
        return life.desired() == DesiredState.Running
                ? Optional.of(new VmStep.Retire(life, Reason.Restarting))
                : Optional.empty();
    }

    /** An agent whose spec was set back to before the move does not know any more where to bring the guest state. */
    private Optional<VmStep> whereItWent(Incarnation life) {
        return life.departure(Course.Left)
                .filter(left -> life.desired() == DesiredState.Stopped
                        && left.nodeName() != null
                        && life.handed(left.epoch()).isEmpty())
                .flatMap(left -> facts.node(left.nodeName())
                        .filter(node ->
                                !node.sharesLocation(life.machine().location().name(), life.node()))
                        .flatMap(node -> departure(left.epoch(), node)))
                .map(departure -> new VmStep.Depart(life, departure));
    }

    private static Optional<Departure> departure(long epoch, NodeInfo node) {
        return Optional.ofNullable(node.status())
                .map(ClusterNodeStatus::migrationPort)
                .map(port -> VMIncarnationSpecDepartureBuilder.builder()
                        .epoch(epoch)
                        .nodeName(node.name())
                        .address(node.spec().address())
                        .port(port)
                        .cancelled(false)
                        .copiesDisks(false)
                        .build());
    }

    /** Why no further life may be begun, beside the one on record or after it. */
    Optional<Problem> unfinished() {
        return all().flatMap(life -> unfinished(life).stream()).findFirst();
    }

    private Optional<Problem> unfinished(Incarnation life) {
        if (!facts.isLost(life.node())) {
            return life.isOver() && !life.owesItsState() ? Optional.empty() : Optional.of(waits(life));
        }
        boolean followed = facts.guestState()
                .floor()
                .filter(floor -> floor.epoch() > life.epoch())
                .isPresent();
        return life.owesItsState() && !followed
                ? Optional.of(Problem.placing(
                        Reason.WorkingCopyElsewhere,
                        "the guest left " + life.node()
                                + " by a move and was not taken over; the newest guest state lies" + " only on "
                                + life.node() + ", which cannot be reached"))
                : Optional.empty();
    }

    private static Problem waits(Incarnation life) {
        return Problem.of(
                Reason.Restarting,
                "epoch " + life.epoch() + " on " + life.node()
                        + " has to end, and its last guest state to be sealed, before another begins");
    }

    private Stream<Incarnation> all() {
        Optional<Long> target = facts.openMove().map(move -> move.epoch());
        return facts.lives().stream()
                .filter(life -> life.epoch() != facts.epoch())
                .filter(life -> !target.equals(Optional.of(life.epoch())))
                .sorted(Comparator.comparingLong(Incarnation::epoch).reversed());
    }
}
