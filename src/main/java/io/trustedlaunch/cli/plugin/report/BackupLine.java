package io.trustedlaunch.cli.plugin.report;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.backup.VMBackupStatus.Phase;
import java.util.Optional;
import java.util.OptionalInt;

/** A backup in one line. */
public final class BackupLine {
    private BackupLine() {}

    public static Progress progress(VMBackup backup) {
        Optional<VMBackupStatus> status = backup.status();
        Phase phase = status.map(VMBackupStatus::phase).orElse(Phase.Pending);
        return new Progress(
                backup.getSpec().vmRef().name() + ": " + phase + message(backup, ConditionType.Completed),
                OptionalInt.of(status.map(VMBackupStatus::progressPercent).orElse(0)),
                state(phase));
    }

    /** How often it is attempted. */
    public static String attempts(VMBackup backup) {
        String within = backup.getSpec().startWithin();
        return within == null
                ? "there is one attempt; to have others follow it after a failure that may pass: --start-within 2h"
                : "attempts may begin within " + within;
    }

    /** While its files are removed; nobody waits for what may take weeks. */
    public static Progress removal(VMBackup backup) {
        boolean isKept = backup.condition(ConditionType.Removed)
                .filter(condition -> condition.getReason().equals(Reason.MinimumRetention.name()))
                .isPresent();
        return new Progress(
                (isKept ? "not removed yet" : "waiting for its files to be removed")
                        + message(backup, ConditionType.Removed),
                OptionalInt.empty(),
                isKept ? Progress.State.Failed : Progress.State.Ongoing);
    }

    /** While it is verified, and afterwards. */
    public static Progress verification(VMBackup backup) {
        Optional<String> verified = backup.status()
                .flatMap(known -> ConditionType.Verified.in(known.conditions()))
                .map(Condition::getStatus);
        boolean pending = backup.pendingVerification().isPresent();
        return new Progress(
                line(backup, pending, verified),
                pending
                        ? OptionalInt.of(backup.status()
                                .map(VMBackupStatus::verifiedPercent)
                                .orElse(0))
                        : OptionalInt.empty(),
                pending
                        ? Progress.State.Ongoing
                        : verified.filter("True"::equals).isPresent() ? Progress.State.Done : Progress.State.Failed);
    }

    /** While it is verified, the condition may still have the result of the last time. */
    private static String line(VMBackup backup, boolean pending, Optional<String> verified) {
        if (pending) {
            return verified.filter("Unknown"::equals).isPresent()
                    ? "verifying" + message(backup, ConditionType.Verified)
                    : "verifying";
        }
        return (verified.filter("True"::equals).isPresent() ? "verified" : "damaged")
                + message(backup, ConditionType.Verified);
    }

    private static String message(VMBackup backup, ConditionType type) {
        return backup.status()
                .flatMap(known -> type.in(known.conditions()))
                .map(Condition::getMessage)
                .map(text -> " (" + text + ")")
                .orElse("");
    }

    private static Progress.State state(Phase phase) {
        return switch (phase) {
            case Pending, Running -> Progress.State.Ongoing;
            case Completed, Removing -> Progress.State.Done;
            case Failed -> Progress.State.Failed;
        };
    }
}
