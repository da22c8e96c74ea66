package io.trustedlaunch.cli.plugin.report;

import io.trustedlaunch.api.TrustedLaunchVMStatus;
import io.trustedlaunch.api.VMBackup;
import io.trustedlaunch.backup.BackupFile;
import io.trustedlaunch.cli.plugin.report.Table.Column;
import io.trustedlaunch.recovery.RecoverableBackup;
import io.trustedlaunch.recovery.RecoveredManifests;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Backups in a location, as they say of themselves, whether they are on record or not. */
public final class StoredBackupList {
    private StoredBackupList() {}

    /** @param known the VMBackups of the cluster */
    public static String table(List<RecoverableBackup> backups, List<VMBackup> known) {
        if (backups.isEmpty()) {
            return "No backups that this key opens.\n";
        }
        return Table.of(
                backups,
                List.of(
                        new Column<>("VM", backup -> vm(backup)),
                        new Column<>("VM UID", backup -> backup.ref().id().vm().toString()),
                        new Column<>(
                                "BACKUP UID",
                                backup -> backup.ref().id().backup().toString()),
                        new Column<>("TIME", backup -> backup.description().time()),
                        new Column<>("TYPE", backup -> backup.index().full() ? "Full" : "Incremental"),
                        new Column<>("SIZE", backup -> ImageList.size(bytes(backup))),
                        new Column<>("VMBACKUP", backup -> recorded(backup, known))));
    }

    private static long bytes(RecoverableBackup backup) {
        return backup.index().files().stream().mapToLong(BackupFile::bytes).sum();
    }

    private static String vm(RecoverableBackup backup) {
        return RecoveredManifests.printable(
                backup.description().namespace() + "/" + backup.description().name());
    }

    private static String recorded(RecoverableBackup backup, List<VMBackup> known) {
        String uid = backup.ref().id().backup().toString();
        String names = known.stream()
                .filter(each ->
                        each.getStatus() != null && uid.equals(each.getStatus().backupUID()))
                .map(each -> each.getMetadata().getNamespace() + "/"
                        + each.getMetadata().getName())
                .collect(Collectors.joining(","));
        return names.isEmpty() ? "-" : names;
    }

    /** What a person compares with what they know of the VM, before it is put on record. */
    public static String facts(RecoverableBackup backup, String namespace) {
        return """
                backup            %s
                of VM             %s (%s)
                for namespace     %s
                as it was at      %s
                image             %s
                endorsement key   %s
                SHA-256 of index  %s
                """.formatted(
                        backup.ref().id().backup(),
                        vm(backup),
                        backup.ref().id().vm(),
                        namespace,
                        backup.description().time(),
                        Optional.ofNullable(backup.description().image())
                                .map(StoredBackupList::image)
                                .orElse("not known"),
                        backup.description().ekDigest(),
                        backup.ref().indexSHA256());
    }

    private static String image(TrustedLaunchVMStatus.Image image) {
        return RecoveredManifests.printable(
                image.name() + ", SHA-256 " + image.sha256() + ", provenance " + image.provenance());
    }
}
