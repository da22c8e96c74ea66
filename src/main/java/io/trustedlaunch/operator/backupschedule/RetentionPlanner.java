package io.trustedlaunch.operator.backupschedule;

import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.backup.VMBackupStatus.Phase;
import io.trustedlaunch.api.backup.VMBackupStatus.Verification;
import io.trustedlaunch.backup.CompletedBackup;
import io.trustedlaunch.backup.Retention;
import io.trustedlaunch.operator.backup.CompletedBackups;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Which of a schedule's backups are to be removed, and which verified. Others' backups count nothing and stay. Pure. */
final class RetentionPlanner {
    /** Failed backups of each VM that are kept, so that their reasons can be seen. */
    private static final int FAILED_KEPT = 3;

    private final ScheduleFacts facts;

    private RetentionPlanner(ScheduleFacts facts) {
        this.facts = facts;
    }

    /** Those that are to be removed and are not yet; nothing without a schedule that can be understood. */
    static List<VMBackup> expired(ScheduleFacts facts) {
        if (facts.spec().keep() == null || facts.location().isEmpty()) {
            return List.of();
        }
        try {
            ZoneId zone = ZoneId.of(facts.spec().timeZone());
            RetentionPlanner planner = new RetentionPlanner(facts);
            return Stream.concat(planner.completed(zone), planner.failed())
                    .filter(backup -> !backup.removalRequested() && !backup.isMarkedForDeletion())
                    .toList();
        } catch (DateTimeException e) {
            return List.of();
        }
    }

    private Stream<VMBackup> completed(ZoneId zone) {
        Retention retention =
                new Retention(facts.spec().keep().last(), facts.spec().keep().weekly(), zone);
        BackupLocation location = facts.location().orElseThrow();
        Map<String, List<VMBackup>> ofVms = CompletedBackups.in(location, facts.all())
                .collect(Collectors.groupingBy(backup -> backup.getStatus().vmUID()));
        return ownVms().stream().flatMap(vm -> expired(retention, ofVms.getOrDefault(vm, List.of())));
    }

    private Stream<VMBackup> expired(Retention retention, List<VMBackup> ofVm) {
        Map<UUID, VMBackup> own = ofVm.stream()
                .filter(this::isOwn)
                .collect(Collectors.toMap(
                        backup -> UUID.fromString(backup.getStatus().backupUID()),
                        backup -> backup,
                        (one, same) -> one));
        List<CompletedBackup> recorded =
                ofVm.stream().map(CompletedBackups::recorded).toList();
        return retention.expired(recorded, own::containsKey).stream().map(own::get);
    }

    private Set<String> ownVms() {
        return facts.backups().stream()
                .flatMap(backup -> backup.status().map(VMBackupStatus::vmUID).stream())
                .collect(Collectors.toSet());
    }

    private boolean isOwn(VMBackup backup) {
        return facts.backups().stream()
                .anyMatch(own ->
                        own.getMetadata().getUid().equals(backup.getMetadata().getUid()));
    }

    private Stream<VMBackup> failed() {
        return facts.backups().stream()
                .filter(backup -> backup.isIn(Phase.Failed))
                .collect(
                        Collectors.groupingBy(backup -> backup.getSpec().vmRef().name()))
                .values()
                .stream()
                .flatMap(ofVm -> ofVm.stream()
                        .sorted(Comparator.comparing(ScheduledBackups::time).reversed())
                        .skip(FAILED_KEPT));
    }

    /** The newest of each VM whose last verification is too long ago, as many as may be under way. */
    static List<VMBackup> unverified(ScheduleFacts facts) {
        if (facts.spec().verify() == null
                || facts.spec().suspend()
                || facts.location().isEmpty()) {
            return List.of();
        }
        List<VMBackup> own = CompletedBackups.in(facts.location().get(), facts.backups())
                .filter(backup -> !backup.removalRequested() && !backup.isMarkedForDeletion())
                .toList();
        long underWay = own.stream()
                .filter(backup -> backup.pendingVerification().isPresent())
                .count();
        return own.stream()
                .collect(Collectors.groupingBy(backup -> backup.getStatus().vmUID()))
                .values()
                .stream()
                .filter(ofVm -> isDue(ofVm, facts))
                // The newest is the first of them.
                .map(List::getFirst)
                .sorted(Comparator.comparing(backup -> backup.getMetadata().getName()))
                .limit(Math.max(0, facts.spec().parallel() - underWay))
                .toList();
    }

    private static boolean isDue(List<VMBackup> ofVm, ScheduleFacts facts) {
        Instant since = facts.now().minus(facts.spec().verify().interval());
        return ofVm.stream().noneMatch(backup -> backup.pendingVerification().isPresent())
                && ofVm.stream()
                        .flatMap(
                                backup -> Optional.ofNullable(backup.getStatus().verification()).stream())
                        .map(Verification::time)
                        .map(Instant::parse)
                        .noneMatch(verified -> verified.isAfter(since));
    }
}
