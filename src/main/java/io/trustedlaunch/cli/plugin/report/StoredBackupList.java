package io.trustedlaunch.cli.plugin.report;

import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.image.RecordedImage;
import io.trustedlaunch.cli.plugin.report.Table.Column;
import io.trustedlaunch.recovery.RecoverableBackup;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Backups in a location, as they say of themselves, whether they are on record or not. */
public final class StoredBackupList {
    private StoredBackupList() {}

    /** @param known the VMBackups of the cluster */
    public static Text table(List<RecoverableBackup> backups, List<VMBackup> known) {
        if (backups.isEmpty()) {
            return Text.of("No backups that this key opens.");
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
                        new Column<>(
                                "SIZE", backup -> ImageList.size(backup.index().ownBytes())),
                        new Column<>("VMBACKUP", backup -> recorded(backup, known))));
    }

    private static String vm(RecoverableBackup backup) {
        return backup.description().namespace() + "/" + backup.description().name();
    }

    /** Those that no VMBackup has on record. */
    public static List<RecoverableBackup> unclaimed(List<RecoverableBackup> backups, List<VMBackup> known) {
        return backups.stream()
                .filter(backup -> records(backup, known).findAny().isEmpty())
                .toList();
    }

    private static Stream<VMBackup> records(RecoverableBackup backup, List<VMBackup> known) {
        String uid = backup.ref().id().backup().toString();
        return known.stream()
                .filter(each ->
                        each.getStatus() != null && uid.equals(each.getStatus().backupUID()));
    }

    private static String recorded(RecoverableBackup backup, List<VMBackup> known) {
        String names = records(backup, known)
                .map(each -> each.getMetadata().getNamespace() + "/"
                        + each.getMetadata().getName())
                .collect(Collectors.joining(","));
        return names.isEmpty() ? "-" : names;
    }

    /** The facts that a person compares with their own knowledge of the VM, before it is put on record. */
    public static Text facts(RecoverableBackup backup, String namespace) {
        return Text.of(
                fact("backup", backup.ref().id().backup()),
                fact("of VM", vm(backup) + " (" + backup.ref().id().vm() + ")"),
                fact("for namespace", namespace),
                fact("as it was at", backup.description().time()),
                fact(
                        "image",
                        Optional.ofNullable(backup.description().image())
                                .map(StoredBackupList::image)
                                .orElse("not known")),
                fact("endorsement key", backup.description().ekDigest()),
                fact("SHA-256 of index", backup.ref().indexSHA256()));
    }

    private static String fact(String label, Object value) {
        return "%-18s%s".formatted(label, value);
    }

    private static String image(RecordedImage image) {
        return image.name() + ", SHA-256 " + image.sha256() + ", provenance " + image.provenance();
    }
}
