package io.trustedlaunch.operator.backupschedule;

import io.fabric8.kubernetes.api.model.Condition;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.RecordedTime;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupSchedule;
import io.trustedlaunch.api.backup.VMBackupScheduleSpec;
import io.trustedlaunch.api.backup.VMBackupScheduleStatus;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.controller.ClusterTime;
import io.trustedlaunch.operator.backup.CompletedBackups;
import io.trustedlaunch.operator.backup.MinimumRetention;
import io.trustedlaunch.operator.backup.StoppedVm;
import io.trustedlaunch.operator.vm.facts.RestoreRecord;
import io.trustedlaunch.placement.LabelMatcher;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The facts from which a pass over a schedule is planned.
 *
 * @param location that the schedule names
 * @param vms of its namespace
 * @param backups that it has made, by their label
 * @param all VMBackups of its namespace
 * @param minimumRetention of the location
 * @param time by two clocks
 */
@RecordBuilder
record ScheduleFacts(
        VMBackupSchedule schedule,
        Optional<BackupLocation> location,
        List<TrustedLaunchVM> vms,
        List<VMBackup> backups,
        List<VMBackup> all,
        MinimumRetention minimumRetention,
        ClusterTime time) {

    /** What is later has not passed. */
    Instant now() {
        return time.now();
    }

    /** Whether a recorded instant counts: one of the future is of a clock that was wrong. */
    boolean believes(Instant recorded) {
        return !RecordedTime.isFuture(recorded, now());
    }

    VMBackupScheduleSpec spec() {
        return schedule.getSpec();
    }

    Optional<VMBackupScheduleStatus> before() {
        return schedule.status();
    }

    Instant created() {
        return Instant.parse(schedule.getMetadata().getCreationTimestamp());
    }

    /** The time up to which all due backups are made. */
    Instant handledUntil() {
        return before().map(VMBackupScheduleStatus::handledUntil)
                .map(Instant::parse)
                .map(recorded -> believes(recorded) ? recorded : handledByBackups())
                .orElseGet(this::created);
    }

    /** What is older than startWithin is made up for in no case. */
    private Instant handledByBackups() {
        return Stream.concat(
                        backups.stream().map(ScheduledBackups::time).filter(this::believes),
                        Stream.of(now().minus(spec().deadline())))
                .max(Comparator.naturalOrder())
                .orElseThrow();
    }

    /** An instant of the status; empty if it is not known, or not believed. */
    Optional<Instant> recorded(Function<VMBackupScheduleStatus, String> field) {
        return before().map(field).map(Instant::parse).filter(this::believes);
    }

    /** The VMs to back up. One that is off and was saved since is not: nothing changes in it. */
    List<TrustedLaunchVM> selected() {
        return vms.stream()
                .filter(vm -> !vm.isMarkedForDeletion())
                .filter(vm -> !isOffAndSaved(vm))
                .filter(vm -> LabelMatcher.selects(
                        spec().vmSelector(),
                        Optional.ofNullable(vm.getMetadata().getLabels()).orElseGet(Map::of)))
                .toList();
    }

    private boolean isOffAndSaved(TrustedLaunchVM vm) {
        if (vm.getSpec().runStrategy() == RunStrategy.Halted
                && StoppedVm.guestState(vm).isEmpty()) {
            // It has never run.
            return true;
        }
        if (!StoppedVm.isOff(vm) || location.isEmpty()) {
            return false;
        }
        Optional<Instant> changed = Stream.concat(
                        vm.condition(ConditionType.Running).map(Condition::getLastTransitionTime).stream(),
                        new RestoreRecord(vm).last().map(restore -> restore.completionTime()).stream())
                .map(Instant::parse)
                .max(Comparator.naturalOrder());
        List<VMBackup> ofVm = all.stream()
                .filter(backup -> backup.status()
                        .filter(status -> vm.identity().equals(status.vmUID()))
                        .isPresent())
                .toList();
        return CompletedBackups.in(location.get(), ofVm, now())
                .filter(backup -> !CompletedBackups.recorded(backup).damaged())
                .map(VMBackup::begun)
                .filter(this::believes)
                .anyMatch(begun -> changed.filter(begun::isBefore).isEmpty());
    }

    List<VMBackup> open() {
        return backups.stream()
                .filter(backup -> !backup.isMarkedForDeletion() && !backup.hasEnded())
                .toList();
    }

    /** Those that are made, or could be: one that waits for its VM takes no turn of another. */
    long occupied() {
        Set<String> running = vms.stream()
                .filter(vm -> vm.isTrue(ConditionType.Running) || StoppedVm.isOff(vm))
                .map(vm -> vm.getMetadata().getName())
                .collect(Collectors.toSet());
        return open().stream()
                .filter(backup -> backup.hasBegun()
                        || running.contains(backup.getSpec().vmRef().name()))
                .count();
    }
}
