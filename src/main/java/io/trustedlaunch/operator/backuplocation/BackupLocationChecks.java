package io.trustedlaunch.operator.backuplocation;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupLocationStatus;
import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.api.backup.VMBackup;
import java.util.Optional;

/**
 * What those who use a BackupLocation wait for, said before a run is made. What opens the store compares its marker once more: this
 * is only what was reported last. Pure.
 */
public final class BackupLocationChecks {
    private BackupLocationChecks() {}

    /** Whether it says which store it means. */
    public static Optional<Problem> identified(BackupLocation location) {
        String name = location.getMetadata().getName();
        return location.getSpec().id() != null
                ? Optional.empty()
                : Optional.of(new Problem(
                        Reason.BackupLocationNotInitialized,
                        "BackupLocation " + name
                                + " does not say which store it means (spec.id): an administrator makes the"
                                + " marker of a new store with kubectl tlvm backup location init " + name
                                + ", or takes over one that is there with kubectl tlvm backup location adopt " + name));
    }

    /** Whether a run on that node finds the store there. What the operator itself sees of a bucket is asked elsewhere. */
    public static Optional<Problem> usable(BackupLocation location, String nodeName) {
        return identified(location)
                .or(() -> location.getSpec().folder() == null ? Optional.empty() : found(location, nodeName));
    }

    private static Optional<Problem> found(BackupLocation location, String nodeName) {
        Optional<BackupLocationStatus.Node> reported = location.on(nodeName);
        if (reported.filter(BackupLocationStatus.Node::ready).isPresent()) {
            return Optional.empty();
        }
        String name = location.getMetadata().getName();
        return Optional.of(new Problem(
                Reason.BackupLocationUnavailable,
                reported.map(node ->
                                "BackupLocation " + name + " cannot be used on node " + nodeName + ": " + node.message()
                                        + ". An administrator mounts the right file system there, and it goes on by itself"
                                        + " (kubectl describe backuplocation " + name + ")")
                        .orElse("node " + nodeName
                                + " has not reported yet what it finds in the folder of BackupLocation " + name
                                + ": check that its agent runs")));
    }

    /** There is no such location any more, with a backup that somebody waits for. */
    public static Problem gone(BackupRunSpec.Location recorded) {
        return new Problem(
                Reason.BackupLocationNotFound,
                "BackupLocation " + recorded.name() + ", which has the backup in " + recorded.place()
                        + ", was deleted or replaced: an administrator creates it as it was");
    }

    /** Whether a backup that has begun is in the store that the location means now. */
    public static Optional<Problem> holds(BackupLocation location, VMBackup backup) {
        if (backup.isIn(location)) {
            return Optional.empty();
        }
        return identified(location)
                .or(
                        () -> Optional.of(
                                new Problem(
                                        Reason.BackupLocationUnavailable,
                                        "VMBackup " + backup.getMetadata().getName() + " is in store "
                                                + backup.getStatus().locationID() + ", and BackupLocation "
                                                + location.getMetadata().getName() + " means store "
                                                + location.getSpec().id()
                                                + ": an administrator creates a BackupLocation of that name which means the first one")));
    }
}
