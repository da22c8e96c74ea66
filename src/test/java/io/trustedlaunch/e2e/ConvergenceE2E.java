package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.VMMigration;
import io.trustedlaunch.api.VMMigrationSpec;
import io.trustedlaunch.api.VMMigrationStatus;
import io.trustedlaunch.api.VMMigrationStatus.Phase;
import io.trustedlaunch.api.VMMigrationStatus.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A guest that changes its memory faster than it gets to the other host. */
class ConvergenceE2E {
    private static final String GUEST = "busy";
    private static final int DIRTY_MEBIBYTES = 32;

    /** In seconds; more than once in each pass all the same, and a processor less busy. */
    private static final String BETWEEN = "0.5";

    /** Of three seconds each: its agent tells where a move is every five seconds or so, and one of them is to be told. */
    private static final int PASSES_WITHOUT_PROGRESS = 2;

    @Test
    void aGuestThatChangesItsMemoryTooFastStaysAndMovesWhereMoreIsAllowed() throws IOException {
        try (Stage stage = Stage.open("busy")) {
            configure(
                    stage,
                    "--migration-bandwidth=12",
                    "--migration-longest-pause-ms=400",
                    "--migration-passes-without-progress=" + PASSES_WITHOUT_PROGRESS);
            stage.userData(
                    "init",
                    "#cloud-config\n# proof: counter\n# proof: dirty " + DIRTY_MEBIBYTES + " " + BETWEEN + "\n");
            stage.create(stage.vm(GUEST).userData("init").impatient());
            String uid = stage.awaitRunning(GUEST).identity();
            String source = stage.get(GUEST).getStatus().nodeName();
            stage.awaitConsole(
                    uid, console -> console.contains("PROOF dirty=" + DIRTY_MEBIBYTES), "memory that changes");
            stage.awaitReason(GUEST, ConditionType.Migratable, Reason.Migratable);

            List<Progress> seen = new ArrayList<>();
            VMMigrationStatus failed = move(stage, "too-fast", seen);

            assertThat(failed.phase()).as(failed.toString()).isEqualTo(Phase.Failed);
            Condition why = failed.conditions().getFirst();
            assertThat(why.getReason()).isEqualTo(Reason.MigrationNotConverging.name());
            assertThat(why.getMessage())
                    .matches(
                            "the guest keeps running on " + source + ": the guest changes [1-9]\\d* MiB of its memory a"
                                    + " second, and [1-9]\\d* MiB a second get to the other node; .* 400 ms.*");
            assertThat(seen).extracting(Progress::pass).contains(1).anyMatch(pass -> pass != null && pass > 1);
            assertThat(stage.lab.hostsRunning(uid)).containsExactly(source);

            configure(stage);
            VMMigrationStatus moved = move(stage, "as-it-is-installed", new ArrayList<>());
            assertThat(moved.phase()).as(moved.toString()).isEqualTo(Phase.Succeeded);
            assertThat(stage.lab.hostsRunning(uid)).doesNotContain(source);
        }
    }

    /** Takes effect for what is offered from then on. */
    private static void configure(Stage stage, String... arguments) throws IOException {
        Path file = stage.lab.folder().resolve("operator.args");
        Files.write(file, List.of(arguments));
        stage.lab.run("operator", "restart").orFail();
        Files.delete(file);
    }

    private static VMMigrationStatus move(Stage stage, String name, List<Progress> seen) {
        VMMigration move = new VMMigration();
        move.setMetadata(Stage.meta(name, stage.namespace));
        move.setSpec(new VMMigrationSpec(new ObjectRef(GUEST), null));
        stage.create(move);
        return await("the move to end")
                .atMost(Stage.PATIENCE)
                .pollInterval(Duration.ofMillis(500))
                .until(
                        () -> {
                            VMMigrationStatus status =
                                    stage.client.resource(move).get().getStatus();
                            if (status != null && status.progress() != null && !seen.contains(status.progress())) {
                                seen.add(status.progress());
                                System.out.println("On its way: " + status.progress());
                            }
                            return status;
                        },
                        status -> status != null && status.endedAt() != null);
    }
}
