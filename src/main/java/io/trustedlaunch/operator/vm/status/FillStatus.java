package io.trustedlaunch.operator.vm.status;

import io.trustedlaunch.api.restore.DiskFill;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Fill;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Restore;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusFillBuilder;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.operator.vm.plan.DiskFillPlan;
import java.util.Optional;

/** Builds the part of a VM's status that is about the filling of its disks. Null: they are whole. */
record FillStatus(VmFacts facts) {
    /** With what the node of its incarnation reports, and no other one. */
    Fill shown() {
        return facts.vm().diskFill().map(this::withProgress).orElse(null);
    }

    private Fill withProgress(Fill fill) {
        int before = Optional.ofNullable(fill.progressPercent()).orElse(0);
        return new DiskFillPlan(facts)
                .own()
                .map(DiskFill::getStatus)
                .map(reported -> TrustedLaunchVMStatusFillBuilder.builder(fill)
                        .progressPercent(reported.percentAfter(before))
                        .build())
                .orElse(fill);
    }

    /**
     * After a restore that completed: it replaces the disks, and what they needed; one of some disks does not.
     *
     * @param time now
     */
    Fill after(Restore restore, String time) {
        if (restore.leavesGuestState()) {
            return shown();
        }
        return restore.startsAtOnce()
                ? TrustedLaunchVMStatusFillBuilder.builder()
                        .uid(restore.uid())
                        .backup(restore.backup())
                        .backupOf(restore.sourceVm(facts.vm().uid()))
                        .location(restore.location())
                        .progressPercent(0)
                        .startTime(time)
                        .build()
                : null;
    }
}
