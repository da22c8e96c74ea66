package io.trustedlaunch.cli.plugin.report;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.ByteSize;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.incarnation.VMMigrationStatus;
import io.trustedlaunch.api.incarnation.VMMigrationStatus.Phase;
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
        if (status == null || status.completionTime() == null) {
            return Progress.State.Ongoing;
        }
        return status.phase() == Phase.Succeeded ? Progress.State.Done : Progress.State.Failed;
    }

    static String of(VMMigration migration) {
        Optional<VMMigrationStatus> status = migration.status();
        Phase phase = status.map(VMMigrationStatus::phase).orElse(Phase.Pending);
        String nodes = status.filter(known -> known.targetNode() != null && !isAlreadyThere(known))
                .map(known -> " " + known.sourceNode() + " -> " + known.targetNode())
                .orElse("");
        return migration.getSpec().vmRef().name() + nodes + ": " + phase + detail(status, phase);
    }

    static int percent(VMMigration migration) {
        return migration
                .status()
                .map(status -> status.phase() == Phase.Succeeded
                        ? 100
                        : Optional.ofNullable(status.progressPercent()).orElse(0))
                .orElse(0);
    }

    private static String detail(Optional<VMMigrationStatus> status, Phase phase) {
        return switch (phase) {
            case Migrating ->
                status.map(VMMigrationStatus::transfer)
                        .map(transfer -> " " + status.get().progressPercent() + "%, "
                                + mebibytes(transfer.transferred()) + " MiB transferred, "
                                + mebibytes(transfer.remaining()) + " MiB remaining" + passes(transfer))
                        .orElse("");
            case Succeeded ->
                status.filter(MigrationLine::isAlreadyThere)
                        .map(MigrationLine::message)
                        .orElse("");
            case Pending, Preparing, HandingOver, Failed, Cancelled ->
                status.map(MigrationLine::message).orElse("");
        };
    }

    private static boolean isAlreadyThere(VMMigrationStatus status) {
        return status.targetNode() != null && status.targetNode().equals(status.sourceNode());
    }

    private static String message(VMMigrationStatus status) {
        return ConditionType.Migrated.in(status.conditions())
                .map(Condition::getMessage)
                .map(message -> " (" + message + ")")
                .orElse("");
    }

    private static long mebibytes(Quantity size) {
        return ByteSize.of(size) >> MEBI;
    }

    private static String passes(VMMigrationStatus.Transfer transfer) {
        String pass = transfer.pass() == null ? "" : ", pass " + transfer.pass();
        return transfer.throttlePercent() == null
                ? pass
                : pass + ", CPU throttled by " + transfer.throttlePercent() + "%";
    }
}
