package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Course;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Outcome;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.InventoryFacts.ReportedIncarnation;
import io.trustedlaunch.operator.vm.facts.KeyFacts;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.operator.vm.facts.VmIncarnations;
import io.trustedlaunch.operator.vm.facts.VmNodes;
import io.trustedlaunch.operator.vm.facts.VmObject;
import io.trustedlaunch.operator.vm.plan.MachineBuilder.ImageOfVm;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Creates the current incarnation if it is missing or lost, and updates it to the spec while its guest has not run. */
final class VmRecreation {
    private final VmFacts facts;
    private final VmObject vm;
    private final VmIncarnations incarnations;
    private final VmNodes nodes;
    private final StartChecks checks;
    private final IncarnationBuilder builder;
    private final MachineBuilder machines;

    VmRecreation(VmFacts facts, String namespace) {
        this.facts = facts;
        this.vm = facts.vm();
        this.incarnations = facts.incarnations();
        this.nodes = facts.nodes();
        this.checks = new StartChecks(facts);
        this.builder = new IncarnationBuilder(facts, namespace);
        this.machines = new MachineBuilder(facts);
    }

    /** The step for a VM that is not being deleted. */
    VmStep missing() {
        Optional<VMIncarnation> arriving = arrivingOnRecord();
        if (arriving.isPresent()) {
            return firstOf(checks::inventory, this::node)
                    .orElseGet(
                            () -> new VmStep.CreateIncarnation(arriving.get(), facts.key() instanceof KeyFacts.Held));
        }
        if (vm.isHalted()) {
            return toEnd(DesiredState.Stopped);
        }
        if (incarnations.isFirstStart() && (isForAnotherImage() || isCrowded())) {
            return toEnd(DesiredState.Erased);
        }
        Optional<ImageOfVm> image = machines.imageOnRecord();
        return firstOf(
                        checks::namespace,
                        () -> image.isPresent()
                                ? Optional.empty()
                                : Optional.of(new VmStep.Refuse(StartChecks.imageNotFound(facts))),
                        checks::locationForStart,
                        checks::machineOfReserved,
                        () -> incarnations.isFirstStart() ? checks.userData() : Optional.empty(),
                        checks::inventory,
                        this::previous,
                        this::node,
                        () -> new QuotaChecks(facts).reserved())
                .orElseGet(() -> create(image.orElseThrow()));
    }

    private Optional<VmStep> node() {
        String node = vm.nodeName().orElseThrow();
        return checks.certificate(node).or(() -> checks.answer(node));
    }

    /**
     * All were over when the epoch was reserved; in restored data they may not be. A guest that runs is adopted at once. One that
     * must not begin says that it did not, and the next one begins where the VM's state is.
     */
    private Optional<VmStep> previous() {
        PreviousIncarnations previous = new PreviousIncarnations(facts);
        return facts.nodes().isLatest(vm.epoch())
                ? Optional.empty()
                : previous.end().or(() -> previous.owe() ? Optional.of(toEnd(DesiredState.Stopped)) : Optional.empty());
    }

    /** The spec has changed since the epoch was reserved. The next epoch is reserved with the present image. */
    private boolean isForAnotherImage() {
        return vm.image()
                .filter(image -> !image.name().equals(facts.offers().image().name()))
                .isPresent();
    }

    /** A leader that was paused may have reserved the epoch after its successor had filled the node. */
    private boolean isCrowded() {
        return vm.nodeName()
                .flatMap(facts.nodes()::find)
                .filter(node -> node.isOverAllocated(nodes.placement().policy()))
                .isPresent();
    }

    /** Its guest may not be resumed yet after a migration; the incarnation on the source shows that. */
    private Optional<VMIncarnation> arrivingOnRecord() {
        return vm.migration()
                .filter(migration -> migration.outcome() == Outcome.Moved && migration.epoch() == vm.epoch())
                .flatMap(migration -> incarnations.earlier().stream()
                        .filter(incarnation -> incarnation
                                        .requestedDeparture(migration.epoch())
                                        .isPresent()
                                || incarnation
                                        .reportedDeparture(Course.Left)
                                        .filter(left -> left.epoch().equals(migration.epoch()))
                                        .isPresent())
                        .findFirst()
                        .map(source -> builder.arriving(migration, source, true)));
    }

    /** A node without a key can adopt a running guest, but cannot start one. */
    private VmStep create(ImageOfVm image) {
        return new VmStep.CreateIncarnation(
                builder.incarnation(DesiredState.Running, incarnations.isFirstStart(), image),
                facts.key() instanceof KeyFacts.Held);
    }

    /**
     * The incarnation of a VM whose guest must end or has ended. To seal the last state, its agent needs the key;
     * without a key it still ends the guest, and nothing is sealed of an incarnation that is erased.
     */
    VmStep toEnd(DesiredState desired) {
        // Without its path, the agent would not find the files to retain or to remove.
        Optional<VmStep> unknownLocation = checks.location();
        if (unknownLocation.isPresent()) {
            return unknownLocation.get();
        }
        return new VmStep.CreateIncarnation(
                builder.incarnation(desired, incarnations.isFirstStart(), machines.imageOrNone()),
                desired == DesiredState.Stopped
                        && checks.canSealTo(vm.nodeName().orElseThrow()));
    }

    /** Lets its agent remove what it has of a VM that is being deleted; empty if it cannot find that. */
    Optional<VmStep> toErase(ReportedIncarnation seen) {
        return checks.location().isPresent()
                ? Optional.empty()
                : Optional.of(new VmStep.CreateIncarnation(builder.forgotten(seen, machines.imageOrNone()), false));
    }

    VmStep envelopeFor(Incarnation incarnation) {
        return firstOf(
                        () -> StartChecks.key(facts).map(VmStep.Refuse::new),
                        checks::namespace,
                        () -> incarnation.isFirstStart() ? checks.userData() : Optional.empty(),
                        checks::inventory,
                        () -> checks.certificate(incarnation.node()))
                .orElseGet(() -> new VmStep.SealEnvelope(incarnation));
    }

    /**
     * Whether an incarnation that has not run must end: also after a fence that was contradicted, since the guest is, or was, where
     * it had been.
     */
    boolean mustNotRun(Incarnation incarnation) {
        return StartChecks.isSuperseded(facts, incarnation)
                || AgentReport.problem(incarnation)
                        .filter(problem -> problem.reason() == Reason.FenceContradicted)
                        .isPresent();
    }

    @SafeVarargs
    private static Optional<VmStep> firstOf(Supplier<Optional<VmStep>>... checks) {
        return Stream.of(checks).flatMap(check -> check.get().stream()).findFirst();
    }
}
