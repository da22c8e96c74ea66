package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RunStrategy;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.VMMigration;
import io.trustedlaunch.api.VMMigrationSpec;
import io.trustedlaunch.api.VMMigrationStatus;
import io.trustedlaunch.api.VMMigrationStatus.Phase;
import java.time.Duration;
import java.util.UUID;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** A guest whose disks and home are in a folder that the other host does not have. */
class LocalDisksE2E {
    private static final String GUEST = "ledger";

    @Test
    void aGuestMovesWithItsDisksAndItsTpmAndNothingStaysBehind() {
        try (Stage stage = Stage.open("local")) {
            String secret = UUID.randomUUID().toString();
            String written = UUID.randomUUID().toString();
            stage.userData(
                    "init",
                    "#cloud-config\n# proof: nv-write " + secret + "\n# proof: data-read\n# proof: data-write "
                            + written + "\n# proof: counter\n");
            stage.create(stage.vm(GUEST)
                    .location(Stage.LOCAL_LOCATION)
                    .dataDisk("data", "64Mi")
                    .userData("init"));
            TrustedLaunchVM before = stage.awaitRunning(GUEST);
            String uid = before.identity();
            String source = before.getStatus().nodeName();
            awaitConsole(stage, source, uid, console -> console.contains("PROOF data-written=" + written));
            awaitConsole(stage, source, uid, console -> console.contains("PROOF counter=2"));
            TrustedLaunchVM movable = stage.awaitReason(GUEST, ConditionType.Migratable, Reason.Migratable);
            assertThat(Stage.condition(movable, ConditionType.Migratable)
                            .orElseThrow()
                            .getMessage())
                    .endsWith("with a copy of its disks");

            VMMigrationStatus moved = move(stage);

            assertThat(moved.phase()).as(moved.toString()).isEqualTo(Phase.Succeeded);
            TrustedLaunchVM after = stage.awaitRunning(GUEST);
            String target = after.getStatus().nodeName();
            assertThat(target).isNotEqualTo(source);
            assertThat(after.getStatus().vTPM()).isEqualTo(before.getStatus().vTPM());
            await("the source to be cleared away")
                    .atMost(Stage.PATIENCE)
                    .until(() -> stage.incarnations(uid).size() == 1);
            assertThat(stage.lab.hostsWithDomain(uid)).containsExactly(target);
            assertThat(Stage.localFolder(stage.lab, source, uid)).doesNotExist();
            awaitConsole(stage, target, uid, console -> console.contains("PROOF counter="));
            assertThat(console(stage, target, uid))
                    .as("it was not started again")
                    .doesNotContain("PROOF boot=");

            stage.setRunStrategy(GUEST, RunStrategy.Halted);
            stage.awaitHalted(GUEST);
            stage.setRunStrategy(GUEST, RunStrategy.Always);
            assertThat(stage.awaitRunning(GUEST).getStatus().vTPM())
                    .isEqualTo(before.getStatus().vTPM());
            awaitConsole(stage, target, uid, console -> console.contains("PROOF nv=" + secret));
            awaitConsole(stage, target, uid, console -> console.contains("PROOF data=" + written));
        }
    }

    private static VMMigrationStatus move(Stage stage) {
        VMMigration move = new VMMigration();
        move.setMetadata(Stage.meta("away", stage.namespace));
        move.setSpec(new VMMigrationSpec(new ObjectRef(GUEST), null));
        stage.create(move);
        return await("the move to end")
                .atMost(Stage.PATIENCE)
                .pollInterval(Duration.ofMillis(500))
                .until(
                        () -> stage.client.resource(move).get().getStatus(),
                        status -> status != null && status.endedAt() != null);
    }

    private static void awaitConsole(Stage stage, String host, String uid, Predicate<String> predicate) {
        await("what the guest on " + host + " says")
                .atMost(Stage.PATIENCE)
                .pollInterval(Duration.ofMillis(500))
                .until(() -> console(stage, host, uid), predicate);
    }

    private static String console(Stage stage, String host, String uid) {
        return stage.lab.console(Stage.localFolder(stage.lab, host, uid).resolve("console.log"));
    }
}
