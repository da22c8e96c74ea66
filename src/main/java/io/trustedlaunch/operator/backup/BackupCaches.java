package io.trustedlaunch.operator.backup;

import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import java.util.List;
import java.util.Optional;

/** The cluster as the watches have it, without a request. */
interface BackupCaches {
    Optional<TrustedLaunchVM> vm(String namespace, String name);

    Optional<VMIncarnation> incarnation(String name);

    Optional<BackupRun> run(String name);

    /** Of a VM of this name. */
    List<BackupRun> runs(String namespace, String vm);

    /** That name this VM. */
    List<VMBackup> backups(String namespace, String vm);

    /** Whose VM has this identity. */
    List<VMBackup> backupsOf(String namespace, String vmUid);

    List<BackupLocation> locations();
}
