package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.GuestImageSpec;
import io.trustedlaunch.api.image.Provenance;
import io.trustedlaunch.api.image.RecordedImage;
import io.trustedlaunch.eligibility.EligibilityVerdict;
import io.trustedlaunch.operator.vm.facts.FailoverTurn;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.KeyFacts;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.operator.vm.facts.VmNodes;
import io.trustedlaunch.operator.vm.facts.VmObject;
import io.trustedlaunch.operator.vm.facts.VmOffers;
import io.trustedlaunch.placement.NodeInfo;
import io.trustedlaunch.placement.Placement.Outcome;
import io.trustedlaunch.placement.Requests;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Plans a VM's next incarnation: what it must wait for, on which node it runs, and the reservation of its epoch. */
final class VmStartPlan {
    private final VmFacts facts;
    private final VmObject vm;
    private final VmNodes nodes;
    private final VmOffers offers;
    private final StartChecks checks;
    private final StartNodes startNodes;
    private final DiskFillPlan fill;
    private final boolean isFirstStart;

    /** @param facts of a VM whose current incarnation, if there is one, is over */
    VmStartPlan(VmFacts facts) {
        this.facts = facts;
        this.vm = facts.vm();
        this.nodes = facts.nodes();
        this.offers = facts.offers();
        this.checks = new StartChecks(facts);
        this.startNodes = new StartNodes(facts);
        this.fill = new DiskFillPlan(facts);
        this.isFirstStart = facts.incarnations().isFirstStart();
    }

    VmStep next() {
        return Stream.<Supplier<Optional<VmStep>>>of(
                        () -> restore(facts),
                        this::failover,
                        checks::namespace,
                        this::image,
                        () -> new SecureBoot(facts).refusal(),
                        checks::locationForStart,
                        () -> isFirstStart ? Optional.empty() : checks.madeWith(),
                        () -> isFirstStart && !vm.restores().isClone() ? checks.imageLocation() : Optional.empty(),
                        checks::machineOfStart,
                        () -> isFirstStart ? checks.userData() : Optional.empty(),
                        this::key,
                        checks::inventory,
                        checks::contested,
                        this::others,
                        this::hold,
                        () -> new QuotaChecks(facts).start().map(VmStep.Refuse::new),
                        this::copy)
                .flatMap(check -> check.get().stream())
                .findFirst()
                .orElseGet(this::place);
    }

    /** Empty at once for a VM that never had one, and shall have none. */
    static Optional<VmStep> restore(VmFacts facts) {
        return facts.vm().restores().isNone() ? Optional.empty() : new RestorePlan(facts).step();
    }

    private Optional<VmStep> copy() {
        return vm.restores().isClone() && isFirstStart ? new ClonePlan(facts).step() : Optional.empty();
    }

    private Optional<VmStep> failover() {
        return new FailoverReadiness(facts).hindrance().map(VmStep.Wait::new);
    }

    /** Once its guest has run, a VM may always start again, unless a policy checks every start (I5). */
    private Optional<VmStep> image() {
        return StartChecks.creation(facts)
                .or(() -> offers.image().askedAtEveryStart() ? StartChecks.ineligible(facts) : Optional.empty())
                .map(VmStep.Refuse::new);
    }

    /** A key is created only before the first incarnation; from then on the record shows that there is one (I3). */
    private Optional<VmStep> key() {
        return vm.epoch() == 0 && facts.key() instanceof KeyFacts.Absent
                ? Optional.empty()
                : StartChecks.key(facts).map(VmStep.Refuse::new);
    }

    private Optional<VmStep> others() {
        return new PreviousIncarnations(facts).unfinished().map(VmStep.Wait::new);
    }

    private Optional<VmStep> hold() {
        return facts.incarnations()
                .startHold()
                .map(hold -> new VmStep.Wait(
                        new Problem(
                                Reason.Restarting,
                                "the guest repeatedly ended soon after it was started; the next start is delayed."
                                        + " See the guest's console log for the cause"),
                        hold));
    }

    private VmStep place() {
        return switch (choose(node -> true)) {
            case Outcome.Chosen chosen ->
                nodes.failoverTurn().map(this::inTurn).orElseGet(() -> prepare(chosen.node()));
            case Outcome.Rejected rejected ->
                new VmStep.Refuse(withoutBackup().orElseGet(() -> startNodes.problem(rejected)));
        };
    }

    /** There is room for it. */
    private VmStep inTurn(FailoverTurn turn) {
        return turn.behind()
                .map(behind -> queued(turn, behind))
                .orElseGet(() -> choose(node -> turn.isOpen(node.name())) instanceof Outcome.Chosen chosen
                        ? prepare(chosen.node())
                        : queued(
                                turn,
                                "on the nodes that have room for it, as many other VMs of dead nodes are being started as"
                                        + " may be at a time: " + String.join(", ", new TreeSet<>(turn.fullNodes()))));
    }

    private static VmStep queued(FailoverTurn turn, String behind) {
        return new VmStep.Wait(
                new Problem(
                        Reason.FailoverQueued,
                        "its node is proved dead, and it starts elsewhere in its turn; " + behind),
                turn.lookAgain());
    }

    /** The node that would take the VM, if its disks were whole. */
    private Optional<Problem> withoutBackup() {
        return nodes.placement().choose(requests(), startNodes::mayStartOn) instanceof Outcome.Chosen(String node)
                ? fill.problemOn(node)
                : Optional.empty();
    }

    private Outcome choose(Predicate<NodeInfo> among) {
        Predicate<NodeInfo> open = among.and(node -> fill.problemOn(node.name()).isEmpty());
        Outcome preferred = nodes.placement().choose(requests(), open.and(startNodes::isPreferred));
        return preferred instanceof Outcome.Rejected
                ? nodes.placement().choose(requests(), open.and(startNodes::mayStartOn))
                : preferred;
    }

    private VmStep prepare(String node) {
        if (!vm.hasFinalizer()) {
            return new VmStep.AddFinalizer();
        }
        if (facts.key() instanceof KeyFacts.Absent) {
            return new VmStep.CreateKey();
        }
        // Only before a first start: later, the next incarnation starts from what the last one left in a shared folder.
        Optional<Incarnation> leftovers = facts.incarnations()
                .current()
                .filter(incarnation -> isFirstStart && !incarnation.isErased())
                .filter(incarnation -> !nodes.isFenced(incarnation.node()))
                .filter(incarnation ->
                        !incarnation.node().equals(node) || !new SpecChange(facts, incarnation).keepsDisks());
        return leftovers.isPresent()
                ? new VmStep.Erase(leftovers.get())
                : new VmStep.ReserveEpoch(node, facts.nextEpoch(), recordedImage());
    }

    private Optional<RecordedImage> recordedImage() {
        return isFirstStart
                ? Optional.of(new RecordedImage(
                        offers.image().name(),
                        offers.image().spec().map(GuestImageSpec::sha256).orElseThrow(),
                        provenance()))
                : vm.image();
    }

    private Provenance provenance() {
        return switch (offers.image().verdict()) {
            case EligibilityVerdict.Allowed allowed -> allowed.provenance();
            case EligibilityVerdict.Refused refused -> Provenance.None;
        };
    }

    private Requests requests() {
        return StartRequests.of(facts);
    }
}
