package io.trustedlaunch.cli.plugin.report;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.VMMigration;
import io.trustedlaunch.api.VMMigrationStatus;
import io.trustedlaunch.api.VMMigrationStatus.Phase;
import io.trustedlaunch.api.VMMigrationStatus.Progress;
import java.util.List;
import java.util.Optional;

/** One move in one line. */
public final class MigrationLine {
    private static final int MEBI = 20;

    private MigrationLine() {}

    public static String of(VMMigration move) {
        Optional<VMMigrationStatus> status = Optional.ofNullable(move.getStatus());
        Phase phase = status.map(VMMigrationStatus::phase).orElse(Phase.Pending);
        String way = status.filter(known -> known.targetNode() != null)
                .map(known -> " " + known.sourceNode() + " -> " + known.targetNode())
                .orElse("");
        return move.getSpec().vmRef().name() + way + ": " + phase + detail(status, phase);
    }

    public static int percent(VMMigration move) {
        return Optional.ofNullable(move.getStatus())
                .map(status -> status.phase() == Phase.Succeeded
                        ? 100
                        : Optional.ofNullable(status.progress())
                                .map(Progress::percent)
                                .orElse(0))
                .orElse(0);
    }

    private static String detail(Optional<VMMigrationStatus> status, Phase phase) {
        return switch (phase) {
            case Migrating ->
                status.map(VMMigrationStatus::progress)
                        .map(progress -> " " + progress.percent() + " %, " + (progress.transferredBytes() >> MEBI)
                                + " MiB sent, " + (progress.remainingBytes() >> MEBI) + " MiB left" + passes(progress))
                        .orElse("");
            case Succeeded -> "";
            case Pending, Preparing, HandingOver, Failed, Cancelled ->
                condition(status).map(known -> " (" + known.getMessage() + ")").orElse("");
        };
    }

    private static String passes(Progress progress) {
        String pass = progress.pass() == null ? "" : ", pass " + progress.pass();
        return progress.throttlePercent() == null
                ? pass
                : pass + ", held up for " + progress.throttlePercent() + " % of its time";
    }

    private static Optional<Condition> condition(Optional<VMMigrationStatus> status) {
        return status.map(VMMigrationStatus::conditions).orElse(List.of()).stream()
                .filter(condition -> condition.getType().equals(ConditionType.Migrated.name()))
                .findFirst();
    }
}
