package io.trustedlaunch.operator.backup;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.GuestState;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Restore;
import io.trustedlaunch.controller.Conditions.State;
import io.trustedlaunch.operator.vm.facts.RestoreRecord;
import java.util.Optional;
import java.util.Set;

/**
 * A VM that is off: its files are saved as they are. Nothing is put on record for that, and no start waits: the run ends when a
 * start is on record, and what was read until then is not used. Pure.
 */
public final class StoppedVm {
    private static final Set<String> OFF = Set.of(Reason.Halted.name(), Reason.Succeeded.name());

    private StoppedVm() {}

    /** It stays off until somebody starts it. */
    public static boolean isOff(TrustedLaunchVM vm) {
        return vm.condition(ConditionType.Running)
                .filter(running -> running.getStatus().equals(State.False.name()))
                .map(Condition::getReason)
                .filter(OFF::contains)
                .isPresent();
    }

    /** Why one that is off cannot be saved as it is, as a clause after its name; empty if it can. */
    static Optional<String> obstacle(TrustedLaunchVM vm, Optional<VMIncarnation> incarnation) {
        TrustedLaunchVMStatus status = vm.getStatus();
        if (status.epoch() == null
                || status.nodeName() == null
                || guestState(vm).isEmpty()) {
            return Optional.of("has never run, so there is nothing to save");
        }
        if (new RestoreRecord(vm).due().isPresent()) {
            return Optional.of("is to be restored first");
        }
        boolean isWhole = Optional.of(status.guestState().home())
                .filter(home -> home.complete() && status.nodeName().equals(home.nodeName()))
                .isPresent();
        return isWhole && hasStopped(incarnation)
                ? Optional.empty()
                : Optional.of("is off, and node " + status.nodeName()
                        + ", which had it last, has not reported all of its state; start and stop it once");
    }

    private static boolean hasStopped(Optional<VMIncarnation> incarnation) {
        return incarnation
                .map(VMIncarnation::getStatus)
                .filter(status -> status.phase() == Phase.Stopped)
                .isPresent();
    }

    /** The one that its next start takes: that of a backup which it was put back to, or the last one that it left. */
    public static Optional<GuestStateVersion> guestState(TrustedLaunchVM vm) {
        Optional<TrustedLaunchVMStatus> status = vm.status();
        return new RestoreRecord(vm)
                .completed()
                .filter(restore -> restore.afterEpoch().equals(status.get().epoch()))
                .map(Restore::guestState)
                .or(() -> status.map(TrustedLaunchVMStatus::guestState)
                        .filter(state -> state.home() != null)
                        .map(GuestState::newest));
    }

    /** Nothing has begun that may write to the files of the run's VM. */
    static boolean isUntouched(BackupRun run, TrustedLaunchVM vm, Optional<VMIncarnation> incarnation) {
        return !vm.isMarkedForDeletion()
                && new RestoreRecord(vm).open().isEmpty()
                && guestState(vm).equals(Optional.of(run.getSpec().guestState()))
                && hasStopped(incarnation);
    }
}
