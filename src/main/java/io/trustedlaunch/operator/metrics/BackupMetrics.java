package io.trustedlaunch.operator.metrics;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupSchedule;
import io.trustedlaunch.api.backup.VMBackupScheduleStatus;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.metrics.Metric;
import io.trustedlaunch.metrics.Samples;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BinaryOperator;
import java.util.stream.Collectors;

/** Numbers of backups and of their schedules. None has a name as a label. */
record BackupMetrics(Caches caches) {
    private static final Metric BACKUPS = Metric.gauge("trusted_launch_backups", "VMBackups by phase", "phase");

    private static final Metric CONDITIONS = Metric.gauge(
            "trusted_launch_backup_conditions",
            "VMBackups by their conditions; `docs/conditions.md` has the reasons",
            "condition",
            "status",
            "reason");

    private static final Metric SCHEDULES = Metric.gauge(
            "trusted_launch_backup_schedule_conditions",
            "VMBackupSchedules by their conditions",
            "condition",
            "status",
            "reason");

    private static final Metric LOCATIONS = Metric.gauge(
            "trusted_launch_backup_location_conditions",
            "BackupLocations by their conditions",
            "condition",
            "status",
            "reason");

    private static final Metric MISSED = Metric.gauge(
            "trusted_launch_backup_schedule_missed",
            "Backups that the VMBackupSchedules which are there did not make in time, since each was created");

    private static final Metric LAST_FAILED =
            Metric.gauge("trusted_launch_vms_with_failed_backup", "VMs whose last VMBackup that ended has failed");

    private record Vm(String namespace, String name) {}

    void read(Samples samples) {
        for (VMBackupStatus.Phase phase : VMBackupStatus.Phase.values()) {
            samples.set(BACKUPS, 0, phase.name());
        }
        caches.list(VMBackup.class)
                .map(VMBackup::getStatus)
                .map(Optional::ofNullable)
                .forEach(status -> {
                    samples.count(
                            BACKUPS,
                            status.map(VMBackupStatus::phase)
                                    .orElse(VMBackupStatus.Phase.Pending)
                                    .name());
                    count(
                            samples,
                            CONDITIONS,
                            status.map(VMBackupStatus::conditions).orElseGet(List::of));
                });
        samples.set(LAST_FAILED, lastFailed());
        caches.list(BackupLocation.class).forEach(location -> count(samples, LOCATIONS, location.conditions()));
        List<VMBackupScheduleStatus> schedules = caches.list(VMBackupSchedule.class)
                .flatMap(schedule -> schedule.status().stream())
                .toList();
        schedules.forEach(status -> count(samples, SCHEDULES, status.conditions()));
        samples.set(
                MISSED,
                schedules.stream()
                        .mapToLong(
                                status -> Optional.ofNullable(status.missed()).orElse(0L))
                        .sum());
    }

    private long lastFailed() {
        Set<Vm> vms = caches.list(TrustedLaunchVM.class)
                .map(vm ->
                        new Vm(vm.getMetadata().getNamespace(), vm.getMetadata().getName()))
                .collect(Collectors.toSet());
        Map<Vm, VMBackup> last = caches.list(VMBackup.class)
                .filter(backup ->
                        backup.getStatus() != null && backup.getStatus().completionTime() != null)
                .collect(Collectors.toMap(
                        BackupMetrics::vm,
                        backup -> backup,
                        BinaryOperator.maxBy(Comparator.comparing(
                                backup -> Instant.parse(backup.getStatus().completionTime())))));
        return last.entrySet().stream()
                .filter(each -> vms.contains(each.getKey())
                        && each.getValue().getStatus().phase() == VMBackupStatus.Phase.Failed)
                .count();
    }

    private static Vm vm(VMBackup backup) {
        return new Vm(
                backup.getMetadata().getNamespace(), backup.getSpec().vmRef().name());
    }

    private static void count(Samples samples, Metric metric, List<Condition> conditions) {
        conditions.forEach(
                condition -> samples.count(metric, condition.getType(), condition.getStatus(), condition.getReason()));
    }
}
