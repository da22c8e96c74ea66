package io.trustedlaunch.operator.vm.facts;

import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.image.RecordedImage;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.VmRef;
import io.trustedlaunch.api.vm.ApprovedGuestState;
import io.trustedlaunch.api.vm.DeletionPolicy;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMSpec;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Fill;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.GuestState;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Migration;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Outcome;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.VTpm;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusBuilder;
import io.trustedlaunch.operator.quota.VmCharge;
import io.trustedlaunch.placement.Constraints;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A VM's own object: what its spec asks for, and what its status has on record. */
public record VmObject(TrustedLaunchVM resource) {
    /** The VM's identity, which names everything that belongs to it outside its resource. */
    public String uid() {
        return resource.identity();
    }

    /** The UID of the VM resource. */
    public String ownerUid() {
        return resource.getMetadata().getUid();
    }

    public String namespace() {
        return resource.getMetadata().getNamespace();
    }

    public String name() {
        return resource.getMetadata().getName();
    }

    /** The reference that the VM's objects carry. */
    public VmRef ref() {
        return new VmRef(namespace(), name(), uid(), ownerUid().equals(uid()) ? null : ownerUid());
    }

    public TrustedLaunchVMSpec spec() {
        return resource.getSpec();
    }

    public Optional<TrustedLaunchVMStatus> status() {
        return resource.status();
    }

    public boolean hasFinalizer() {
        return resource.hasFinalizer(Api.FINALIZER);
    }

    public boolean isBeingDeleted() {
        return resource.isMarkedForDeletion();
    }

    /** Its deletion leaves its files and its key. */
    public boolean isToBeRetained() {
        return spec().deletionPolicy() == DeletionPolicy.Retain;
    }

    public boolean isHalted() {
        return spec().runStrategy() == RunStrategy.Halted;
    }

    /** The storage location that its spec names. */
    public String location() {
        return spec().storageLocationRef().name();
    }

    /** The constraints in its spec as it is now; they apply whenever a node is chosen. */
    public Constraints constraints() {
        return Constraints.of(
                resource.getMetadata().getLabels(), spec().nodeSelector(), spec().affinity(), spec().tolerations());
    }

    /** The value of the annotation that requests a restart, as far as it fits into the status. */
    public Optional<String> requestedRestart() {
        return annotation(Api.RESTARTED_AT)
                .map(value -> value.substring(0, Math.min(value.length(), TrustedLaunchVMStatus.MAX_RESTART)));
    }

    /** The annotation has changed since the current epoch went on record. */
    public boolean isRestartRequested() {
        return requestedRestart().isPresent()
                && !requestedRestart().equals(status().map(TrustedLaunchVMStatus::observedRestart));
    }

    /** A user wants the guest of that epoch to end without its grace period. */
    public boolean isForcedToStop(long epoch) {
        return annotation(Api.FORCE_STOP).equals(Optional.of(Long.toString(epoch)));
    }

    private Optional<String> annotation(String name) {
        return Optional.ofNullable(resource.getMetadata().getAnnotations()).map(all -> all.get(name));
    }

    /** The epoch on record; zero if none was ever reserved. */
    public long epoch() {
        return status().map(TrustedLaunchVMStatus::epoch).orElse(0L);
    }

    /** The node of the epoch on record. */
    public Optional<String> nodeName() {
        return status().map(TrustedLaunchVMStatus::nodeName);
    }

    /** The image that it was made from. */
    public Optional<RecordedImage> image() {
        return status().map(TrustedLaunchVMStatus::image);
    }

    /** The digest of its endorsement key. */
    public Optional<String> ek() {
        return status().map(TrustedLaunchVMStatus::vTPM).map(VTpm::ekDigest);
    }

    public Optional<GuestState> guestState() {
        return status().map(TrustedLaunchVMStatus::guestState);
    }

    public Optional<ApprovedGuestState> approvedGuestState() {
        return Optional.ofNullable(spec().approveGuestState());
    }

    /** The last live migration. */
    public Optional<Migration> migration() {
        return status().map(TrustedLaunchVMStatus::migration);
    }

    public Optional<Migration> openMigration() {
        return migration().filter(migration -> migration.outcome() == null);
    }

    /** The epochs whose incarnations may exist or be about to be created: the current one, and that of an open migration. */
    public Set<Long> epochs() {
        return Stream.concat(
                        status().map(TrustedLaunchVMStatus::epoch).stream(),
                        openMigration().map(Migration::epoch).stream())
                .collect(Collectors.toSet());
    }

    /** Its disks are not whole yet. */
    public Optional<Fill> diskFill() {
        return status().map(TrustedLaunchVMStatus::diskFill);
    }

    public RestoreRecord restores() {
        return new RestoreRecord(resource);
    }

    /** The VM's charge in the quotas of its namespace. */
    public VmCharge charge() {
        return VmCharge.known(resource);
    }

    /** The same with the migration on record; if it succeeded, the incarnation on the target is the current one. */
    VmObject recording(Migration migration) {
        TrustedLaunchVM changed = new TrustedLaunchVM();
        changed.setMetadata(resource.getMetadata());
        changed.setSpec(resource.getSpec());
        boolean moved = migration.outcome() == Outcome.Moved;
        TrustedLaunchVMStatus before = resource.getStatus();
        changed.setStatus(TrustedLaunchVMStatusBuilder.builder(before)
                .nodeName(moved ? migration.targetNode() : before.nodeName())
                .epoch(moved ? migration.epoch() : before.epoch())
                .migration(migration)
                .build());
        return new VmObject(changed);
    }
}
