package io.trustedlaunch.cli.plugin.report;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ByteSize;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.backup.BackupResult;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.cli.plugin.report.Table.Column;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** Backups as a table, each VM's in the order in which they were created. */
public final class BackupList {
    private static final List<Column<VMBackup>> COLUMNS = List.of(
            new Column<>("NAME", backup -> backup.getMetadata().getName()),
            new Column<>("VM", backup -> backup.getSpec().vmRef().name()),
            new Column<>("LOCATION", backup -> backup.getSpec().locationRef().name()),
            new Column<>("PHASE", backup -> status(backup, VMBackupStatus::phase)),
            new Column<>("TYPE", backup -> result(backup, BackupResult::type)),
            new Column<>("VERIFIED", BackupList::verified),
            new Column<>("SIZE", backup -> result(backup, result -> ImageList.size(ByteSize.of(result.stored())))),
            new Column<>("TIME", backup -> result(backup, BackupResult::time)),
            new Column<>("REASON", BackupList::reason));

    private BackupList() {}

    /** @param ofAllNamespaces the first column is the namespace */
    public static Text table(List<VMBackup> backups, boolean ofAllNamespaces) {
        if (backups.isEmpty()) {
            return Text.of("No backups. To make one: kubectl tlvm backup create VM --location LOCATION");
        }
        Column<VMBackup> namespace =
                new Column<>("NAMESPACE", backup -> backup.getMetadata().getNamespace());
        return Table.of(
                backups.stream()
                        .sorted(Comparator.comparing((VMBackup backup) ->
                                        backup.getMetadata().getNamespace())
                                .thenComparing(
                                        backup -> backup.getSpec().vmRef().name())
                                .thenComparing(backup -> backup.getMetadata().getCreationTimestamp())
                                .thenComparing(backup -> backup.getMetadata().getName()))
                        .toList(),
                ofAllNamespaces
                        ? Stream.concat(Stream.of(namespace), COLUMNS.stream()).toList()
                        : COLUMNS);
    }

    private static String verified(VMBackup backup) {
        return backup.status()
                .flatMap(status -> ConditionType.Verified.in(status.conditions()))
                .map(Condition::getStatus)
                .orElse("-");
    }

    private static String reason(VMBackup backup) {
        return backup.status()
                .flatMap(status -> ConditionType.Completed.in(status.conditions()))
                .map(Condition::getReason)
                .orElse("-");
    }

    private static String result(VMBackup backup, Function<BackupResult, Object> field) {
        return status(
                backup,
                status -> Optional.ofNullable(status.result()).map(field).orElse(null));
    }

    private static String status(VMBackup backup, Function<VMBackupStatus, Object> field) {
        return backup.status().map(field).map(Object::toString).orElse("-");
    }
}
