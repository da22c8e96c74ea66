package io.trustedlaunch.operator.vm.status;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ClusterNodeSpec.Maintenance;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RetainedVMRecord;
import io.trustedlaunch.api.TrustedLaunchVMStatus;
import io.trustedlaunch.api.TrustedLaunchVMStatus.Interface;
import io.trustedlaunch.api.TrustedLaunchVMStatus.Migration;
import io.trustedlaunch.api.TrustedLaunchVMStatus.Outcome;
import io.trustedlaunch.api.TrustedLaunchVMStatus.VTpm;
import io.trustedlaunch.api.TrustedLaunchVMStatusBuilder;
import io.trustedlaunch.api.VMIncarnationStatus;
import io.trustedlaunch.operator.vm.facts.EkReport;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.operator.vm.plan.IncarnationBuilder;
import io.trustedlaunch.operator.vm.plan.MacAddresses;
import io.trustedlaunch.operator.vm.plan.VmDeletionPlan;
import io.trustedlaunch.operator.vm.plan.VmStatusFactory;
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
public final class VmStatus implements VmStatusFactory {
    private static final String PENDING = "Pending";

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
        return Optional.of(step.status(facts, status))
                .filter(after -> step.needsGuestStateOnRecord() || status.isWorthAWrite(after))
                .or(facts::status);
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

    @Override
    public TrustedLaunchVMStatus unchanged() {
        return before;
    }

    @Override
    public TrustedLaunchVMStatus settled(Reason reason, String message) {
        return fresh(
                reason.name(),
                before.nodeName(),
                before.epoch(),
                before.image(),
                conditions().settled(reason, message));
    }

    @Override
    public TrustedLaunchVMStatus blocked(Problem problem) {
        return fresh(
                phase(problem),
                before.nodeName(),
                before.epoch(),
                before.image(),
                conditions().blocked(problem));
    }

    @Override
    public TrustedLaunchVMStatus waiting(Problem problem) {
        return isQuickDeletion() ? unchanged() : blocked(problem);
    }

    @Override
    public TrustedLaunchVMStatus reserved(String node, long epoch, TrustedLaunchVMStatus.Image image) {
        return fresh(Reason.Starting.name(), node, epoch, image, conditions().starting(node, epoch));
    }

    @Override
    public TrustedLaunchVMStatus adopted(String node, long epoch) {
        return withoutOpenMove().newHistory(node, epoch);
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
    private TrustedLaunchVMStatus newHistory(String node, long epoch) {
        return fresh(
                Reason.Starting.name(),
                node,
                epoch,
                before.vTPM() == null ? null : before.image(),
                conditions().starting(node, epoch));
    }

    @Override
    public TrustedLaunchVMStatus migration(Migration migration, Optional<VmStep> shown) {
        VmFacts recorded = facts.recording(migration);
        VmStatus status = new VmStatus(recorded, now);
        return shown.map(step -> step.status(recorded, status)).orElseGet(status::unchanged);
    }

    @Override
    public TrustedLaunchVMStatus takenOver(RetainedVMRecord record) {
        return TrustedLaunchVMStatusBuilder.builder()
                .observedGeneration(facts.vm().getMetadata().getGeneration())
                .phase(PENDING)
                .nodeName(record.nodeName())
                .epoch(record.epoch())
                .image(record.image())
                .vTPM(record.vTPM())
                .guestState(record.guestState())
                .networkInterfaces(before.networkInterfaces())
                .conditions(conditions()
                        .blocked(new Problem(
                                Reason.Starting, "has taken over VM " + record.name() + " at epoch " + record.epoch())))
                .migration(record.migration())
                .build();
    }

    @Override
    public TrustedLaunchVMStatus recorded() {
        return TrustedLaunchVMStatusBuilder.builder(before)
                .vTPM(tpm())
                .guestState(facts.guestState().shown(now))
                .build();
    }

    private VmConditions conditions() {
        return new VmConditions(facts, now);
    }

    private TrustedLaunchVMStatus fresh(
            String phase, String node, Long epoch, TrustedLaunchVMStatus.Image image, List<Condition> conditions) {
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
                .restartedAt(
                        Objects.equals(epoch, before.epoch())
                                ? before.restartedAt()
                                : facts.restartedAt().orElse(null))
                .build();
    }

    private String phase(Problem problem) {
        if (facts.vm().isMarkedForDeletion()) {
            return Reason.Deleting.name();
        }
        if (TOLD_BY_PHASE.contains(problem.reason())) {
            return problem.reason().name();
        }
        return facts.current()
                .filter(incarnation -> !incarnation.isOver())
                .map(incarnation -> incarnation.hasNotRunYet()
                        ? Reason.Starting.name()
                        : incarnation.phase().name())
                .orElse(PENDING);
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
