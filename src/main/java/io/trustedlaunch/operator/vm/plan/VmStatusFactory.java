package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.RecordedImage;
import io.trustedlaunch.api.vm.RetainedVMRecord;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Migration;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Restore;
import io.trustedlaunch.operator.quota.VmCharge;
import java.util.Optional;

/** The statuses that a step can give to a VM. */
public interface VmStatusFactory {
    /** The present status; nothing is written. */
    TrustedLaunchVMStatus unchanged();

    TrustedLaunchVMStatus settled(Reason reason, String message);

    TrustedLaunchVMStatus blocked(Problem problem);

    /** Works like {@link #blocked}, but leaves the status unchanged during the first seconds of a deletion. */
    TrustedLaunchVMStatus waiting(Problem problem);

    TrustedLaunchVMStatus reserved(String node, long epoch, Optional<RecordedImage> image);

    /** The present status; the VM counts for its epoch. */
    TrustedLaunchVMStatus counted();

    /** The present status; the VM counts for that. */
    TrustedLaunchVMStatus charged(VmCharge charge);

    TrustedLaunchVMStatus adopted(String node, long epoch);

    TrustedLaunchVMStatus takenOver(RetainedVMRecord record);

    /** @param shown the step whose status is shown with the migration */
    TrustedLaunchVMStatus migration(Migration migration, Optional<VmStep> shown);

    /** @param restore without times, which are now */
    TrustedLaunchVMStatus restore(Restore restore, Problem shown);

    /** The present status; the disks are whole. */
    TrustedLaunchVMStatus filled();

    /** The present status, with the TPM and the guest state that are reported now. */
    TrustedLaunchVMStatus recorded();
}
