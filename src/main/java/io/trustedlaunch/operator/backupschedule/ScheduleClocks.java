package io.trustedlaunch.operator.backupschedule;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupScheduleStatus;
import io.trustedlaunch.api.backup.VMBackupStatus.Verification;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** What is wrong with the clocks, as far as a schedule can know. Pure. */
record ScheduleClocks(ScheduleFacts facts) {
    /** What is not believed now, or why no removal may follow from the time. */
    Optional<Problem> problem() {
        return difference().or(this::statusOfFuture).or(this::backupsOfFuture);
    }

    private Optional<Problem> difference() {
        if (facts.time().isAgreed()) {
            return Optional.empty();
        }
        String clocks = facts.time()
                .server()
                .map(server -> "the operator's clock says " + facts.time().own() + ", and the API server's " + server
                        + ": set the one that is wrong. What has passed by only one of them has not passed")
                .orElse("the API server's answers have no date: a proxy before it must leave the header Date");
        return Optional.of(new Problem(Reason.ClocksDiffer, clocks + ". Until then no backup is removed"));
    }

    /** Of the status that this pass replaces. */
    Optional<Problem> statusOfFuture() {
        List<String> fields = Stream.of(
                        field("handledUntil", VMBackupScheduleStatus::handledUntil),
                        field("lastScheduleTime", VMBackupScheduleStatus::lastScheduleTime),
                        field("lastSuccessfulTime", VMBackupScheduleStatus::lastSuccessfulTime))
                .flatMap(Optional::stream)
                .toList();
        return fields.isEmpty()
                ? Optional.empty()
                : Optional.of(new Problem(
                        Reason.RecordedInFuture,
                        String.join(", ", fields) + " in the status, later than now (" + facts.now()
                                + "): a clock was wrong. It is replaced by what the backups on record say"));
    }

    private Optional<String> field(String name, Function<VMBackupScheduleStatus, String> field) {
        return facts.before()
                .map(field)
                .filter(time -> !facts.believes(Instant.parse(time)))
                .map(time -> name + " was " + time);
    }

    private Optional<Problem> backupsOfFuture() {
        List<String> names = facts.backups().stream()
                .filter(backup -> times(backup).anyMatch(time -> !facts.believes(time)))
                .map(backup -> backup.getMetadata().getName())
                .sorted()
                .toList();
        return names.isEmpty()
                ? Optional.empty()
                : Optional.of(new Problem(
                        Reason.RecordedInFuture,
                        (names.size() == 1 ? "1 VMBackup is" : names.size() + " VMBackups are")
                                + " dated later than now: "
                                + ScheduleStatus.named(names)
                                + ". A clock was wrong. What is dated later counts for nothing, and stays until you remove"
                                + " it with kubectl tlvm backup delete"));
    }

    private static Stream<Instant> times(VMBackup backup) {
        Stream<String> recorded = backup.status().stream()
                .flatMap(status -> Stream.of(
                        status.startTime(),
                        status.completionTime(),
                        Optional.ofNullable(status.result())
                                .map(result -> result.time())
                                .orElse(null),
                        Optional.ofNullable(status.verification())
                                .map(Verification::time)
                                .orElse(null)))
                .filter(Objects::nonNull);
        return Stream.concat(Stream.of(ScheduledBackups.time(backup)), recorded.map(Instant::parse));
    }
}
