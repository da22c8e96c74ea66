package io.trustedlaunch.operator.vm.status;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RecordedTime;
import io.trustedlaunch.api.image.RecordedImage;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Disk;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.node.ClusterNodeSpec.Maintenance;
import io.trustedlaunch.api.node.ClusterNodeStatus.Versions;
import io.trustedlaunch.api.vm.RetainedVMRecord;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Failover;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.GuestState;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Home;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Interface;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Migration;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Outcome;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Phase;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Restore;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.VTpm;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusFailoverBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusGuestStateBuilder;
import io.trustedlaunch.api.vm.VmDisk;
import io.trustedlaunch.operator.quota.VmCharge;
import io.trustedlaunch.operator.vm.facts.DataDisks;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.Over;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.operator.vm.facts.VmIncarnations;
import io.trustedlaunch.operator.vm.facts.VmNodes;
import io.trustedlaunch.operator.vm.facts.VmObject;
import io.trustedlaunch.operator.vm.plan.MachineBuilder;
import io.trustedlaunch.operator.vm.plan.StartChecks;
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
import java.util.function.Function;
import java.util.stream.Collectors;

/** Builds the status of a VM from its facts and its next step. It is written before the step is carried out. */
public final class VmStatus implements VmStatusFactory {

    private static final Set<Reason> SHOWN_AS_PHASE =
            EnumSet.of(Reason.Stopping, Reason.Restarting, Reason.AgentNotAlive, Reason.Migrating, Reason.Restoring);

    private final VmFacts facts;
    private final VmObject vm;
    private final VmIncarnations incarnations;
    private final VmNodes nodes;
    private final Instant now;
    private final GuestStateStatus guestState;
    private final RestoreStatus restores;
    private final ChargeStatus charges;
    private final GuestStatus guests;
    private final TrustedLaunchVMStatus before;

    private VmStatus(VmFacts facts, Instant now) {
        this.facts = facts;
        this.vm = facts.vm();
        this.incarnations = facts.incarnations();
        this.nodes = facts.nodes();
        this.now = now;
        this.guestState = new GuestStateStatus(facts, now);
        this.restores = new RestoreStatus(facts, now);
        this.charges = new ChargeStatus(facts);
        this.guests = new GuestStatus(facts);
        this.before = facts.vm()
                .status()
                .orElseGet(() -> TrustedLaunchVMStatusBuilder.builder().build());
    }

    /** Equal to the present status if a change is not worth a write: a step that is done at once costs none. */
    public static Optional<TrustedLaunchVMStatus> of(VmFacts facts, VmStep step, Instant now) {
        VmStatus status = new VmStatus(facts, now);
        return Optional.of(step.status(facts, status))
                .filter(after -> step.needsGuestStateOnRecord() || status.isWorthAWrite(after))
                .or(facts.vm()::status);
    }

    /** Only a deletion that takes longer is shown in the status. */
    private boolean isQuickDeletion() {
        return vm.isBeingDeleted()
                && !RecordedTime.isOver(
                        VmDeletionPlan.QUICK,
                        Instant.parse(vm.resource().getMetadata().getDeletionTimestamp()),
                        now);
    }

    /** A slightly newer guest state at home alone is not worth a write. */
    private boolean isWorthAWrite(TrustedLaunchVMStatus after) {
        return guestState.isWorthAWrite(after.guestState()) || !quiet(before).equals(quiet(after));
    }

    /** Leaves out changes that are written only together with others. */
    private TrustedLaunchVMStatus quiet(TrustedLaunchVMStatus status) {
        return TrustedLaunchVMStatusBuilder.builder(status)
                .guestState(null)
                .guest(GuestStatus.quiet(status.guest()))
                .conditions(
                        status.conditions() == null
                                ? null
                                : status.conditions().stream().map(this::quiet).toList())
                .build();
    }

    /** The number of possible targets changes with every other VM; it matters while the node is drained. */
    private Condition quiet(Condition condition) {
        return condition.getType().equals(ConditionType.Migratable.name()) && !isDrained()
                ? condition.edit().withMessage("").build()
                : condition;
    }

    private boolean isDrained() {
        return vm.nodeName()
                .flatMap(nodes::find)
                .filter(node -> node.spec().maintenance() == Maintenance.Drain)
                .isPresent();
    }

    @Override
    public TrustedLaunchVMStatus unchanged() {
        return before;
    }

    @Override
    public TrustedLaunchVMStatus settled(Reason reason, String message) {
        return charges.settled(
                reason, fresh(Phase.valueOf(reason.name()), conditions().settled(reason, message)));
    }

    @Override
    public TrustedLaunchVMStatus blocked(Problem problem) {
        return charges.blocked(
                problem.reason(), fresh(phase(problem), conditions().blocked(problem)));
    }

    @Override
    public TrustedLaunchVMStatus waiting(Problem problem) {
        return isQuickDeletion() ? unchanged() : blocked(problem);
    }

    @Override
    public TrustedLaunchVMStatus reserved(String node, long epoch, Optional<RecordedImage> image) {
        TrustedLaunchVMStatus status = charges.started(fresh(
                Phase.Starting, node, epoch, image.orElse(null), conditions().starting(node, epoch)));
        return facts.losses()
                .last()
                .map(from -> TrustedLaunchVMStatusBuilder.builder(status)
                        .guestState(withFloorOfLostNodes(status.guestState()))
                        .failover(failover(from, epoch, status.guestState()))
                        .build())
                .orElse(status);
    }

    @Override
    public TrustedLaunchVMStatus counted() {
        return charges.started(before);
    }

    @Override
    public TrustedLaunchVMStatus charged(VmCharge charge) {
        return charges.with(before, charge);
    }

    /** A dead node's report on the guest state counts from the write that reserves the next epoch. */
    private GuestState withFloorOfLostNodes(GuestState state) {
        return state == null
                ? null
                : TrustedLaunchVMStatusGuestStateBuilder.builder(state)
                        .floor(facts.losses().floor().orElse(null))
                        .build();
    }

    /** The failover, for people; nothing is decided by it. The VM's record of its newest state is that node's report. */
    private Failover failover(Over.ByFence from, long epoch, GuestState state) {
        Optional<GuestState> reported = Optional.ofNullable(state);
        return TrustedLaunchVMStatusFailoverBuilder.builder()
                .fence(from.fence())
                .fromNode(from.incarnation().node())
                .fromEpoch(from.incarnation().epoch())
                .toEpoch(epoch)
                .time(now.toString())
                .newest(reported.map(GuestState::newest).orElse(null))
                .sealTime(reported.map(GuestState::sealTime).orElse(null))
                .lagMilliseconds(reported.map(GuestState::lagMilliseconds).orElse(null))
                .build();
    }

    @Override
    public TrustedLaunchVMStatus adopted(String node, long epoch) {
        return withoutOpenMigration().newHistory(node, epoch);
    }

    /** A record that was restored from a backup may show an open migration that has long ended. */
    private VmStatus withoutOpenMigration() {
        return vm.openMigration()
                .map(migration -> new VmStatus(
                        facts.recording(migration.ended(
                                Outcome.Stayed,
                                Reason.MigrationFailed.name(),
                                "a later incarnation of the VM was found")),
                        now))
                .orElse(this);
    }

    /** Unless it never ran, the VM's state is its own: what is on record is from before it. */
    private TrustedLaunchVMStatus newHistory(String node, long epoch) {
        TrustedLaunchVMStatus status = charges.adopted(
                fresh(Phase.Starting, node, epoch, before.image(), conditions().starting(node, epoch)));
        boolean neverRan = incarnations.of(epoch).filter(Incarnation::neverRan).isPresent();
        if (neverRan) {
            return status;
        }
        Home home = incarnations.claims().home(vm.location(), node, epoch, false);
        return TrustedLaunchVMStatusBuilder.builder(status)
                .guestState((status.guestState() == null
                                ? TrustedLaunchVMStatusGuestStateBuilder.builder()
                                : TrustedLaunchVMStatusGuestStateBuilder.builder(status.guestState()))
                        .home(home)
                        .libtpms(nodes.find(node)
                                .flatMap(known -> known.version(Versions::libtpms))
                                .orElse(null))
                        .build())
                .build();
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
                .observedGeneration(vm.resource().getMetadata().getGeneration())
                .phase(Phase.Pending)
                .nodeName(record.home().nodeName())
                .epoch(record.epoch())
                .image(record.image())
                .vTPM(record.vTPM())
                .guestState(record.guestState())
                .secureBoot(record.secureBoot())
                .networkInterfaces(before.networkInterfaces())
                .conditions(conditions()
                        .blocked(new Problem(
                                Reason.Starting,
                                "the VM has taken over VM " + record.name() + " at epoch " + record.epoch())))
                .migration(record.migration())
                .diskFill(record.diskFill())
                .observedRestart(observedRestart(record.epoch()))
                .charged(VmCharge.of(record).toStatus())
                .build();
    }

    @Override
    public TrustedLaunchVMStatus restore(Restore restore, Problem shown) {
        return charges.restore(restore, restores.with(restore, blocked(shown)));
    }

    @Override
    public TrustedLaunchVMStatus filled() {
        return TrustedLaunchVMStatusBuilder.builder(before).diskFill(null).build();
    }

    @Override
    public TrustedLaunchVMStatus recorded() {
        VTpm tpm = tpm(before.epoch());
        return TrustedLaunchVMStatusBuilder.builder(before)
                .vTPM(tpm)
                .guestState(guestState.shown(tpm != null).orElse(null))
                .secureBoot(incarnations.secureBoot().orElse(null))
                .build();
    }

    private VmConditions conditions() {
        return new VmConditions(facts, now);
    }

    private TrustedLaunchVMStatus fresh(Phase phase, List<Condition> conditions) {
        return fresh(phase, before.nodeName(), before.epoch(), before.image(), conditions);
    }

    private TrustedLaunchVMStatus fresh(
            Phase phase, String node, Long epoch, RecordedImage image, List<Condition> conditions) {
        List<Interface> interfaces = interfaces();
        VTpm tpm = tpm(epoch);
        return TrustedLaunchVMStatusBuilder.builder()
                .observedGeneration(vm.resource().getMetadata().getGeneration())
                .phase(phase)
                .nodeName(node)
                .epoch(epoch)
                .image(image)
                .vTPM(tpm)
                .guestState(guestState.shown(tpm != null).orElse(null))
                .secureBoot(incarnations.secureBoot().orElse(null))
                .networkInterfaces(interfaces.isEmpty() ? null : interfaces)
                .dataDisks(shown(DataDisks::disks))
                .removedDisks(shown(DataDisks::removed))
                .primaryIP(primaryIp(interfaces))
                .guest(guests.shown().orElse(null))
                .conditions(conditions)
                .migration(before.migration())
                .failover(before.failover())
                .restore(restores.last())
                .unusedRestore(restores.unused())
                .diskFill(new FillStatus(facts).shown())
                .observedRestart(observedRestart(epoch))
                .charged(before.charged())
                .build();
    }

    /** What an incarnation has, and not what the spec asks for. */
    private List<VmDisk> shown(Function<DataDisks, List<Disk>> which) {
        return incarnations
                .current()
                .map(incarnation -> DataDisks.of(incarnation.machine()))
                .or(() -> DataDisks.onRecord(facts))
                .map(which)
                .orElseGet(List::of)
                .stream()
                .map(disk -> new VmDisk(disk.identity().toString(), disk.name(), disk.size()))
                .toList();
    }

    /** A value that stands when an epoch goes on record, by whatever step, requests no further restart. */
    private String observedRestart(Long epoch) {
        return Objects.equals(epoch, before.epoch())
                ? before.observedRestart()
                : vm.requestedRestart().orElse(null);
    }

    private Phase phase(Problem problem) {
        if (vm.isBeingDeleted()) {
            return Phase.Deleting;
        }
        if (SHOWN_AS_PHASE.contains(problem.reason())) {
            return Phase.valueOf(problem.reason().name());
        }
        return incarnations
                .current()
                .filter(incarnation -> !nodes.isOver(incarnation))
                .map(incarnation -> incarnation.hasNotRunYet()
                        ? Phase.Starting
                        : Phase.valueOf(incarnation.phase().name()))
                .orElse(Phase.Pending);
    }

    /**
     * The recorded EK never changes. Once it is on record, the guest may run for the first time (I3).
     * {@link EkCertificates} adds the certificate.
     *
     * @param epoch that goes on record with it
     */
    private VTpm tpm(Long epoch) {
        if (before.vTPM() != null) {
            return before.vTPM();
        }
        return incarnations
                .current()
                .filter(this::isLatest)
                .filter(incarnation -> !incarnations.isFirstStart()
                        || (Objects.equals(epoch, incarnation.epoch()) && mayRun(incarnation)))
                .filter(incarnation -> incarnations.ek().mayGoOnRecord())
                .flatMap(Incarnation::ek)
                .map(digest -> new VTpm(digest, null))
                .orElse(null);
    }

    /** A first start needs an eligible image until here (I5). */
    private boolean mayRun(Incarnation incarnation) {
        return incarnation.phase() == VMIncarnationStatus.Phase.Prepared
                && incarnation.desired() == DesiredState.Running
                && !nodes.isFenced(incarnation.node())
                && !StartChecks.isSuperseded(facts, incarnation);
    }

    /**
     * Restored data may not know of the later incarnation, or that the epoch was handed out before; the VM's TPM may be
     * there (I1, I3).
     */
    private boolean isLatest(Incarnation incarnation) {
        return nodes.inventory().unanswered().isEmpty()
                && nodes.inventory()
                        .latest()
                        .filter(seen -> seen.epoch() >= incarnation.epoch()
                                && !seen.node().equals(incarnation.node()))
                        .isEmpty();
    }

    /** Those of the guest, or that the next one will have. */
    private List<Interface> interfaces() {
        Optional<Incarnation> present = incarnations.current().filter(incarnation -> !nodes.isOver(incarnation));
        Map<String, List<String>> addresses =
                present
                        .flatMap(Incarnation::status)
                        .map(VMIncarnationStatus::networkInterfaces)
                        .orElseGet(List::of)
                        .stream()
                        // Before the guest runs, its interfaces are reported without addresses.
                        .filter(reported -> reported.ipAddresses() != null
                                && !reported.ipAddresses().isEmpty())
                        .collect(Collectors.toMap(Interface::name, Interface::ipAddresses, (one, other) -> one));
        return present
                .map(incarnation -> incarnation.machine().nics())
                .orElseGet(() -> new MachineBuilder(facts).nics())
                .stream()
                .map(nic -> new Interface(nic.name(), nic.mac(), addresses.get(nic.name())))
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
