package io.trustedlaunch.operator.download;

import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.VMBackupDownload;
import io.trustedlaunch.api.backup.VMBackupDownloadSpec;
import io.trustedlaunch.api.backup.VMBackupDownloadStatus;
import io.trustedlaunch.controller.Conditions;
import io.trustedlaunch.controller.Conditions.State;
import io.trustedlaunch.controller.EventDraft;
import java.util.List;
import java.util.Optional;

/** The event of a download that opens. Agents cannot write events, and say in the audit log what a client got. */
final class DownloadEvents {
    private DownloadEvents() {}

    static List<EventDraft> of(VMBackupDownload download, VMBackupDownloadStatus after) {
        VMBackupDownloadSpec spec = download.getSpec();
        return isOpen(Optional.of(after)) && !isOpen(download.status())
                ? List.of(EventDraft.normal(
                        Reason.DownloadOpen,
                        "disk " + spec.disk() + " of VMBackup "
                                + spec.backupRef().name() + " can be read on node " + after.nodeName() + " by "
                                + spec.requestedBy()))
                : List.of();
    }

    private static boolean isOpen(Optional<VMBackupDownloadStatus> status) {
        return status.flatMap(known -> Conditions.find(known.conditions(), ConditionType.Open))
                .filter(open -> open.getStatus().equals(State.True.name()))
                .isPresent();
    }
}
