package io.trustedlaunch.operator.vm.status;

import io.trustedlaunch.api.restore.RestoreRun;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Restore;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.RestoreOutcome;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusRestoreBuilder;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** Builds the part of a VM's status that is about its restores from backups. */
record RestoreStatus(VmFacts facts, Instant now) {
    /** The status with a restore that has begun or ended; one that fails leaves the VM's files to the one before it. */
    TrustedLaunchVMStatus with(Restore restore, TrustedLaunchVMStatus shown) {
        String time = now.truncatedTo(ChronoUnit.SECONDS).toString();
        boolean isComplete = restore.outcome() == RestoreOutcome.Completed;
        return TrustedLaunchVMStatusBuilder.builder(shown)
                .restore(TrustedLaunchVMStatusRestoreBuilder.builder(restore)
                        .startTime(Optional.ofNullable(restore.startTime()).orElse(time))
                        .completionTime(restore.outcome() == null ? null : time)
                        .progressPercent(null)
                        .build())
                .unusedRestore(
                        isComplete && !restore.leavesGuestState()
                                ? null
                                : facts.guestState().restored().orElse(null))
                .diskFill(isComplete ? new FillStatus(facts).after(restore, time) : shown.diskFill())
                .build();
    }

    /** Null once no start can use it. */
    Restore unused() {
        return facts.guestState()
                .restored()
                .filter(restore -> !facts.vm().restores().last().equals(Optional.of(restore)))
                .orElse(null);
    }

    /**
     * Until its approval is removed and, if it is complete, an incarnation has begun from it; of a copy, until its first start.
     */
    Restore last() {
        return facts.vm()
                .restores()
                .last()
                .filter(restore -> restore.outcome() == null
                        || facts.vm().restores().isApproved()
                        || (facts.vm().restores().isClone()
                                && facts.incarnations().isFirstStart())
                        || facts.guestState().restored().isPresent())
                .map(this::withProgress)
                .orElse(null);
    }

    private Restore withProgress(Restore restore) {
        if (restore.outcome() != null) {
            return restore;
        }
        int shown = Optional.ofNullable(restore.progressPercent()).orElse(0);
        return TrustedLaunchVMStatusRestoreBuilder.builder(restore)
                .progressPercent(facts.restore()
                        .runOf(facts.vm(), restore)
                        .map(RestoreRun::getStatus)
                        .map(reported -> reported.percentAfter(shown))
                        .orElse(restore.progressPercent()))
                .build();
    }
}
