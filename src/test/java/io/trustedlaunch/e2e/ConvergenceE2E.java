package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.incarnation.VMMigrationStatus;
import io.trustedlaunch.api.incarnation.VMMigrationStatus.Phase;
import io.trustedlaunch.api.incarnation.VMMigrationStatus.Transfer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A guest that changes its memory faster than it can be transferred. */
@Tag("campaign")
class ConvergenceE2E {
    private static final String GUEST = "busy";
    private static final int DIRTY_MEBIBYTES = 32;

    /** Short enough to change all memory more than once in each pass, and easier on the processor than no pause. */
    private static final String PAUSE_SECONDS = "0.2";

    /**
     * So slow that a pass takes five seconds: a guest on a busy host, throttled to half its speed, changes all of its memory
     * within one. An agent reports progress about every five seconds, and one report is needed.
     */
    private static final int MEBIBYTES_PER_SECOND = 6;

    private static final int PASSES_WITHOUT_PROGRESS = 2;

    @Test
    void aGuestThatChangesItsMemoryTooFastStaysAndMigratesOnceMoreIsAllowed() throws IOException {
        try (Stage stage = Stage.open("busy")) {
            configure(
                    stage,
                    "--migration-bandwidth=" + MEBIBYTES_PER_SECOND,
                    "--migration-longest-pause-ms=400",
                    "--migration-passes-without-progress=" + PASSES_WITHOUT_PROGRESS);
            stage.commands("init", "counter", "dirty " + DIRTY_MEBIBYTES + " " + PAUSE_SECONDS);
            stage.create(stage.vm(GUEST).userData("init").shortGracePeriod());
            String uid = stage.awaitRunning(GUEST).identity();
            String source = stage.get(GUEST).getStatus().nodeName();
            stage.awaitConsole(uid, console -> console.contains("PROOF dirty=" + DIRTY_MEBIBYTES), "changing memory");
            stage.awaitReason(GUEST, ConditionType.Migratable, Reason.Migratable);

            List<Transfer> seen = new ArrayList<>();
            VMMigrationStatus failed = migrate(stage, "too-fast", seen);

            assertThat(failed.phase()).as(failed.toString()).isEqualTo(Phase.Failed);
            Condition condition = failed.conditions().getFirst();
            assertThat(condition.getReason()).isEqualTo(Reason.MigrationNotConverging.name());
            assertThat(condition.getMessage())
                    .matches("the guest keeps running on " + source
                            + ": the guest changes [1-9]\\d* MiB of its memory per"
                            + " second, but only [1-9]\\d* MiB per second reach the target node; .* 400 ms.*");
            assertThat(seen).extracting(Transfer::pass).contains(1).anyMatch(pass -> pass != null && pass > 1);
            assertThat(stage.lab.hostsRunning(uid)).containsExactly(source);

            configure(stage);
            VMMigrationStatus migrated = stage.awaitEnd(stage.migrate(GUEST, "with-defaults"));
            assertThat(migrated.phase()).as(migrated.toString()).isEqualTo(Phase.Succeeded);
            assertThat(stage.lab.hostsRunning(uid)).doesNotContain(source);
        }
    }

    /** Takes effect for migrations that begin afterwards. */
    private static void configure(Stage stage, String... arguments) throws IOException {
        Path file = stage.lab.folder().resolve("operator.args");
        Files.write(file, List.of(arguments));
        stage.lab.run("operator", "restart").orFail();
        Files.delete(file);
    }

    private static VMMigrationStatus migrate(Stage stage, String name, List<Transfer> seen) {
        VMMigration migration = stage.migrate(GUEST, name);
        return await("the migration to end")
                .atMost(Stage.TIMEOUT)
                .pollInterval(Duration.ofMillis(500))
                .until(
                        () -> {
                            VMMigrationStatus status =
                                    stage.client.resource(migration).get().getStatus();
                            if (status != null && status.transfer() != null && !seen.contains(status.transfer())) {
                                seen.add(status.transfer());
                                System.out.println("Progress: " + status.transfer());
                            }
                            return status;
                        },
                        status -> status != null && status.completionTime() != null);
    }
}
