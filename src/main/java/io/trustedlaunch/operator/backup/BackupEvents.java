package io.trustedlaunch.operator.backup;

import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.backup.VMBackupStatus.Phase;
import io.trustedlaunch.controller.EventDraft;
import java.util.Optional;

/** The event of a backup that has just failed, for the VMBackup and for its VM. Pure. */
record BackupEvents(VMBackup backup, Optional<String> why) {
    /** @param after the status that is on record now */
    static BackupEvents of(VMBackup before, VMBackupStatus after) {
        boolean hasFailed = after != null && after.phase() == Phase.Failed && !before.isIn(Phase.Failed);
        return new BackupEvents(
                before,
                hasFailed
                        ? ConditionType.Completed.in(after.conditions())
                                .map(completed -> completed.getReason() + ": " + completed.getMessage())
                        : Optional.empty());
    }

    Optional<EventDraft> ofBackup() {
        return why.map(text -> EventDraft.warning(Reason.BackupFailed, text));
    }

    Optional<EventDraft> ofVm() {
        return why.map(text -> EventDraft.warning(
                Reason.BackupFailed, "VMBackup " + backup.getMetadata().getName() + ": " + text));
    }
}
