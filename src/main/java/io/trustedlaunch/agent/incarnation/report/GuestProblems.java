package io.trustedlaunch.agent.incarnation.report;

import io.trustedlaunch.agent.hypervisor.VtpmState;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.VmRef;
import java.util.Optional;

/** The problem of a guest that runs, to be reported. */
record GuestProblems(VMIncarnation incarnation) {
    /** A problem that a restart of the VM ends has the other problem in its message. */
    Optional<Problem> of(VtpmState vtpm, Optional<Problem> untilRestart, Optional<Problem> sealing) {
        return ofTpm(vtpm, sealing)
                .or(() -> untilRestart.map(
                        problem -> new Problem(problem.reason(), problem.message() + restart(sealing))))
                .or(() -> sealing);
    }

    private Optional<Problem> ofTpm(VtpmState vtpm, Optional<Problem> sealing) {
        return switch (vtpm) {
            case VtpmState.Responding responding -> Optional.empty();
            // The report of an earlier process of the agent holds until this one has looked.
            case VtpmState.Unknown unknown -> reported();
            case VtpmState.Stopped(long pid) ->
                Optional.of(notResponding(
                        "process " + pid + " (swtpm) on " + node() + ", which is the guest's TPM, is stopped. The guest"
                                + " waits for it, and may stand still as a whole, as soon as it uses its TPM",
                        "Continue the process (kill -CONT " + pid + " on " + node() + "), or restart the VM",
                        sealing));
            case VtpmState.Ended ended ->
                Optional.of(notResponding(
                        "the process (swtpm) on " + node()
                                + " that was the guest's TPM has ended. The guest runs without"
                                + " a TPM, so it may be unable to unlock disks or to attest its boot",
                        "A reboot from inside the guest does not bring the TPM back. Restart the VM",
                        sealing));
        };
    }

    private Optional<Problem> reported() {
        return incarnation
                .status()
                .filter(status -> Reason.TpmNotResponding.name().equals(status.reason()))
                .map(status -> new Problem(Reason.TpmNotResponding, status.message()));
    }

    private Problem notResponding(String fact, String nextStep, Optional<Problem> sealing) {
        return new Problem(
                Reason.TpmNotResponding, fact + ". What the TPM stored before is kept. " + nextStep + restart(sealing));
    }

    private String restart(Optional<Problem> sealing) {
        VmRef vm = incarnation.getSpec().vmRef();
        return ": kubectl tlvm restart " + vm.name() + " -n " + vm.namespace()
                + sealing.map(other -> ". Resolve this before you restart it: " + other.message())
                        .orElse("");
    }

    private String node() {
        return incarnation.getSpec().nodeName();
    }
}
