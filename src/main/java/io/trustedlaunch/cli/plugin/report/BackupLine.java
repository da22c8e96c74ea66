package io.trustedlaunch.cli.plugin.report;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.VMBackup;
import io.trustedlaunch.api.VMBackupStatus;
import io.trustedlaunch.api.VMBackupStatus.Phase;
import java.util.Optional;
import java.util.OptionalInt;

/** A backup in one line. */
public final class BackupLine {
    private BackupLine() {}

    public static Progress progress(VMBackup backup) {
        Optional<VMBackupStatus> status = Optional.ofNullable(backup.getStatus());
        Phase phase = status.map(VMBackupStatus::phase).orElse(Phase.Pending);
        String message = status.flatMap(known -> ConditionType.Completed.in(known.conditions()))
                .map(Condition::getMessage)
                .map(text -> " (" + text + ")")
                .orElse("");
        return new Progress(
                backup.getSpec().vmRef().name() + ": " + phase + message,
                OptionalInt.of(status.map(VMBackupStatus::progressPercent).orElse(0)),
                state(phase));
    }

    private static Progress.State state(Phase phase) {
        return switch (phase) {
            case Pending, Running -> Progress.State.Ongoing;
            case Completed -> Progress.State.Done;
            case Failed -> Progress.State.Failed;
        };
    }
}
