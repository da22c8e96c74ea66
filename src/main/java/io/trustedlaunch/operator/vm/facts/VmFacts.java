package io.trustedlaunch.operator.vm.facts;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.RunStrategy;
import io.trustedlaunch.api.SecureBootState;
import io.trustedlaunch.api.StorageLocationSpec;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.TrustedLaunchVMSpec;
import io.trustedlaunch.api.TrustedLaunchVMStatus;
import io.trustedlaunch.api.TrustedLaunchVMStatus.GuestState;
import io.trustedlaunch.api.TrustedLaunchVMStatus.Home;
import io.trustedlaunch.api.TrustedLaunchVMStatus.Migration;
import io.trustedlaunch.api.TrustedLaunchVMStatus.Outcome;
import io.trustedlaunch.api.TrustedLaunchVMStatus.Restore;
import io.trustedlaunch.api.TrustedLaunchVMStatus.VTpm;
import io.trustedlaunch.api.TrustedLaunchVMStatusBuilder;
import io.trustedlaunch.api.VMMigration;
import io.trustedlaunch.api.VMNetworkSpec;
import io.trustedlaunch.operator.fencing.Fences.ProvedDeath;
import io.trustedlaunch.operator.quota.QuotaFacts;
import io.trustedlaunch.operator.quota.VmCharge;
import io.trustedlaunch.placement.Constraints;
import io.trustedlaunch.placement.NodeInfo;
import io.trustedlaunch.placement.Placement;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * All facts that a decision about a VM is made from.
 *
 * @param cluster UID of this cluster
 * @param locations the storage locations by name
 * @param networks the VMNetworks by name
 * @param cardsWithTakenMac the network cards whose MAC address another VM had first in their network
 * @param incarnations in no order
 * @param ek what the current incarnation's agent reports, read only until a certificate is on record
 * @param placement with all nodes
 * @param namespaceTerminating read only if a start is due, as is {@code userData}
 * @param startHold how long the next start must still wait, because the guest repeatedly ended soon after its start
 * @param migrations the VMMigrations that are neither deleted nor finished, the oldest first
 * @param failoverTurn whether it may start elsewhere beside others; asked only when a node is reserved
 * @param fenced the nodes that are proved dead, for as long as the proof holds, each with the NodeFence that proves it
 * @param namespaceUID of the VM's namespace; read only before a takeover, and to retain the VM
 * @param formerOwner of a retained VM; read only before a takeover
 * @param identityInUse whether another VM object has this VM's identity; read only before a takeover, as is {@code escrow}
 * @param restore from one of its backups
 * @param quota what the quotas of its namespace leave to it; exact only when it is read to reserve something
 * @param now by this process's clock
 */
@RecordBuilder
public record VmFacts(
        TrustedLaunchVM vm,
        String cluster,
        ImageFacts image,
        Map<String, StorageLocationSpec> locations,
        Map<String, VMNetworkSpec> networks,
        Set<String> cardsWithTakenMac,
        KeyFacts key,
        List<Incarnation> incarnations,
        EkReport ek,
        Placement placement,
        InventoryFacts inventory,
        boolean namespaceTerminating,
        UserDataFacts userData,
        Optional<Duration> startHold,
        List<VMMigration> migrations,
        Map<String, ProvedDeath> fenced,
        Optional<FailoverTurn> failoverTurn,
        Optional<String> namespaceUID,
        FormerOwner formerOwner,
        boolean identityInUse,
        EscrowFacts escrow,
        RestoreFacts restore,
        QuotaFacts quota,
        Instant now) {
    /** The VM's identity, which names everything that belongs to it outside its object. */
    public String uid() {
        return vm.identity();
    }

    /** The UID of the VM object. */
    public String ownerUid() {
        return vm.getMetadata().getUid();
    }

    public TrustedLaunchVMSpec spec() {
        return vm.getSpec();
    }

    public Optional<TrustedLaunchVMStatus> status() {
        return Optional.ofNullable(vm.getStatus());
    }

    public boolean hasFinalizer() {
        return vm.hasFinalizer(Api.FINALIZER);
    }

    public boolean isHalted() {
        return spec().runStrategy() == RunStrategy.Halted;
    }

    /** The value of the annotation that requests a restart, as far as it fits into the status. */
    public Optional<String> requestedRestart() {
        return Optional.ofNullable(vm.getMetadata().getAnnotations())
                .map(all -> all.get(Api.RESTARTED_AT))
                .map(value -> value.substring(0, Math.min(value.length(), TrustedLaunchVMStatus.MAX_RESTART)));
    }

    /** The annotation has changed since the current epoch went on record. */
    public boolean isRestartRequested() {
        return requestedRestart().isPresent()
                && !requestedRestart().equals(status().map(TrustedLaunchVMStatus::observedRestart));
    }

    /** A user wants the guest of that epoch to end without its grace period. */
    public boolean isForcedToStop(long epoch) {
        return Optional.ofNullable(vm.getMetadata().getAnnotations())
                .map(all -> all.get(Api.FORCE_STOP))
                .equals(Optional.of(Long.toString(epoch)));
    }

    /**
     * Another node has the VM since, without a word of that incarnation's agent: a later one began because of a fence, or has let
     * the VM's guest run.
     */
    public boolean wasGivenAway(Incarnation incarnation) {
        boolean isFollowed = home().known()
                        .filter(home -> home.epoch() > incarnation.epoch())
                        .isPresent()
                || incarnations.stream()
                        .anyMatch(later -> later.epoch() > incarnation.epoch()
                                && !later.afterFences().isEmpty());
        return incarnation.epoch() < epoch() && !incarnation.isOver() && isFollowed;
    }

    /** The epoch on record; zero if none was ever reserved. */
    public long epoch() {
        return epochOf(vm);
    }

    public static long epochOf(TrustedLaunchVM vm) {
        return Optional.ofNullable(vm.getStatus())
                .map(TrustedLaunchVMStatus::epoch)
                .orElse(0L);
    }

    public Epochs epochs() {
        return new Epochs(this);
    }

    /** The last live migration. */
    public Optional<Migration> migration() {
        return status().map(TrustedLaunchVMStatus::migration);
    }

    public Optional<Migration> openMigration() {
        return migration().filter(migration -> migration.outcome() == null);
    }

    /** What the VM counts for in the quotas of its namespace by its record. */
    public VmCharge charge() {
        return VmCharge.known(vm);
    }

    /** These facts with the migration on record; if it succeeded, the incarnation on the target is the current one. */
    public VmFacts recording(Migration migration) {
        TrustedLaunchVM changed = new TrustedLaunchVM();
        changed.setMetadata(vm.getMetadata());
        changed.setSpec(vm.getSpec());
        boolean moved = migration.outcome() == Outcome.Moved;
        TrustedLaunchVMStatus before = vm.getStatus();
        changed.setStatus(TrustedLaunchVMStatusBuilder.builder(before)
                .nodeName(moved ? migration.targetNode() : before.nodeName())
                .epoch(moved ? migration.epoch() : before.epoch())
                .migration(migration)
                .build());
        return VmFactsBuilder.builder(this).vm(changed).build();
    }

    /** The node of the epoch on record. */
    public Optional<String> nodeName() {
        return status().map(TrustedLaunchVMStatus::nodeName);
    }

    public Optional<String> recordedEk() {
        return ekOf(vm);
    }

    public static Optional<String> ekOf(TrustedLaunchVM vm) {
        return Optional.ofNullable(vm.getStatus())
                .map(TrustedLaunchVMStatus::vTPM)
                .map(VTpm::ekDigest);
    }

    /**
     * No TPM of the VM can have run, so one may be made (I3): a guest runs for the first time only once the VM's status
     * names its EK. If that status was lost, an incarnation that was created for a later start shows that there was one.
     */
    public boolean isFirstStart() {
        return recordedEk().isEmpty()
                && recordedHome().isEmpty()
                && incarnations.stream()
                        .noneMatch(one -> one.hasRun()
                                || !one.isFirstStart()
                                || one.foundHome().isPresent());
    }

    /** One that was adopted says nothing if its incarnation, the VM's first start, has ended with none. */
    Optional<Home> recordedHome() {
        return status().map(TrustedLaunchVMStatus::guestState)
                .map(GuestState::home)
                .filter(home ->
                        recordedEk().isPresent() || incarnations.stream().noneMatch(one -> one.leftNothingIn(home)));
    }

    /** As which cluster its incarnations claim the home. */
    public ClaimFacts claims() {
        return new ClaimFacts(cluster, recordedHome());
    }

    /**
     * Where a backup was restored to, until an incarnation begins from it. If neither the record nor an incarnation tells:
     * where a node reports the last one, perhaps with newer state.
     */
    public HomeFacts home() {
        return guestState()
                .restored()
                .map(restore -> new HomeFacts(Optional.of(home(restore)), Optional.empty()))
                .orElseGet(this::homeOfIncarnations);
    }

    private Home home(Restore restore) {
        return claims().home(restore.storageLocation(), restore.nodeName(), restore.afterEpoch(), true);
    }

    private HomeFacts homeOfIncarnations() {
        HomeFacts home = HomeFacts.of(recordedHome(), incarnations);
        return home.known().isPresent() || isFirstStart() ? home : home.or(reportedHome());
    }

    private Optional<Home> reportedHome() {
        return inventory
                .latest()
                .map(last -> claims().home(spec().storageLocationRef().name(), last.node(), last.epoch(), false));
    }

    /** With an approval of a state that a guest left on its node when it migrated: that node's folder. */
    public HomeFacts homeToStartFrom() {
        return guestState()
                .approvedNext()
                .filter(approved -> guestState().restored().isEmpty())
                .flatMap(approved -> incarnation(approved.epoch()))
                .filter(Incarnation::keepsWhatItLeft)
                .map(left -> new HomeFacts(Optional.of(left.home()), Optional.empty()))
                .orElseGet(this::home);
    }

    /** As the current incarnation's agent reports it; until it does, as it is on record. */
    public Optional<SecureBootState> secureBoot() {
        return current().flatMap(Incarnation::secureBoot).or(() -> status().map(TrustedLaunchVMStatus::secureBoot));
    }

    public RestoreRecord restores() {
        return new RestoreRecord(vm);
    }

    public GuestStateRecord guestState() {
        return new GuestStateRecord(this);
    }

    /** The record of a retained VM with this identity. */
    public RetainedVm retained() {
        return RetainedVm.of(key);
    }

    /** The incarnation of the epoch on record. */
    public Optional<Incarnation> current() {
        return incarnation(epoch());
    }

    public Optional<Incarnation> incarnation(long epoch) {
        return incarnations.stream()
                .filter(incarnation -> incarnation.epoch() == epoch)
                .findFirst();
    }

    /** Newest first. */
    public List<Incarnation> earlier() {
        return incarnations.stream()
                .filter(incarnation -> incarnation.epoch() < epoch())
                .sorted(Comparator.comparingLong(Incarnation::epoch).reversed())
                .toList();
    }

    /** It has an envelope that its node can open: an agent whose state was lost has another key than before. */
    public boolean hasUsableEnvelope(Incarnation incarnation) {
        return incarnation.hasEnvelopeFor(node(incarnation.node()).flatMap(NodeInfo::sealingKey));
    }

    public List<NodeInfo> nodes() {
        return placement.nodes();
    }

    /** The constraints in the VM's spec as it is now; they apply whenever a node is chosen. */
    public Constraints constraints() {
        return constraintsOf(vm);
    }

    public static Constraints constraintsOf(TrustedLaunchVM vm) {
        return Constraints.of(
                vm.getMetadata().getLabels(),
                vm.getSpec().nodeSelector(),
                vm.getSpec().affinity(),
                vm.getSpec().tolerations());
    }

    public Optional<NodeInfo> node(String name) {
        return nodes().stream().filter(node -> node.name().equals(name)).findFirst();
    }

    public NodeState state(String node) {
        if (fenced.containsKey(node)) {
            return NodeState.FENCED;
        }
        return node(node)
                .map(found -> found.agentAlive() ? NodeState.RESPONDING : NodeState.SILENT)
                .orElse(NodeState.UNREGISTERED);
    }

    public boolean isAgentAlive(String node) {
        return state(node) == NodeState.RESPONDING;
    }

    public boolean isFenced(String node) {
        return state(node) == NodeState.FENCED;
    }

    /** Why the incarnation never runs again; empty: it may. */
    public Optional<Over> over(Incarnation incarnation) {
        return incarnation.isOver()
                ? Optional.of(new Over.BySelf())
                : Optional.ofNullable(fenced.get(incarnation.node()))
                        .map(death -> new Over.ByFence(incarnation, death));
    }

    public boolean isOver(Incarnation incarnation) {
        return over(incarnation).isPresent();
    }

    /** What is gone with nodes that are proved dead. */
    public NodeLosses losses() {
        return new NodeLosses(this);
    }

    /** What its guest left on its node may be the newest state: no later incarnation has taken it from there. */
    public boolean mayHaveNewest(Incarnation incarnation) {
        return incarnation.keepsWhatItLeft()
                && home().known()
                        .filter(home -> home.epoch() > incarnation.epoch())
                        .isEmpty();
    }

    /** Its guest has left, and the VM's files are on its node, or may be: no later incarnation has taken them there. */
    public boolean keepsFiles(Incarnation incarnation) {
        boolean isHome = incarnation.hasLeft()
                && home().known()
                        .filter(home -> home.epoch() == incarnation.epoch())
                        .isPresent();
        boolean isContinued = incarnations.stream()
                .filter(later -> later.epoch() > incarnation.epoch() && later.hasTakenHome())
                .anyMatch(later -> later.node().equals(incarnation.node()));
        return !isContinued && (isHome || incarnation.keepsWhatItLeft());
    }

    /** Whether the deletion of the VM waits for this node's agent. Later, its agent removes what is there. */
    public boolean deletionAwaits(String node) {
        return switch (state(node)) {
            case RESPONDING, SILENT -> !node(node).orElseThrow().outOfService();
            case UNREGISTERED, FENCED -> false;
        };
    }
}
