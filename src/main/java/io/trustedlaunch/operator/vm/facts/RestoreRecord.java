package io.trustedlaunch.operator.vm.facts;

import io.trustedlaunch.api.vm.ApprovedRestore;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Restore;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.RestoreOutcome;
import java.util.Optional;

/** A VM's restores from its backups: the last one in its status, and the one that its spec approves. */
public record RestoreRecord(TrustedLaunchVM vm) {
    /** It never had one, and none is asked for. */
    public boolean isNone() {
        return last().isEmpty() && completed().isEmpty() && !isApproved() && !isClone();
    }

    public Optional<Restore> last() {
        return vm.status().map(TrustedLaunchVMStatus::restore);
    }

    /** It has not ended: no incarnation begins. */
    public Optional<Restore> open() {
        return last().filter(restore -> restore.outcome() == null);
    }

    /** One has begun since that incarnation, and has not failed: the incarnation does not begin any more. */
    public boolean comeAfter(Incarnation incarnation) {
        return vm.status().stream()
                .flatMap(status -> status.restoresSince(incarnation.epoch()))
                .findAny()
                .isPresent();
    }

    /** Approved, and not begun. */
    public Optional<ApprovedRestore> due() {
        return approved()
                .filter(approved ->
                        last().filter(restore -> isOf(restore, approved)).isEmpty());
    }

    /** The one that is approved has failed. */
    public Optional<Restore> failed() {
        return ended(RestoreOutcome.Failed)
                .filter(restore ->
                        approved().filter(approved -> isOf(restore, approved)).isPresent());
    }

    /**
     * The last one that completed: whatever has failed since has left the VM's files as they were. One of some data disks has left
     * the guest state as it was.
     */
    public Optional<Restore> completed() {
        return ended(RestoreOutcome.Completed)
                .filter(restore -> !restore.leavesGuestState())
                .or(() -> vm.status().map(TrustedLaunchVMStatus::unusedRestore));
    }

    /** The VM was created with the disks of a backup: what is on record is how far they are copied. */
    public boolean isClone() {
        return vm.copiedBackup().isPresent();
    }

    /** The last one of a copy, if it failed. */
    public Optional<Restore> failedCopy() {
        return ended(RestoreOutcome.Failed).filter(restore -> restore.copyOf() != null);
    }

    /** One that has ended counts no more once its approval is gone: the same backup can be approved again. */
    public boolean isApproved() {
        return approved().isPresent();
    }

    private Optional<ApprovedRestore> approved() {
        return Optional.ofNullable(vm.getSpec().approveRestore());
    }

    private Optional<Restore> ended(RestoreOutcome outcome) {
        return last().filter(restore -> restore.outcome() == outcome);
    }

    private static boolean isOf(Restore restore, ApprovedRestore approved) {
        return restore.backup().name().equals(approved.backupRef().name())
                && restore.disks().equals(approved.disks())
                && restore.startsAtOnce() == approved.startsAtOnce()
                && restore.approvedBy().equals(approved.approvedBy());
    }
}
