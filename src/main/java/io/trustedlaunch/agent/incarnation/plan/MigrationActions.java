package io.trustedlaunch.agent.incarnation.plan;

import io.trustedlaunch.agent.hypervisor.MigrationOptions;
import io.trustedlaunch.agent.hypervisor.MigrationProgress;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.RecordStayed;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.ReportStayed;
import io.trustedlaunch.agent.migration.Migration;
import java.time.Duration;
import java.util.Optional;

/** Migrates a guest to another host; on its source. */
public interface MigrationActions {
    void start(IncarnationFacts facts, Migration migration, MigrationOptions options);

    Requeue reportUnderway(IncarnationFacts facts, long epoch, String nodeName, Optional<MigrationProgress> progress);

    Requeue allowPause(IncarnationFacts facts, Duration pause);

    Requeue abort(IncarnationFacts facts);

    void resume(IncarnationFacts facts);

    void recordStayed(IncarnationFacts facts, RecordStayed stayed);

    void reportStayed(IncarnationFacts facts, ReportStayed stayed);

    void recordLeft(IncarnationFacts facts, long epoch);

    void recordReportedLeft(IncarnationFacts facts, Migration migration, boolean copiesDisks);

    Requeue reportLeft(IncarnationFacts facts, long epoch, String nodeName);

    Requeue handOver(IncarnationFacts facts, Migration migration);

    Requeue clearFolder(IncarnationFacts facts);
}
