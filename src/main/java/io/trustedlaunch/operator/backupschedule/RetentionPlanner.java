package io.trustedlaunch.operator.backupschedule;

import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupScheduleSpec.Keep;
import io.trustedlaunch.api.backup.VMBackupScheduleStatus.Kept;
import io.trustedlaunch.api.backup.VMBackupScheduleStatusKeptBuilder;
import io.trustedlaunch.api.backup.VMBackupStatus.Phase;
import io.trustedlaunch.backup.Retention;
import io.trustedlaunch.backup.Retention.Cause;
import io.trustedlaunch.backup.Retention.Rules;
import io.trustedlaunch.operator.backup.CompletedBackups;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Which of a schedule's backups are kept and removed. Others' backups count nothing and stay. Pure. */
final class RetentionPlanner {
    /** Failed backups of each VM that are kept, so that their reasons can be seen. */
    private static final int FAILED_KEPT = 3;

    private final ScheduleFacts facts;
    private final Retention retention;
    /** Why backups are kept. */
    private final Map<UUID, Set<Cause>> causes = new HashMap<>();

    private final List<VMBackup> completed = new ArrayList<>();
    private final List<VMBackup> warnings = new ArrayList<>();
    private final List<VMBackup> expired = new ArrayList<>();

    private RetentionPlanner(ScheduleFacts facts, BackupLocation location, Keep keep, ZoneId zone) {
        this.facts = facts;
        this.retention =
                new Retention(new Rules(keep.last(), keep.daily(), keep.weekly(), keep.monthly(), keep.yearly()), zone);
        CompletedBackups.in(location, facts.backups(), facts.now())
                .collect(Collectors.groupingBy(backup -> backup.getStatus().vmUID()))
                .values()
                .forEach(this::apply);
    }

    /** Empty without a schedule that can be understood. */
    private static Optional<RetentionPlanner> of(ScheduleFacts facts) {
        try {
            ZoneId zone = ZoneId.of(facts.spec().timeZone());
            return Optional.ofNullable(facts.spec().keep())
                    .flatMap(keep ->
                            facts.location().map(location -> new RetentionPlanner(facts, location, keep, zone)));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    /** Those that are to be removed and are not yet. None while clocks differ: one of them is wrong. */
    static List<VMBackup> expired(ScheduleFacts facts) {
        if (!facts.time().isAgreed()) {
            return List.of();
        }
        return of(facts).stream()
                .flatMap(planner -> Stream.concat(planner.expired.stream(), planner.failed()))
                .filter(backup -> !backup.removalRequested() && !backup.isMarkedForDeletion())
                .filter(backup ->
                        !backup.hasBegun() || !facts.minimumRetention().holds(backup, facts.now()))
                .toList();
    }

    /** How many are kept and why; empty if all are, and without the location. */
    static Optional<Kept> kept(ScheduleFacts facts) {
        return of(facts).map(RetentionPlanner::counts);
    }

    private void apply(List<VMBackup> ofVm) {
        Map<UUID, VMBackup> known =
                ofVm.stream().collect(Collectors.toMap(RetentionPlanner::uid, backup -> backup, (one, same) -> one));
        Map<UUID, Set<Cause>> kept = retention.kept(
                ofVm.stream().map(CompletedBackups::recorded).toList(),
                backup -> isPinned(known.get(backup)) || isWarning(known.get(backup), ofVm),
                backup -> facts.minimumRetention().holds(known.get(backup), facts.now()));
        completed.addAll(ofVm);
        ofVm.stream().filter(backup -> isWarning(backup, ofVm)).forEach(warnings::add);
        causes.putAll(kept);
        ofVm.stream().filter(backup -> !kept.containsKey(uid(backup))).forEach(expired::add);
    }

    private static UUID uid(VMBackup backup) {
        return UUID.fromString(backup.getStatus().backupUID());
    }

    private boolean isPinned(VMBackup backup) {
        return backup.hasProtection() || isOfFuture(backup);
    }

    /** Its record alone says that the VM's next backup is to have nothing of those that are there, which share files. */
    private static boolean isWarning(VMBackup backup, List<VMBackup> ofVm) {
        return CompletedBackups.damage(backup)
                .filter(damage -> ofVm.stream().noneMatch(other -> CompletedBackups.isMadeSince(damage, other)))
                .isPresent();
    }

    private boolean isOfFuture(VMBackup backup) {
        return CompletedBackups.isOfFuture(backup, facts.now());
    }

    private Kept counts() {
        return VMBackupScheduleStatusKeptBuilder.builder()
                .total(causes.size())
                .last(count(Cause.LAST))
                .daily(count(Cause.DAILY))
                .weekly(count(Cause.WEEKLY))
                .monthly(count(Cause.MONTHLY))
                .yearly(count(Cause.YEARLY))
                .verified(count(Cause.VERIFIED))
                .minimumRetention(count(Cause.TOO_YOUNG))
                .notRestorable(count(Cause.NOT_RESTORABLE))
                .damaged(warnings.size())
                .held((int) completed.stream().filter(VMBackup::hasProtection).count())
                .future((int) completed.stream().filter(this::isOfFuture).count())
                .build();
    }

    private int count(Cause cause) {
        return (int) causes.values().stream().filter(why -> why.contains(cause)).count();
    }

    private Stream<VMBackup> failed() {
        return facts.backups().stream()
                .filter(backup -> backup.isIn(Phase.Failed))
                .filter(backup -> !backup.hasProtection() && facts.believes(ScheduledBackups.time(backup)))
                .collect(
                        Collectors.groupingBy(backup -> backup.getSpec().vmRef().name()))
                .values()
                .stream()
                .flatMap(ofVm -> ofVm.stream()
                        .sorted(Comparator.comparing(ScheduledBackups::time).reversed())
                        .skip(FAILED_KEPT));
    }
}
