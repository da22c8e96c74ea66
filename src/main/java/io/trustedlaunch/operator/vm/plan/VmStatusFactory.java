package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RetainedVMRecord;
import io.trustedlaunch.api.TrustedLaunchVMStatus;
import io.trustedlaunch.api.TrustedLaunchVMStatus.Migration;
import java.util.Optional;

/** The statuses that a step can give a VM. */
public interface VmStatusFactory {
    /** Not written. */
    TrustedLaunchVMStatus unchanged();

    TrustedLaunchVMStatus settled(Reason reason, String message);

    TrustedLaunchVMStatus blocked(Problem problem);

    /** As {@link #blocked}, but a deletion is left unmentioned for its first seconds. */
    TrustedLaunchVMStatus waiting(Problem problem);

    TrustedLaunchVMStatus reserved(String node, long epoch, TrustedLaunchVMStatus.Image image);

    TrustedLaunchVMStatus adopted(String node, long epoch);

    TrustedLaunchVMStatus takenOver(RetainedVMRecord record);

    /** @param shown the step whose status is shown with the migration */
    TrustedLaunchVMStatus migration(Migration migration, Optional<VmStep> shown);

    /** The present status, with the TPM and the guest state as they are reported now. */
    TrustedLaunchVMStatus recorded();
}
