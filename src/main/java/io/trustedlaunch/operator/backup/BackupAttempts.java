package io.trustedlaunch.operator.backup;

import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RecordedTime;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupStatus.Retry;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Which failures of a backup are followed by another attempt, and until when. Pure. */
public final class BackupAttempts {
    /** The VMs of one time of a schedule begin within this. */
    public static final Duration SPREAD = Duration.ofMinutes(5);

    private static final Duration FIRST_PAUSE = Duration.ofMinutes(1);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(30);

    /**
     * What passes by itself: a move, a start or a stop of the guest, a restart of an agent, a blip of what the agent asks. Nothing
     * that a person must mend, and nothing that a node made up.
     */
    static final Set<Reason> PASSING = EnumSet.of(
            Reason.AgentRestarted,
            Reason.BackupGaveWay,
            Reason.BackupInterrupted,
            Reason.BackupLocationUnavailable,
            Reason.BackupNotAtOneInstant,
            Reason.DiskCopyFailed,
            Reason.GuestNotHere,
            Reason.GuestStateNotSealed,
            Reason.HypervisorUnavailable,
            Reason.OwnershipUnread);

    private BackupAttempts() {}

    static boolean mayPass(Reason reason) {
        return PASSING.contains(reason);
    }

    /** Until when an attempt may begin; empty: at any time, and there is one. */
    static Optional<Instant> deadline(VMBackup backup) {
        return backup.getSpec().window().map(due(backup)::plus);
    }

    /** A schedule creates it later if it has to wait for a place, and not for longer because of that. */
    private static Instant due(VMBackup backup) {
        Instant created = Instant.parse(backup.getMetadata().getCreationTimestamp());
        return scheduled(backup)
                .map(time -> time.plus(SPREAD))
                .filter(latest -> latest.isBefore(created))
                .orElse(created);
    }

    /** The time of the schedule that it is for; empty if it is for none. */
    public static Optional<Instant> scheduled(VMBackup backup) {
        try {
            return Optional.ofNullable(backup.getMetadata().getAnnotations())
                    .map(annotations -> annotations.get(Api.SCHEDULED_AT))
                    .map(Instant::parse);
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    /** Whether its schedule cancels it, and counts it as missed, if it does not begin in time. */
    static boolean isScheduled(VMBackup backup) {
        return Optional.ofNullable(backup.getMetadata().getLabels())
                .orElseGet(Map::of)
                .containsKey(Api.LABEL_BACKUP_SCHEDULE);
    }

    static boolean isTooLate(VMBackup backup, Instant now) {
        return deadline(backup).filter(now::isAfter).isPresent();
    }

    /** When another attempt may begin after the one that has just failed; empty: there is none. */
    static Optional<Instant> next(VMBackup backup, Reason reason, Instant now) {
        Instant next = now.plus(pause(failed(backup)));
        return deadline(backup)
                .filter(deadline -> mayPass(reason) && !next.isAfter(deadline))
                .map(deadline -> next);
    }

    /** The attempts that have failed. */
    static int failed(VMBackup backup) {
        return backup.retry().map(Retry::failedAttempts).orElse(0);
    }

    private static Duration pause(int failedBefore) {
        Duration pause = FIRST_PAUSE;
        for (int failed = 0; failed < failedBefore && pause.compareTo(LONGEST_PAUSE) < 0; failed++) {
            pause = pause.multipliedBy(2);
        }
        return pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
    }

    /** Whether the next attempt is still to wait. */
    static boolean isPausing(VMBackup backup, Instant now) {
        return !backup.hasBegun()
                && backup.retry()
                        .map(Retry::nextTime)
                        .map(Instant::parse)
                        .filter(next -> !RecordedTime.isOver(LONGEST_PAUSE, next.minus(LONGEST_PAUSE), now))
                        .isPresent();
    }

    /** What its status says between two attempts. */
    static Problem pending(VMBackup backup, Retry retry) {
        return new Problem(
                Reason.reported(retry.reason()).orElse(Reason.BackupFailed),
                "attempt " + retry.failedAttempts() + " failed: " + retry.message() + "; the next one begins after "
                        + retry.nextTime() + ", if it can until "
                        + deadline(backup).map(Instant::toString).orElse(retry.nextTime()) + " (spec.startWithin)");
    }
}
