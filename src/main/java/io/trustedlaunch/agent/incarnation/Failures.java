package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.hypervisor.HypervisorFailure;
import io.trustedlaunch.api.Reason;

/** What a user is told of a hypervisor's refusal. */
final class Failures {
    private Failures() {}

    static Reason reason(HypervisorException e) {
        return switch (e.failure()) {
            case HypervisorFailure.Unavailable unavailable -> Reason.HypervisorUnavailable;
            case HypervisorFailure.TpmStateMissing missing -> Reason.TpmStateMissing;
            case HypervisorFailure.VariablesMissing missing -> Reason.TpmStateDamaged;
            case HypervisorFailure.NetworkMissing missing -> Reason.NetworkMissing;
            case HypervisorFailure.OtherEpoch other -> Reason.EarlierLifeHere;
            case HypervisorFailure.FirmwareMissing missing -> Reason.StartFailed;
            case HypervisorFailure.StartFailed failed -> Reason.StartFailed;
            case HypervisorFailure.DomainMissing missing -> Reason.StartFailed;
            case HypervisorFailure.StillThere still -> Reason.StartFailed;
            case HypervisorFailure.OperationFailed failed -> Reason.StartFailed;
        };
    }
}
