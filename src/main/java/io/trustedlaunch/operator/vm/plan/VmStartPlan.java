package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.GuestImageSpec;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Provenance;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.TrustedLaunchVMStatus;
import io.trustedlaunch.eligibility.EligibilityVerdict;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.KeyFacts;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.placement.NodeInfo;
import io.trustedlaunch.placement.Placement;
import io.trustedlaunch.placement.Placement.Outcome;
import io.trustedlaunch.placement.Requests;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Plans a VM's next incarnation: what it must wait for, on which node it runs, and the reservation of its epoch. */
final class VmStartPlan {
    private final VmFacts facts;
    private final StartChecks checks;
    private final Optional<Incarnation> last;
    private final boolean isFirstStart;

    /** @param last the current incarnation, which is over; empty if there never was one */
    VmStartPlan(VmFacts facts, Optional<Incarnation> last) {
        this.facts = facts;
        this.checks = new StartChecks(facts);
        this.last = last;
        this.isFirstStart = last.isEmpty() || (last.get().leftNothingBehind() && facts.neverHadTpm());
    }

    VmStep next() {
        return Stream.<Supplier<Optional<VmStep>>>of(
                        checks::namespace,
                        this::image,
                        checks::location,
                        () -> isFirstStart ? Optional.empty() : checks.madeWith(last.orElseThrow()),
                        () -> isFirstStart ? checks.imageLocation() : Optional.empty(),
                        () -> isFirstStart ? checks.userData() : Optional.empty(),
                        this::key,
                        checks::inventory,
                        this::others,
                        this::hold)
                .flatMap(check -> check.get().stream())
                .findFirst()
                .orElseGet(this::place);
    }

    /** After its first start, a VM may always start again, unless a policy checks every start (I5). */
    private Optional<VmStep> image() {
        if (isFirstStart && facts.image().spec().isEmpty()) {
            return Optional.of(new VmStep.Refuse(StartChecks.imageNotFound(facts)));
        }
        boolean checked = isFirstStart || facts.image().askedAtEveryStart();
        return switch (facts.image().verdict()) {
            case EligibilityVerdict.Allowed allowed -> Optional.empty();
            case EligibilityVerdict.Refused refused ->
                checked ? Optional.of(new VmStep.Refuse(StartChecks.ineligible(refused))) : Optional.empty();
        };
    }

    /** A key is created only before the first incarnation; from then on the record shows that there is one (I3). */
    private Optional<VmStep> key() {
        return switch (facts.key()) {
            case KeyFacts.Held held -> Optional.empty();
            case KeyFacts.Invalid invalid -> Optional.of(new VmStep.Refuse(StartChecks.keyInvalid(facts, invalid)));
            case KeyFacts.Absent absent ->
                last.isEmpty() ? Optional.empty() : Optional.of(new VmStep.Refuse(StartChecks.keyMissing(facts)));
        };
    }

    private Optional<VmStep> others() {
        return new PreviousIncarnations(facts).unfinished().map(VmStep.Wait::new);
    }

    private Optional<VmStep> hold() {
        return facts.startHold()
                .map(hold -> new VmStep.Wait(
                        new Problem(
                                Reason.Restarting,
                                "the guest repeatedly ended soon after it was started; the next start is delayed"),
                        hold));
    }

    /** The last node first: no files have to be removed there or moved from there. */
    private VmStep place() {
        Placement placement = facts.placement();
        Outcome outcome = placement.choose(requests(), this::isLastNode);
        if (outcome instanceof Outcome.Rejected) {
            outcome = placement.choose(requests(), this::mayTakeOver);
        }
        return switch (outcome) {
            case Outcome.Chosen chosen -> prepare(chosen.node());
            case Outcome.Rejected rejected -> new VmStep.Refuse(problem(rejected));
        };
    }

    private boolean isLastNode(NodeInfo node) {
        return last.map(incarnation -> incarnation.node().equals(node.name())).orElse(false);
    }

    /** Any node if no state exists yet; otherwise the nodes that share the storage location with all of the state. */
    private boolean mayTakeOver(NodeInfo node) {
        return isFirstStart
                || isLastNode(node)
                || (last.get().endedComplete()
                        && node.sharesLocation(
                                facts.spec().storageLocationRef().name(),
                                last.get().node()));
    }

    private Problem problem(Outcome.Rejected rejected) {
        if (!isFirstStart) {
            return new NodePinning(facts, last.get()).problem(rejected);
        }
        return rejected.rejections().isEmpty()
                ? new Problem(Reason.NoNodes, "there is no ClusterNode: install the agent on a host")
                : new Problem(Reason.NoNodeFits, rejected.message());
    }

    private VmStep prepare(String node) {
        if (!facts.hasFinalizer()) {
            return new VmStep.AddFinalizer();
        }
        if (facts.key() instanceof KeyFacts.Absent) {
            return new VmStep.CreateKey();
        }
        // Only before a first start: later, the next incarnation starts from what the last one left in a shared folder.
        Optional<Incarnation> leftovers = last.filter(incarnation -> isFirstStart && !incarnation.isErased())
                .filter(incarnation ->
                        !incarnation.node().equals(node) || !new SpecChange(facts, incarnation).keepsDisks())
                .filter(incarnation -> !facts.isLost(incarnation.node()));
        return leftovers.isPresent()
                ? new VmStep.Erase(leftovers.get())
                : new VmStep.ReserveEpoch(node, facts.nextEpoch(), recordedImage());
    }

    private TrustedLaunchVMStatus.Image recordedImage() {
        return isFirstStart
                ? new TrustedLaunchVMStatus.Image(
                        facts.image().name(),
                        facts.image().spec().map(GuestImageSpec::sha256).orElseThrow(),
                        provenance())
                : facts.status().map(TrustedLaunchVMStatus::image).orElse(null);
    }

    private Provenance provenance() {
        return switch (facts.image().verdict()) {
            case EligibilityVerdict.Allowed allowed -> allowed.provenance();
            case EligibilityVerdict.Refused refused -> Provenance.None;
        };
    }

    private Requests requests() {
        return StartRequests.of(facts, isFirstStart);
    }
}
