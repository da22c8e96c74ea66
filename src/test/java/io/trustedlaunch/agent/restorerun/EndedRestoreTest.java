package io.trustedlaunch.agent.restorerun;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.api.RunPhase;
import io.trustedlaunch.api.backup.RecordedBackup;
import io.trustedlaunch.api.restore.RestoreRun;
import io.trustedlaunch.api.restore.RestoreRunSpecBuilder;
import io.trustedlaunch.api.restore.RestoreRunStatus;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class EndedRestoreTest {
    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

    private final RestoreRun run = run();

    @Test
    void oneThatIsNotOverHasNoCondition() {
        assertThat(of(new RestoreRunStatus(RunPhase.Running, "NoSpace", "no room", 25))
                        .conditions())
                .isEmpty();
    }

    @Test
    void oneThatIsOverIsCompleteOrFailed() {
        assertCondition(
                of(new RestoreRunStatus(RunPhase.Completed, null, null)), "Complete", "Restored", "VMBackup monday");
        assertCondition(
                of(new RestoreRunStatus(RunPhase.Failed, "BackupDamaged", "a pack is gone")),
                "Failed",
                "BackupDamaged",
                "a pack is gone");
        assertCondition(of(new RestoreRunStatus(RunPhase.Failed, null, null)), "Failed", "AgentFault", "as they were");
    }

    /** Its time would change the status each time. */
    @Test
    void toReportItAgainChangesNothing() {
        RestoreRunStatus first = of(new RestoreRunStatus(RunPhase.Completed, null, null));
        run.setStatus(first);
        assertThat(EndedRestore.of(run, first, NOW.plusSeconds(60))).isEqualTo(first);
    }

    private RestoreRunStatus of(RestoreRunStatus status) {
        return EndedRestore.of(run, status, NOW);
    }

    private static void assertCondition(RestoreRunStatus status, String type, String reason, String message) {
        List<Condition> conditions = status.conditions();
        assertThat(conditions).hasSize(1);
        assertThat(conditions.getFirst().getType()).isEqualTo(type);
        assertThat(conditions.getFirst().getStatus()).isEqualTo("True");
        assertThat(conditions.getFirst().getReason()).isEqualTo(reason);
        assertThat(conditions.getFirst().getMessage()).contains(message);
    }

    private static RestoreRun run() {
        RestoreRun run = new RestoreRun();
        run.setMetadata(
                new ObjectMetaBuilder().withName("restore").withGeneration(1L).build());
        run.setSpec(RestoreRunSpecBuilder.builder()
                .backup(new RecordedBackup("monday", "5e8f51bc-0031-4c5f-9f5a-6f8e1f0b7c11", "0".repeat(64)))
                .build());
        return run;
    }
}
