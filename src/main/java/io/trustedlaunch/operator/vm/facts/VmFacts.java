package io.trustedlaunch.operator.vm.facts;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.RunStrategy;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.TrustedLaunchVMSpec;
import io.trustedlaunch.api.TrustedLaunchVMStatus;
import io.trustedlaunch.api.TrustedLaunchVMStatus.Migration;
import io.trustedlaunch.api.TrustedLaunchVMStatus.Outcome;
import io.trustedlaunch.api.TrustedLaunchVMStatus.VTpm;
import io.trustedlaunch.api.TrustedLaunchVMStatusBuilder;
import io.trustedlaunch.api.VMMigration;
import io.trustedlaunch.placement.Constraints;
import io.trustedlaunch.placement.NodeInfo;
import io.trustedlaunch.placement.Placement;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All that a decision about a VM is made from.
 *
 * @param lives its incarnations, in no order
 * @param locations the paths of the storage locations that exist, by name
 * @param placement with all nodes
 * @param namespaceTerminating known only when something is about to start, as is {@code userData}
 * @param startHold how long the next start must still wait, since the guest ended soon after the last ones
 * @param moves that are wanted and have not ended, the oldest first; of an open move that is taken back there is none
 * @param formerOwnerPresent the VM object that a retained VM had is still there; known only before a takeover
 */
@RecordBuilder
public record VmFacts(
        TrustedLaunchVM vm,
        ImageFacts image,
        Map<String, String> locations,
        KeyFacts key,
        List<Incarnation> incarnations,
        Placement placement,
        InventoryFacts inventory,
        boolean namespaceTerminating,
        UserDataFacts userData,
        Optional<Duration> startHold,
        List<VMMigration> moves,
        boolean formerOwnerPresent) {

    /** The VM's identity, that names all that it has outside its object. */
    public String uid() {
        return vm.identity();
    }

    /** Of the VM object itself. */
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

    /** What the annotation says now, as far as it fits into the status. */
    public Optional<String> requestedRestart() {
        return Optional.ofNullable(vm.getMetadata().getAnnotations())
                .map(all -> all.get(Api.RESTARTED_AT))
                .map(value -> value.substring(0, Math.min(value.length(), TrustedLaunchVMStatus.MAX_RESTART)));
    }

    /** The present epoch was reserved before the annotation got its value. */
    public boolean isRestartAsked() {
        return requestedRestart().isPresent()
                && !requestedRestart().equals(status().map(TrustedLaunchVMStatus::observedRestart));
    }

    /** Zero if none was ever reserved. */
    public long epoch() {
        return epochOf(vm);
    }

    public static long epochOf(TrustedLaunchVM vm) {
        return Optional.ofNullable(vm.getStatus())
                .map(TrustedLaunchVMStatus::epoch)
                .orElse(0L);
    }

    /** No epoch is handed out twice, whatever became of the life that it was for. */
    public long nextEpoch() {
        return Math.max(epoch(), migration().map(Migration::epoch).orElse(0L)) + 1;
    }

    /** The last live migration. */
    public Optional<Migration> migration() {
        return status().map(TrustedLaunchVMStatus::migration);
    }

    public Optional<Migration> openMove() {
        return migration().filter(move -> move.outcome() == null);
    }

    /** As if that were on record: once the guest has moved, its new life is the one on record. */
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

    /** Of the epoch on record. */
    public Optional<String> nodeName() {
        return status().map(TrustedLaunchVMStatus::nodeName);
    }

    public Optional<String> recordedEk() {
        return status().map(TrustedLaunchVMStatus::vTPM).map(VTpm::ekDigest);
    }

    /** Every life up to the one on record was reserved here; one that was adopted has a past that nobody remembers. */
    boolean knowsThePast() {
        return status().map(TrustedLaunchVMStatus::image).isPresent();
    }

    /** The record goes back to the beginning, and says that there never was a TPM (I3). */
    public boolean knowsOfNoTpm() {
        return recordedEk().isEmpty() && guestState().floor().isEmpty() && knowsThePast();
    }

    public GuestStateRecord guestState() {
        return new GuestStateRecord(this);
    }

    /** What the key's Secret says of a VM of this identity that was kept. */
    public RetainedVm keeping() {
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

    public List<NodeInfo> nodes() {
        return placement.nodes();
    }

    /** What the VM's owner says of its place; asked anew for each place that is chosen. */
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

    /** Its ClusterNode is gone, or it is fenced: nothing that lies there can be reached again. */
    public boolean isLost(String node) {
        return node(node).map(NodeInfo::fenced).orElse(true);
    }

    public boolean agentIsAlive(String node) {
        return node(node).map(NodeInfo::agentAlive).orElse(false);
    }
}
