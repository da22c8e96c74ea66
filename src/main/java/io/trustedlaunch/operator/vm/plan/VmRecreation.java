package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.OsType;
import io.trustedlaunch.api.TrustedLaunchVMStatus;
import io.trustedlaunch.api.TrustedLaunchVMStatus.Outcome;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationSpec.Image;
import io.trustedlaunch.api.VMIncarnationStatus.Course;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.KeyFacts;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.operator.vm.plan.IncarnationBuilder.ImageOfVm;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The incarnation of the epoch on record: made when it is missing, whether it never was or was lost, and brought in step
 * with the VM while its guest has not run.
 */
final class VmRecreation {
    private final VmFacts facts;
    private final StartChecks checks;
    private final IncarnationBuilder blueprint;

    VmRecreation(VmFacts facts, String namespace) {
        this.facts = facts;
        this.checks = new StartChecks(facts);
        this.blueprint = new IncarnationBuilder(facts, namespace);
    }

    /** For a VM that lives. */
    VmStep missing() {
        Optional<VMIncarnation> arriving = arrivingOnRecord();
        if (arriving.isPresent()) {
            return firstOf(
                            checks::inventory,
                            () -> checks.certificate(facts.nodeName().orElseThrow()))
                    .orElseGet(
                            () -> new VmStep.CreateIncarnation(arriving.get(), facts.key() instanceof KeyFacts.Held));
        }
        if (facts.isHalted()) {
            return as(DesiredState.Stopped);
        }
        Optional<ImageOfVm> image = imageOnRecord();
        return firstOf(
                        checks::namespace,
                        () -> image.isPresent()
                                ? Optional.empty()
                                : Optional.of(new VmStep.Refuse(StartChecks.imageNotFound(facts))),
                        checks::location,
                        () -> isFirstStart() ? checks.userData() : Optional.empty(),
                        checks::inventory,
                        () -> checks.certificate(facts.nodeName().orElseThrow()))
                .orElseGet(() -> create(image.orElseThrow()));
    }

    /** Its guest came by a move, and may not have been let run: the life that it left is still there to tell. */
    private Optional<VMIncarnation> arrivingOnRecord() {
        return facts.migration()
                .filter(move -> move.outcome() == Outcome.Moved && move.epoch() == facts.epoch())
                .flatMap(move -> facts.earlier().stream()
                        .filter(incarnation -> incarnation.handed(move.epoch()).isPresent()
                                || incarnation
                                        .departure(Course.Left)
                                        .filter(left -> left.epoch().equals(move.epoch()))
                                        .isPresent())
                        .findFirst()
                        .map(source -> blueprint.arriving(move, source, true)));
    }

    /** Without a key the node can still adopt a guest that runs; it cannot start one. */
    private VmStep create(ImageOfVm image) {
        return new VmStep.CreateIncarnation(
                blueprint.incarnation(DesiredState.Running, isFirstStart(), image),
                facts.key() instanceof KeyFacts.Held);
    }

    /**
     * A record of a life that is to end, or has ended. Its agent may have to seal its last state, and needs the key for
     * it; but the guest is ended whether there is a key or not, and nothing is sealed of one that is erased.
     */
    VmStep as(DesiredState desired) {
        // Without its path the agent would not find what is to be kept or removed.
        Optional<VmStep> unknownLocation = checks.location();
        if (unknownLocation.isPresent()) {
            return unknownLocation.get();
        }
        ImageOfVm image = imageOnRecord()
                .orElseGet(() -> new ImageOfVm(
                        OsType.Linux,
                        new Image(facts.image().name(), null, recordedDigest().orElse(null))));
        return new VmStep.CreateIncarnation(
                blueprint.incarnation(desired, isFirstStart(), image),
                desired == DesiredState.Stopped
                        && checks.canSealTo(facts.nodeName().orElseThrow()));
    }

    /** The life is to end, and the envelope that its last state is sealed with is missing; empty if none can be made. */
    Optional<VmStep> envelopeToEnd(Incarnation incarnation) {
        return !incarnation.hasEnvelope() && checks.canSealTo(incarnation.node())
                ? Optional.of(new VmStep.SealEnvelope(incarnation))
                : Optional.empty();
    }

    VmStep envelopeFor(Incarnation incarnation) {
        return switch (facts.key()) {
            case KeyFacts.Absent absent -> new VmStep.Refuse(StartChecks.keyMissing(facts));
            case KeyFacts.Invalid invalid -> new VmStep.Refuse(StartChecks.keyInvalid(facts, invalid));
            case KeyFacts.Held held ->
                firstOf(
                                checks::namespace,
                                () -> incarnation.isFirstStart() ? checks.userData() : Optional.empty(),
                                checks::inventory,
                                () -> checks.certificate(incarnation.node()))
                        .orElseGet(() -> new VmStep.SealEnvelope(incarnation));
        };
    }

    /** Whether the VM's spec now asks for another machine than the life has. */
    boolean differs(Incarnation incarnation) {
        return checks.location().isEmpty()
                && !blueprint.machine(imageFor(incarnation)).equals(incarnation.machine());
    }

    /** A first start takes the image as it is now, for example after it was corrected; a later one has its disk. */
    private ImageOfVm imageFor(Incarnation incarnation) {
        ImageOfVm own = ImageOfVm.of(incarnation.machine());
        return incarnation.isFirstStart() && incarnation.hasNotRunYet()
                ? blueprint.imageOnOffer().orElse(own)
                : own;
    }

    private boolean isFirstStart() {
        List<Incarnation> earlier = facts.earlier();
        boolean nothingBefore =
                earlier.isEmpty() ? facts.epoch() == 1 : earlier.getFirst().leftNothingBehind();
        return facts.knowsOfNoTpm() && nothingBefore;
    }

    private Optional<ImageOfVm> imageOnRecord() {
        Optional<ImageOfVm> earlier = facts.earlier().stream()
                .findFirst()
                .filter(incarnation -> !incarnation.leftNothingBehind())
                .map(incarnation -> ImageOfVm.of(incarnation.machine()));
        return earlier.or(() -> blueprint
                        .imageOnOffer()
                        .filter(image -> recordedDigest()
                                .map(digest -> digest.equals(image.image().sha256()))
                                .orElse(true)))
                .or(() -> recordedDigest().flatMap(blueprint::unresolvedImageWith))
                .or(() -> RetainedIncarnation.image(facts));
    }

    private Optional<String> recordedDigest() {
        return facts.status().map(TrustedLaunchVMStatus::image).map(TrustedLaunchVMStatus.Image::sha256);
    }

    @SafeVarargs
    private static Optional<VmStep> firstOf(Supplier<Optional<VmStep>>... checks) {
        return Stream.of(checks).flatMap(check -> check.get().stream()).findFirst();
    }
}
