package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.GuestImageSpec;
import io.trustedlaunch.api.NetworkInterface;
import io.trustedlaunch.api.Provenance;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.TrustedLaunchVMStatus;
import io.trustedlaunch.eligibility.EligibilityVerdict;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.KeyFacts;
import io.trustedlaunch.operator.vm.facts.Problem;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.placement.NodeInfo;
import io.trustedlaunch.placement.Placement;
import io.trustedlaunch.placement.Placement.Outcome;
import io.trustedlaunch.placement.Requests;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** The way to a VM's next life: what it must wait for, where it can be, and the reservation of its epoch. */
final class VmStartPlan {
    private final VmFacts facts;
    private final StartChecks checks;
    private final Optional<Incarnation> last;
    private final boolean firstAhead;

    /** @param last the life of the epoch on record, which is over; empty if there never was one */
    VmStartPlan(VmFacts facts, Optional<Incarnation> last) {
        this.facts = facts;
        this.checks = new StartChecks(facts);
        this.last = last;
        this.firstAhead = last.isEmpty() || (last.get().leftNothingBehind() && facts.knowsOfNoTpm());
    }

    VmStep next() {
        return Stream.<Supplier<Optional<VmStep>>>of(
                        checks::namespace,
                        this::image,
                        checks::location,
                        () -> firstAhead ? checks.imageLocation() : Optional.empty(),
                        () -> firstAhead ? checks.userData() : Optional.empty(),
                        this::key,
                        checks::inventory,
                        this::others,
                        this::hold)
                .flatMap(check -> check.get().stream())
                .findFirst()
                .orElseGet(this::place);
    }

    /** A VM that exists keeps its right to start, unless a policy wants to be asked every time (I5). */
    private Optional<VmStep> image() {
        if (firstAhead && facts.image().spec().isEmpty()) {
            return Optional.of(new VmStep.Refuse(StartChecks.imageNotFound(facts)));
        }
        boolean asked = firstAhead || facts.image().askedAtEveryStart();
        return switch (facts.image().verdict()) {
            case EligibilityVerdict.Allowed allowed -> Optional.empty();
            case EligibilityVerdict.Refused refused ->
                asked ? Optional.of(new VmStep.Refuse(StartChecks.ineligible(refused))) : Optional.empty();
        };
    }

    /** A key is made only for a VM that never had a life: from then on the record says that there is one (I3). */
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
                        Problem.of(
                                Reason.Restarting,
                                "the guest ended soon after it was started, several times; the next start is delayed"),
                        hold));
    }

    /** Where it was comes first: nothing needs clearing up there, and nothing is there that this place lacks. */
    private VmStep place() {
        Placement placement = facts.placement();
        Outcome outcome = placement.choose(demand(), this::isLastNode);
        if (outcome instanceof Outcome.Rejected) {
            outcome = placement.choose(demand(), this::mayTakeOver);
        }
        return switch (outcome) {
            case Outcome.Chosen chosen -> prepare(chosen.node());
            case Outcome.Rejected rejected -> new VmStep.Refuse(obstacle(rejected));
        };
    }

    private boolean isLastNode(NodeInfo node) {
        return last.map(incarnation -> incarnation.node().equals(node.name())).orElse(false);
    }

    /** A life that left nothing behind may be followed anywhere; one that left all of it at home, where that is. */
    private boolean mayTakeOver(NodeInfo node) {
        return firstAhead
                || isLastNode(node)
                || (last.get().endedComplete()
                        && node.sharesLocation(
                                facts.spec().storageLocationRef().name(),
                                last.get().node()));
    }

    private Problem obstacle(Outcome.Rejected rejected) {
        if (!firstAhead) {
            return new NodePinning(facts, last.get()).obstacle(rejected);
        }
        return rejected.rejections().isEmpty()
                ? Problem.placing(Reason.NoNodes, "there is no ClusterNode: is the agent installed on a host?")
                : Problem.placing(Reason.NoNodeFits, rejected.message());
    }

    private VmStep prepare(String node) {
        if (!facts.hasFinalizer()) {
            return new VmStep.AddFinalizer();
        }
        if (facts.key() instanceof KeyFacts.Absent) {
            return new VmStep.MakeKey();
        }
        // Of a first start only: what another life left in a shared folder is what this one starts from.
        Optional<Incarnation> leftovers = last.filter(incarnation -> firstAhead && !incarnation.isErased())
                .filter(incarnation -> !incarnation.node().equals(node))
                .filter(incarnation -> !facts.isLost(incarnation.node()));
        return leftovers.isPresent()
                ? new VmStep.Erase(leftovers.get())
                : new VmStep.ReserveEpoch(node, facts.nextEpoch(), recordedImage());
    }

    private TrustedLaunchVMStatus.Image recordedImage() {
        return firstAhead
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

    private Requests demand() {
        Stream<String> locations = Stream.of(facts.spec().storageLocationRef().name());
        Stream<String> imageLocation = firstAhead
                ? facts.image().spec().stream()
                        .map(image -> image.source().file())
                        .filter(Objects::nonNull)
                        .map(file -> file.storageLocationRef().name())
                : Stream.empty();
        return new Requests(
                facts.spec().cores(),
                IncarnationBuilder.bytes(facts.spec().memory()),
                IncarnationBuilder.orEmpty(facts.spec().networkInterfaces()).stream()
                        .map(NetworkInterface::network)
                        .toList(),
                Stream.concat(locations, imageLocation).distinct().toList(),
                facts.constraints());
    }
}
