package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.host.NoSpace;
import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.hypervisor.HypervisorFailure;
import io.trustedlaunch.api.Reason;
import java.io.UncheckedIOException;

/** The reasons and messages of failures of this host. */
final class Failures {
    private Failures() {}

    static Reason reason(HypervisorException e) {
        if (NoSpace.isCauseOf(e)) {
            return Reason.NoSpace;
        }
        return switch (e.failure()) {
            case HypervisorFailure.Unavailable unavailable -> Reason.HypervisorUnavailable;
            case HypervisorFailure.TpmStateMissing missing -> Reason.TpmStateMissing;
            case HypervisorFailure.VariablesMissing missing -> Reason.UefiVariablesDamaged;
            case HypervisorFailure.NetworkMissing missing -> Reason.NetworkMissing;
            case HypervisorFailure.NetworkFilterMissing missing -> Reason.NetworkFilterMissing;
            case HypervisorFailure.OtherEpoch other -> Reason.EarlierIncarnationHere;
            case HypervisorFailure.DomainLost domain -> Reason.DomainLost;
            case HypervisorFailure.FirmwareMissing missing -> Reason.StartFailed;
            case HypervisorFailure.StartFailed failed -> Reason.StartFailed;
            case HypervisorFailure.DomainMissing missing -> Reason.StartFailed;
            case HypervisorFailure.StillThere still -> Reason.StartFailed;
            case HypervisorFailure.BackupUnderWay backup -> Reason.StartFailed;
            case HypervisorFailure.BackupJobLost lost -> Reason.BackupJobLost;
            case HypervisorFailure.CheckpointUnusable checkpoint -> Reason.StartFailed;
            case HypervisorFailure.OperationFailed failed -> Reason.StartFailed;
        };
    }

    static Reason reason(UncheckedIOException e) {
        return NoSpace.isCauseOf(e) ? Reason.NoSpace : Reason.HostFileFault;
    }

    static String message(UncheckedIOException e) {
        String cause = e.getCause().getMessage();
        String what = e.getMessage().contains(String.valueOf(cause)) ? e.getMessage() : e.getMessage() + ": " + cause;
        return what + "; " + NoSpace.nextStep(e, "check that disk") + "; the agent tries again";
    }
}
