package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecDepartureBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Course;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Outcome;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.InventoryFacts.ReportedIncarnation;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.operator.vm.facts.VmNodes;
import io.trustedlaunch.operator.vm.facts.VmObject;
import io.trustedlaunch.placement.NodeInfo;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/** A VM's incarnations besides the current one: those before it, and the targets of migrations that failed. */
final class PreviousIncarnations {
    private final VmFacts facts;
    private final VmObject vm;
    private final VmNodes nodes;

    PreviousIncarnations(VmFacts facts) {
        this.facts = facts;
        this.vm = facts.vm();
        this.nodes = facts.nodes();
    }

    /** Once the current incarnation exists, the others can be deleted. */
    Optional<VmStep> clear(Incarnation current) {
        return all().flatMap(incarnation -> clear(incarnation, current).stream())
                .findFirst();
    }

    private Optional<VmStep> clear(Incarnation incarnation, Incarnation current) {
        boolean keeps = facts.guestState().keepsFiles(incarnation);
        if (keeps && incarnation.keepsWhatItLeft()) {
            // Until the guest runs on the target, only the source has a complete copy of its state.
            return incarnation.desired() == DesiredState.Running
                            && (!current.isArriving() || diedOnArrival(incarnation, current))
                    ? Optional.of(new VmStep.Retire(incarnation, Reason.Restarting))
                    : missingEnvelope(incarnation).or(() -> whereTheGuestIs(incarnation, current));
        }
        if (incarnation.isOver()) {
            if (facts.guestState().lacks(incarnation)) {
                return Optional.of(new VmStep.Record());
            }
            return keeps ? Optional.empty() : Optional.of(new RemovalStep.RemoveIncarnation(incarnation));
        }
        return incarnation.desired() == DesiredState.Running
                ? Optional.of(new VmStep.Retire(incarnation, Reason.Restarting))
                : missingEnvelope(incarnation);
    }

    /**
     * Its host is proved dead, and it was not reported to run. In a folder that both share, the source's agent sees whether it had
     * claimed the home after all: then the VM goes on from there, otherwise from what the source seals.
     */
    private boolean diedOnArrival(Incarnation source, Incarnation current) {
        return nodes.isFenced(current.node())
                && nodes.find(current.node())
                        .filter(node -> sharesFolder(source, node))
                        .isPresent();
    }

    /** The envelope serves to seal its last state; nothing is sealed of an incarnation that is erased. */
    private Optional<VmStep> missingEnvelope(Incarnation incarnation) {
        return incarnation.desired() == DesiredState.Erased
                ? Optional.empty()
                : new StartChecks(facts).missingEnvelope(incarnation);
    }

    /** The step that is due for an incarnation that still has its guest's state, before it is over. */
    Optional<VmStep> whereTheGuestIs(Incarnation incarnation, Incarnation current) {
        return withTarget(incarnation, current).or(() -> returned(incarnation));
    }

    /** An agent whose spec or disk was set back no longer knows which node has the guest now. */
    private Optional<VmStep> withTarget(Incarnation incarnation, Incarnation current) {
        return target(incarnation, current)
                .filter(target -> incarnation.desired() == DesiredState.Stopped
                        && incarnation.requestedDeparture(target.epoch()).isEmpty())
                .flatMap(target -> nodes.find(target.node())
                        .filter(node -> !sharesFolder(incarnation, node))
                        .flatMap(node -> MigrationStep.Depart.to(node, target.epoch())))
                .map(departure -> new MigrationStep.Depart(
                        incarnation, departure.copiesDisks(true).build()));
    }

    /**
     * The current incarnation, once it has run: what was left elsewhere is older. Until then as its agent reports it; if
     * that was lost, as the VM's record says of its last migration.
     */
    private Optional<ReportedIncarnation> target(Incarnation incarnation, Incarnation current) {
        return Optional.of(current)
                .filter(Incarnation::hasRun)
                .map(running -> new ReportedIncarnation(running.node(), running.epoch()))
                .or(() -> incarnation
                        .reportedDeparture(Course.Left)
                        .filter(left -> left.nodeName() != null)
                        .map(left -> new ReportedIncarnation(left.nodeName(), left.epoch())))
                .or(() -> vm.migration()
                        .filter(last -> last.outcome() == Outcome.Moved
                                && last.sourceNode().equals(incarnation.node())
                                && last.epoch() > incarnation.epoch())
                        .map(last -> new ReportedIncarnation(last.targetNode(), last.epoch())));
    }

    private static boolean sharesFolder(Incarnation incarnation, NodeInfo node) {
        return node.sharesLocation(incarnation.machine().location().name(), incarnation.node());
    }

    /** Its guest was lost on its way, as the target's agent reports. */
    private Optional<VmStep> returned(Incarnation incarnation) {
        return incarnation
                .reportedDeparture(Course.Left)
                .filter(left -> facts.incarnations()
                        .of(left.epoch())
                        .filter(target -> target.neverRan() && !target.hasTakenHome())
                        .isPresent())
                .flatMap(left -> incarnation.requestedDeparture(left.epoch()))
                .filter(departure -> !departure.returned())
                .map(departure -> new MigrationStep.Depart(
                        incarnation,
                        VMIncarnationSpecDepartureBuilder.builder(departure)
                                .returned(true)
                                .build()));
    }

    /** Ends those that are not over yet. */
    Optional<VmStep> end() {
        return all().filter(incarnation -> !nodes.isOver(incarnation))
                .findFirst()
                .map(incarnation -> incarnation.desired() == DesiredState.Running
                        ? new VmStep.Retire(incarnation, Reason.Restarting)
                        : missingEnvelope(incarnation).orElseGet(() -> new VmStep.Wait(endFirst(incarnation))));
    }

    /** Why no other incarnation may start yet. */
    Optional<Problem> unfinished() {
        return all().flatMap(incarnation -> unfinished(incarnation).stream()).findFirst();
    }

    private Optional<Problem> unfinished(Incarnation incarnation) {
        if (!nodes.isOver(incarnation)) {
            return Optional.of(endFirst(incarnation));
        }
        boolean seals = facts.guestState().mayHaveNewest(incarnation)
                && nodes.isAgentAlive(incarnation.node())
                && facts.guestState().approvedNext().isEmpty();
        return seals ? Optional.of(handOverFirst(incarnation)) : Optional.empty();
    }

    /**
     * The epoch on record must not begin, whose node was chosen because another one was proved dead: that proof does not hold any
     * more, and the record says that newer state may be there. The incarnation there may be gone from the API server.
     */
    boolean owe() {
        return facts.guestState().approvedNext().isEmpty()
                && facts.guestState()
                        .home()
                        .unsealedOn()
                        .filter(node -> !vm.nodeName().equals(Optional.of(node)) && !nodes.isFenced(node))
                        .isPresent();
    }

    /** Why the VM's guest may not migrate yet: where it was before, its folder would be in the way. */
    Optional<Problem> inTheWay() {
        return unfinished()
                .or(() -> all().filter(
                                incarnation -> incarnation.keepsWhatItLeft() && nodes.isAgentAlive(incarnation.node()))
                        .findFirst()
                        .map(this::handOverFirst));
    }

    private Problem endFirst(Incarnation incarnation) {
        return new Problem(
                Reason.Restarting,
                "epoch " + incarnation.epoch() + " on " + incarnation.node()
                        + " must end, and its last guest state must be sealed, before another epoch starts; its agent "
                        + (nodes.isAgentAlive(incarnation.node())
                                ? "does both"
                                : "is not responding: check that the host and its agent are running"));
    }

    private Problem handOverFirst(Incarnation incarnation) {
        String source = incarnation.node();
        return new Problem(
                Reason.Restarting,
                incarnation
                        .reportedDeparture(Course.Left)
                        .flatMap(left -> Optional.ofNullable(left.nodeName()))
                        .map(target -> "the guest of epoch " + incarnation.epoch() + " on " + source + " has left for "
                                + target + ", and " + source
                                + " keeps its files until it has sealed them and the agent on " + target
                                + " has reported whether the guest runs there: check that both hosts and their agents"
                                + " are running. If " + target + " has lost the guest, "
                                + facts.guestState().approving(incarnation.epoch()) + ": the VM then starts on "
                                + source
                                + " from what it left there")
                        .orElse("the last guest state of epoch " + incarnation.epoch() + " on " + source
                                + " must be sealed before another epoch starts"));
    }

    private Stream<Incarnation> all() {
        Optional<Long> target = vm.openMigration().map(migration -> migration.epoch());
        return facts.incarnations().all().stream()
                .filter(incarnation -> incarnation.epoch() != vm.epoch())
                .filter(incarnation -> !target.equals(Optional.of(incarnation.epoch())))
                .sorted(Comparator.comparingLong(Incarnation::epoch).reversed());
    }
}
