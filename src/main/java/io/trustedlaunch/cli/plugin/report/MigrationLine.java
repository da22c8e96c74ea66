package io.trustedlaunch.cli.plugin.report;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.VMMigration;
import io.trustedlaunch.api.VMMigrationStatus;
import io.trustedlaunch.api.VMMigrationStatus.Phase;
import java.util.Optional;
import java.util.OptionalInt;

/** A migration in one line. */
public final class MigrationLine {
    private static final int MEBI = 20;

    private MigrationLine() {}

    public static Progress progress(VMMigration migration) {
        return new Progress(of(migration), OptionalInt.of(percent(migration)), state(migration));
    }

    private static Progress.State state(VMMigration migration) {
        VMMigrationStatus status = migration.getStatus();
        if (status == null || status.endedAt() == null) {
            return Progress.State.Ongoing;
        }
        return status.phase() == Phase.Succeeded ? Progress.State.Done : Progress.State.Failed;
    }

    static String of(VMMigration migration) {
        Optional<VMMigrationStatus> status = Optional.ofNullable(migration.getStatus());
        Phase phase = status.map(VMMigrationStatus::phase).orElse(Phase.Pending);
        String nodes = status.filter(known -> known.targetNode() != null)
                .map(known -> " " + known.sourceNode() + " -> " + known.targetNode())
                .orElse("");
        return migration.getSpec().vmRef().name() + nodes + ": " + phase + detail(status, phase);
    }

    static int percent(VMMigration migration) {
        return Optional.ofNullable(migration.getStatus())
                .map(status -> status.phase() == Phase.Succeeded
                        ? 100
                        : Optional.ofNullable(status.progress())
                                .map(VMMigrationStatus.Progress::percent)
                                .orElse(0))
                .orElse(0);
    }

    private static String detail(Optional<VMMigrationStatus> status, Phase phase) {
        return switch (phase) {
            case Migrating ->
                status.map(VMMigrationStatus::progress)
                        .map(progress -> " " + progress.percent() + "%, " + (progress.transferredBytes() >> MEBI)
                                + " MiB transferred, " + (progress.remainingBytes() >> MEBI) + " MiB remaining"
                                + passes(progress))
                        .orElse("");
            case Succeeded -> "";
            case Pending, Preparing, HandingOver, Failed, Cancelled ->
                status.map(VMMigrationStatus::conditions)
                        .flatMap(ConditionType.Migrated::in)
                        .map(Condition::getMessage)
                        .map(message -> " (" + message + ")")
                        .orElse("");
        };
    }

    private static String passes(VMMigrationStatus.Progress progress) {
        String pass = progress.pass() == null ? "" : ", pass " + progress.pass();
        return progress.throttlePercent() == null
                ? pass
                : pass + ", CPU throttled by " + progress.throttlePercent() + "%";
    }
}
