package io.trustedlaunch.agent.backuprun;

import io.trustedlaunch.agent.hypervisor.DomainInfo;
import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.hypervisor.DomainState.PauseReason;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import java.util.Optional;

/**
 * A guest of which a backup is requested, or made.
 *
 * @param epoch whose guest it must be
 * @param incarnation the VM's latest one on this node
 * @param kept whether its guest state is sealed as it changes
 * @param hostShutsDown whether all guests of this host are to stop
 */
record GuestFacts(
        long epoch,
        Optional<VMIncarnation> incarnation,
        Optional<DomainInfo> domain,
        boolean kept,
        boolean hostShutsDown) {
    /** Why no backup of it can begin; empty: it can. */
    Optional<Problem> obstacle() {
        Optional<Problem> end = reasonToEnd();
        if (end.isPresent()) {
            return end;
        }
        Optional<String> awaited = incarnation.flatMap(VMIncarnation::awaitedDevices);
        if (awaited.isPresent()) {
            return Optional.of(new Problem(Reason.BackupGaveWay, awaited.get()));
        }
        boolean runs = domain.filter(there -> there.state() instanceof DomainState.Running)
                .isPresent();
        return runs && kept
                ? Optional.empty()
                : Optional.of(new Problem(Reason.GuestNotHere, "the guest does not run, or has only just begun to"));
    }

    /** Why a backup of it must end now; empty: it can go on. A guest that is to leave or to stop waits for nothing. */
    Optional<Problem> reasonToEnd() {
        Optional<VMIncarnationSpec> spec =
                incarnation.map(VMIncarnation::getSpec).filter(own -> own.epoch() == epoch);
        if (spec.isEmpty() || domain.filter(there -> there.epoch() == epoch).isEmpty()) {
            return Optional.of(new Problem(Reason.GuestNotHere, "no guest of epoch " + epoch + " runs on this node"));
        }
        if (spec.get().desiredState() != VMIncarnationSpec.DesiredState.Running || hostShutsDown) {
            return Optional.of(new Problem(Reason.BackupGaveWay, "the guest is to stop"));
        }
        if (isLeaving(incarnation.orElseThrow())) {
            return Optional.of(new Problem(Reason.BackupGaveWay, "the VM migrates"));
        }
        boolean diskIsFull = domain.orElseThrow().state().equals(new DomainState.Paused(PauseReason.IO_ERROR));
        return diskIsFull
                ? Optional.of(new Problem(
                        Reason.NoSpace,
                        "a disk of the guest cannot be written: free or add space in its storage location"))
                : Optional.empty();
    }

    /** A migration that is over is still in the spec. */
    private static boolean isLeaving(VMIncarnation incarnation) {
        VMIncarnationSpec.Departure requested = incarnation.getSpec().departure();
        if (requested == null) {
            return false;
        }
        return incarnation
                .status()
                .map(VMIncarnationStatus::departure)
                .filter(departed ->
                        departed.epoch() >= requested.epoch() && departed.course() == VMIncarnationStatus.Course.Stayed)
                .isEmpty();
    }
}
