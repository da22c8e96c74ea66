package io.trustedlaunch.operator.vm;

import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.RunStrategy;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.TrustedLaunchVMSpec;
import io.trustedlaunch.api.TrustedLaunchVMStatus;
import io.trustedlaunch.api.TrustedLaunchVMStatus.Migration;
import io.trustedlaunch.api.TrustedLaunchVMStatus.Outcome;
import io.trustedlaunch.api.TrustedLaunchVMStatus.VTpm;
import io.trustedlaunch.api.VMMigration;
import io.trustedlaunch.placement.Candidate;
import io.trustedlaunch.placement.Constraints;
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
public record VmFacts(
        TrustedLaunchVM vm,
        ImageFacts image,
        Map<String, String> locations,
        KeyFacts key,
        List<Life> lives,
        Placement placement,
        InventoryFacts inventory,
        boolean namespaceTerminating,
        UserDataFacts userData,
        Optional<Duration> startHold,
        List<VMMigration> moves,
        boolean formerOwnerPresent) {

    /** The VM's identity, that names all that it has outside its object. */
    String uid() {
        return vm.identity();
    }

    /** Of the VM object itself. */
    String ownerUid() {
        return vm.getMetadata().getUid();
    }

    TrustedLaunchVMSpec spec() {
        return vm.getSpec();
    }

    Optional<TrustedLaunchVMStatus> status() {
        return Optional.ofNullable(vm.getStatus());
    }

    boolean hasFinalizer() {
        return vm.hasFinalizer(Api.FINALIZER);
    }

    boolean isHalted() {
        return spec().runStrategy() == RunStrategy.Halted;
    }

    /** What the annotation says now. */
    Optional<String> restartedAt() {
        return Optional.ofNullable(vm.getMetadata().getAnnotations()).map(all -> all.get(Api.RESTARTED_AT));
    }

    /** The present epoch was reserved before the annotation got its value. */
    boolean isRestartAsked() {
        return restartedAt().isPresent() && !restartedAt().equals(status().map(TrustedLaunchVMStatus::restartedAt));
    }

    /** Zero if none was ever reserved. */
    long epoch() {
        return epochOf(vm);
    }

    static long epochOf(TrustedLaunchVM vm) {
        return Optional.ofNullable(vm.getStatus())
                .map(TrustedLaunchVMStatus::epoch)
                .orElse(0L);
    }

    /** No epoch is handed out twice, whatever became of the life that it was for. */
    long nextEpoch() {
        return Math.max(epoch(), migration().map(Migration::epoch).orElse(0L)) + 1;
    }

    /** The last live migration. */
    Optional<Migration> migration() {
        return status().map(TrustedLaunchVMStatus::migration);
    }

    Optional<Migration> openMove() {
        return migration().filter(move -> move.outcome() == null);
    }

    /** As if that were on record: once the guest has moved, its new life is the one on record. */
    VmFacts recording(Migration migration) {
        TrustedLaunchVM changed = new TrustedLaunchVM();
        changed.setMetadata(vm.getMetadata());
        changed.setSpec(vm.getSpec());
        boolean moved = migration.outcome() == Outcome.Moved;
        TrustedLaunchVMStatus before = vm.getStatus();
        changed.setStatus(new TrustedLaunchVMStatus(
                before.observedGeneration(),
                before.phase(),
                moved ? migration.targetNode() : before.nodeName(),
                moved ? migration.epoch() : before.epoch(),
                before.image(),
                before.vTPM(),
                before.guestState(),
                before.networkInterfaces(),
                before.primaryIP(),
                before.conditions(),
                migration,
                before.restartedAt()));
        return new VmFacts(
                changed,
                image,
                locations,
                key,
                lives,
                placement,
                inventory,
                namespaceTerminating,
                userData,
                startHold,
                moves,
                formerOwnerPresent);
    }

    /** Of the epoch on record. */
    Optional<String> nodeName() {
        return status().map(TrustedLaunchVMStatus::nodeName);
    }

    Optional<String> recordedEk() {
        return status().map(TrustedLaunchVMStatus::vTPM).map(VTpm::ekDigest);
    }

    /** Every life up to the one on record was reserved here; one that was adopted has a past that nobody remembers. */
    boolean knowsThePast() {
        return status().map(TrustedLaunchVMStatus::image).isPresent();
    }

    /** The record goes back to the beginning, and says that there never was a TPM (I3). */
    boolean knowsOfNoTpm() {
        return recordedEk().isEmpty() && guestState().floor().isEmpty() && knowsThePast();
    }

    GuestStateRecord guestState() {
        return new GuestStateRecord(this);
    }

    /** What the key's Secret says of a VM of this identity that was kept. */
    Keeping keeping() {
        return Keeping.of(key);
    }

    /** The incarnation of the epoch on record. */
    Optional<Life> current() {
        return life(epoch());
    }

    Optional<Life> life(long epoch) {
        return lives.stream().filter(life -> life.epoch() == epoch).findFirst();
    }

    /** Newest first. */
    List<Life> earlier() {
        return lives.stream()
                .filter(life -> life.epoch() < epoch())
                .sorted(Comparator.comparingLong(Life::epoch).reversed())
                .toList();
    }

    List<Candidate> nodes() {
        return placement.nodes();
    }

    /** What the VM's owner says of its place; asked anew for each place that is chosen. */
    Constraints constraints() {
        return constraintsOf(vm);
    }

    static Constraints constraintsOf(TrustedLaunchVM vm) {
        return Constraints.of(
                vm.getMetadata().getLabels(),
                vm.getSpec().nodeSelector(),
                vm.getSpec().affinity(),
                vm.getSpec().tolerations());
    }

    Optional<Candidate> node(String name) {
        return nodes().stream().filter(node -> node.name().equals(name)).findFirst();
    }

    /** Its ClusterNode is gone, or it is fenced: nothing that lies there can be reached again. */
    boolean isLost(String node) {
        return node(node).map(Candidate::fenced).orElse(true);
    }

    boolean agentIsAlive(String node) {
        return node(node).map(Candidate::agentAlive).orElse(false);
    }
}
