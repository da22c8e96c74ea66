package io.trustedlaunch.operator.vm.status;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ClusterNodeSpec.Maintenance;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RetainedVMRecord;
import io.trustedlaunch.api.TrustedLaunchVMStatus;
import io.trustedlaunch.api.TrustedLaunchVMStatus.Interface;
import io.trustedlaunch.api.TrustedLaunchVMStatus.Migration;
import io.trustedlaunch.api.TrustedLaunchVMStatus.Outcome;
import io.trustedlaunch.api.TrustedLaunchVMStatus.Phase;
import io.trustedlaunch.api.TrustedLaunchVMStatus.VTpm;
import io.trustedlaunch.api.TrustedLaunchVMStatusBuilder;
import io.trustedlaunch.api.VMIncarnationStatus;
import io.trustedlaunch.operator.vm.facts.EkReport;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.Problem;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.operator.vm.plan.IncarnationBuilder;
import io.trustedlaunch.operator.vm.plan.MacAddresses;
import io.trustedlaunch.operator.vm.plan.VmDeletionPlan;
import io.trustedlaunch.operator.vm.plan.VmPlanner;
import io.trustedlaunch.operator.vm.plan.VmStep;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The status that a VM has once a step was decided; written before the step is carried out. */
public final class VmStatus {
    private static final Set<Reason> TOLD_BY_PHASE =
            EnumSet.of(Reason.Stopping, Reason.Restarting, Reason.AgentNotAlive, Reason.Migrating);

    private final VmFacts facts;
    private final Instant now;
    private final TrustedLaunchVMStatus before;

    private VmStatus(VmFacts facts, Instant now) {
        this.facts = facts;
        this.now = now;
        this.before = facts.status()
                .orElseGet(() -> TrustedLaunchVMStatusBuilder.builder().build());
    }

    /** Equal to the present status if there is nothing to tell: a step whose end follows at once costs no write. */
    public static Optional<TrustedLaunchVMStatus> of(VmFacts facts, VmStep step, Instant now) {
        VmStatus status = new VmStatus(facts, now);
        return status.after(step)
                .filter(after -> goesOnRecord(step) || status.isWorthAWrite(after))
                .or(facts::status);
    }

    private static boolean goesOnRecord(VmStep step) {
        return step instanceof VmStep.Record || step instanceof VmStep.Keep;
    }

    private Optional<TrustedLaunchVMStatus> after(VmStep step) {
        return switch (step) {
            case VmStep.Settled settled -> Optional.of(settled(settled));
            case VmStep.Refuse refuse -> Optional.of(hindered(refuse.obstacle()));
            case VmStep.Wait wait -> isQuickDeletion() ? facts.status() : Optional.of(hindered(wait.obstacle()));
            case VmStep.ReserveEpoch reserve -> Optional.of(reserved(reserve));
            case VmStep.Adopt adopt -> Optional.of(withoutOpenMove().adopted(adopt));
            case VmStep.ReserveMove reserve -> moved(reserve.migration(), reserve.shown());
            case VmStep.EndMove end -> moved(end.migration(), end.shown());
            case VmStep.Depart depart -> facts.status();
            case VmStep.TellLeft tell -> facts.status();
            case VmStep.Record record -> Optional.of(withRecord());
            case VmStep.Retire retire ->
                retire.incarnation().epoch() == facts.epoch()
                        ? Optional.of(hindered(VmPlanner.ending(facts, retire.incarnation(), retire.reason())))
                        : facts.status();
            case VmStep.AddFinalizer add -> facts.status();
            case VmStep.MakeKey make -> facts.status();
            case VmStep.CreateIncarnation create -> facts.status();
            case VmStep.SealEnvelope seal -> facts.status();
            case VmStep.SealEscrow seal -> facts.status();
            case VmStep.HandApproval hand -> facts.status();
            case VmStep.RemoveEnvelope remove -> facts.status();
            case VmStep.Erase erase ->
                facts.vm().isMarkedForDeletion()
                        ? facts.status()
                        : Optional.of(hindered(VmPlanner.clearing(erase.incarnation())));
            case VmStep.RemoveIncarnation remove -> facts.status();
            case VmStep.DestroyKey destroy -> facts.status();
            case VmStep.Release release -> facts.status();
            case VmStep.Keep keep -> Optional.of(withRecord());
            case VmStep.Claim claim -> facts.status();
            case VmStep.TakeOver takeOver -> Optional.of(takenOver(takeOver.record()));
            case VmStep.GiveBack giveBack -> facts.status();
            case VmStep.Gone gone -> facts.status();
        };
    }

    private Optional<TrustedLaunchVMStatus> moved(Migration migration, Optional<VmStep> shown) {
        VmFacts recorded = facts.recording(migration);
        return shown.flatMap(step -> new VmStatus(recorded, now).after(step)).or(recorded::status);
    }

    /** That something is being deleted, its deletion timestamp says; a status is for a deletion that takes its time. */
    private boolean isQuickDeletion() {
        return facts.vm().isMarkedForDeletion()
                && now.isBefore(Instant.parse(facts.vm().getMetadata().getDeletionTimestamp())
                        .plus(VmDeletionPlan.QUICK));
    }

    /** Nothing is written only because the guest state that is at home is a little newer than the one shown. */
    private boolean isWorthAWrite(TrustedLaunchVMStatus after) {
        return facts.guestState().isWorthAWrite(after.guestState())
                || !quiet(before).equals(quiet(after));
    }

    /** Without what is told with other news only. */
    private TrustedLaunchVMStatus quiet(TrustedLaunchVMStatus status) {
        return TrustedLaunchVMStatusBuilder.builder(status)
                .guestState(null)
                .conditions(
                        status.conditions() == null
                                ? null
                                : status.conditions().stream().map(this::quiet).toList())
                .build();
    }

    /** To how many nodes a VM can move changes with every other VM; while its node is drained somebody reads it. */
    private Condition quiet(Condition condition) {
        return condition.getType().equals(ConditionType.Migratable.name()) && !isToLeave()
                ? condition.edit().withMessage("").build()
                : condition;
    }

    private boolean isToLeave() {
        return facts.nodeName()
                .flatMap(facts::node)
                .filter(node -> node.spec().maintenance() == Maintenance.Drain)
                .isPresent();
    }

    private TrustedLaunchVMStatus settled(VmStep.Settled settled) {
        return fresh(
                Phase.valueOf(settled.reason().name()),
                before.nodeName(),
                before.epoch(),
                before.image(),
                conditions().settled(settled.reason(), settled.message()));
    }

    private TrustedLaunchVMStatus hindered(Problem obstacle) {
        return fresh(
                phase(obstacle),
                before.nodeName(),
                before.epoch(),
                before.image(),
                conditions().hindered(obstacle));
    }

    private TrustedLaunchVMStatus reserved(VmStep.ReserveEpoch reserve) {
        return fresh(
                Phase.Starting,
                reserve.node(),
                reserve.epoch(),
                reserve.image(),
                conditions().starting(reserve.node(), reserve.epoch()));
    }

    /** What the record that was set back knows of a move has been overtaken. */
    private VmStatus withoutOpenMove() {
        return facts.openMove()
                .map(move -> new VmStatus(
                        facts.recording(move.ended(
                                Outcome.Stayed, Reason.MigrationFailed.name(), "a later life of the VM was found")),
                        now))
                .orElse(this);
    }

    /** Without an EK the record knows nothing of this history: its image goes, so that nothing is taken for a first. */
    private TrustedLaunchVMStatus adopted(VmStep.Adopt adopt) {
        return fresh(
                Phase.Starting,
                adopt.node(),
                adopt.epoch(),
                before.vTPM() == null ? null : before.image(),
                conditions().starting(adopt.node(), adopt.epoch()));
    }

    private TrustedLaunchVMStatus takenOver(RetainedVMRecord record) {
        return TrustedLaunchVMStatusBuilder.builder()
                .observedGeneration(facts.vm().getMetadata().getGeneration())
                .phase(Phase.Pending)
                .nodeName(record.nodeName())
                .epoch(record.epoch())
                .image(record.image())
                .vTPM(record.vTPM())
                .guestState(record.guestState())
                .networkInterfaces(before.networkInterfaces())
                .conditions(conditions()
                        .hindered(Problem.of(
                                Reason.Starting, "has taken over VM " + record.name() + " at epoch " + record.epoch())))
                .migration(record.migration())
                .build();
    }

    private TrustedLaunchVMStatus withRecord() {
        return TrustedLaunchVMStatusBuilder.builder(before)
                .vTPM(tpm())
                .guestState(facts.guestState().shown(now))
                .build();
    }

    private VmConditions conditions() {
        return new VmConditions(facts, now);
    }

    private TrustedLaunchVMStatus fresh(
            Phase phase, String node, Long epoch, TrustedLaunchVMStatus.Image image, List<Condition> conditions) {
        List<Interface> interfaces = interfaces();
        return TrustedLaunchVMStatusBuilder.builder()
                .observedGeneration(facts.vm().getMetadata().getGeneration())
                .phase(phase)
                .nodeName(node)
                .epoch(epoch)
                .image(image)
                .vTPM(tpm())
                .guestState(facts.guestState().shown(now))
                .networkInterfaces(interfaces.isEmpty() ? null : interfaces)
                .primaryIP(primaryIp(interfaces))
                .conditions(conditions)
                .migration(before.migration())
                .observedRestart(
                        Objects.equals(epoch, before.epoch())
                                ? before.observedRestart()
                                : facts.requestedRestart().orElse(null))
                .build();
    }

    private Phase phase(Problem obstacle) {
        if (facts.vm().isMarkedForDeletion()) {
            return Phase.Deleting;
        }
        if (TOLD_BY_PHASE.contains(obstacle.reason())) {
            return Phase.valueOf(obstacle.reason().name());
        }
        return facts.current()
                .filter(incarnation -> !incarnation.isOver())
                .map(incarnation -> incarnation.hasNotRunYet()
                        ? Phase.Starting
                        : Phase.valueOf(incarnation.phase().name()))
                .orElse(Phase.Pending);
    }

    /**
     * Without its certificate, which is issued at the write ({@link EkCertificates}). What is on record stays; what a life reports goes on record once. While the guest has not run the incarnation is
     * the record, so that no write is spent on it alone.
     */
    private VTpm tpm() {
        if (before.vTPM() != null) {
            return before.vTPM();
        }
        return facts.current()
                .filter(incarnation -> !incarnation.hasNotRunYet())
                .filter(incarnation -> !(incarnation.ekReport() instanceof EkReport.Contradictory))
                .flatMap(Incarnation::ek)
                .map(digest -> new VTpm(digest, null))
                .orElse(null);
    }

    private List<Interface> interfaces() {
        Map<String, List<String>> addresses = facts
                .current()
                .filter(incarnation -> !incarnation.isOver())
                .flatMap(Incarnation::status)
                .map(VMIncarnationStatus::networkInterfaces)
                .orElseGet(List::of)
                .stream()
                // Before the guest runs its cards are known, and have none.
                .filter(reported -> reported.ipAddresses() != null
                        && !reported.ipAddresses().isEmpty())
                .collect(Collectors.toMap(Interface::name, Interface::ipAddresses, (one, other) -> one));
        return IncarnationBuilder.orEmpty(facts.spec().networkInterfaces()).stream()
                .map(nic -> new Interface(nic.name(), MacAddresses.of(facts.uid(), nic), addresses.get(nic.name())))
                .toList();
    }

    private static String primaryIp(List<Interface> interfaces) {
        return interfaces.stream()
                .map(Interface::ipAddresses)
                .filter(addresses -> addresses != null)
                .flatMap(List::stream)
                .filter(address -> !address.toLowerCase(Locale.ROOT).startsWith("fe80:"))
                .findFirst()
                .orElse(null);
    }
}
