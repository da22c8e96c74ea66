package io.trustedlaunch.cli.plugin.report;

import io.trustedlaunch.api.ByteSize;
import io.trustedlaunch.api.backup.BackupResult;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.vm.DataDisk;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.VmDisk;
import io.trustedlaunch.cli.plugin.change.VmDisks;
import io.trustedlaunch.cli.plugin.report.Table.Column;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The data disks of a VM as a table: those of its spec in their order, and then those that leave it or were removed. */
public final class DiskList {
    private record Row(String id, String name, String size, String state) {
        Row(VmDisk disk, String state) {
            this(disk.id(), disk.name(), disk.size().toString(), state);
        }

        /** The newest backup that has it. */
        String lastBackup(List<VMBackup> backups) {
            return backups.stream()
                    .filter(backup -> result(backup).dataDisks().contains(id))
                    .max(Comparator.comparing(
                            backup -> Instant.parse(result(backup).time())))
                    .map(backup -> backup.getMetadata().getName())
                    .orElse("-");
        }
    }

    private DiskList() {}

    /** @param backups those of its namespace; of another VM that had its name, none counts */
    public static Text table(TrustedLaunchVM vm, List<VMBackup> backups) {
        List<VMBackup> own = backups.stream().filter(backup -> isOf(vm, backup)).toList();
        VmDisks disks = VmDisks.of(vm);
        List<Row> rows = Stream.of(
                        disks.wanted().stream().map(entry -> wanted(disks, entry)),
                        disks.leaving().stream().map(disk -> new Row(disk, "attached; to be removed")),
                        disks.keptRemoved().stream()
                                .map(disk -> new Row(
                                        disk,
                                        disks.isToBeDeleted(disk) ? "removed; deleted at the next start" : "removed")))
                .flatMap(part -> part)
                .toList();
        return rows.isEmpty()
                ? Text.of("No data disks. To add one: kubectl tlvm disk add "
                        + vm.getMetadata().getName() + " NAME --size SIZE")
                : Table.of(
                        rows,
                        List.of(
                                new Column<>("ID", Row::id),
                                new Column<>("NAME", Row::name),
                                new Column<>("SIZE", Row::size),
                                new Column<>("LAST BACKUP", row -> row.lastBackup(own)),
                                new Column<>("STATE", Row::state)));
    }

    /** A completed one: it has a result. */
    private static boolean isOf(TrustedLaunchVM vm, VMBackup backup) {
        return backup.status()
                .filter(status -> status.result() != null && status.phase() == VMBackupStatus.Phase.Completed)
                .filter(status -> vm.identity().equals(status.vmUID()))
                .isPresent();
    }

    private static BackupResult result(VMBackup backup) {
        return backup.getStatus().result();
    }

    private static Row wanted(VmDisks disks, DataDisk entry) {
        String size = entry.size().toString();
        return disks.attachedAs(entry)
                .map(disk -> new Row(
                        disk,
                        ByteSize.of(entry.size()) > ByteSize.of(disk.size())
                                ? "attached; grows to " + size
                                : "attached"))
                .or(() -> disks.broughtBackAs(entry)
                        .map(disk -> new Row(disk.id(), disk.name(), size, "to be added again")))
                .orElseGet(() -> new Row(
                        entry.broughtBack().map(Object::toString).orElse("-"), entry.name(), size, "to be added"));
    }
}
