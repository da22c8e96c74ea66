package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMMigrationStatus;
import io.trustedlaunch.api.incarnation.VMMigrationStatus.Phase;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A guest whose disks and home are in a folder local to its host. */
class LocalDisksE2E {
    private static final String GUEST = "ledger";

    @Test
    void aGuestMigratesWithItsDisksAndItsTpmAndNothingStaysBehind() {
        try (Stage stage = Stage.open("local")) {
            String secret = UUID.randomUUID().toString();
            String written = UUID.randomUUID().toString();
            stage.commands("init", "nv-write " + secret, "data-read", "data-write " + written, "disks", "counter");
            stage.create(stage.vm(GUEST)
                    .location(Stage.LOCAL_LOCATION)
                    .dataDisk("data", "64Mi")
                    .userData("init"));
            TrustedLaunchVM before = stage.awaitRunning(GUEST);
            String uid = before.identity();
            String source = before.getStatus().nodeName();
            stage.awaitConsoleOn(source, uid, console -> console.contains("PROOF data-written=" + written));
            stage.awaitConsoleOn(source, uid, console -> console.contains("PROOF counter=2"));
            TrustedLaunchVM migratable = stage.awaitReason(GUEST, ConditionType.Migratable, Reason.Migratable);
            assertThat(Stage.condition(migratable, ConditionType.Migratable)
                            .orElseThrow()
                            .getMessage())
                    .endsWith("with a copy of its disks");

            // The disk grows while the guest runs, and the cores wait for its restart.
            stage.patchSpec(GUEST, "{\"cores\":2,\"dataDisks\":[{\"name\":\"data\",\"size\":\"96Mi\"}]}");
            stage.awaitReason(GUEST, ConditionType.RestartRequired, Reason.SpecChanged);

            VMMigrationStatus ended = stage.awaitEnd(stage.migrate(GUEST, "away"));

            assertThat(ended.phase()).as(ended.toString()).isEqualTo(Phase.Succeeded);
            TrustedLaunchVM after = stage.awaitRunning(GUEST);
            String target = after.getStatus().nodeName();
            assertThat(target).isNotEqualTo(source);
            assertThat(Stage.condition(after, ConditionType.RestartRequired)
                            .orElseThrow()
                            .getMessage())
                    .contains("spec.cores is 2, and the guest has 1");
            assertThat(after.getStatus().vTPM()).isEqualTo(before.getStatus().vTPM());
            await("the source to be cleaned up")
                    .atMost(Stage.TIMEOUT)
                    .until(() -> stage.incarnations(uid).size() == 1);
            assertThat(stage.lab.hostsWithDomain(uid)).containsExactly(target);
            assertThat(Stage.localFolder(stage.lab, source, uid)).doesNotExist();
            stage.awaitConsoleOn(target, uid, console -> console.contains("PROOF counter="));
            assertThat(console(stage, target, uid))
                    .as("it was not started again")
                    .doesNotContain("PROOF boot=");

            stage.setRunStrategy(GUEST, RunStrategy.Halted);
            stage.awaitHalted(GUEST);
            stage.setRunStrategy(GUEST, RunStrategy.Always);
            assertThat(stage.awaitRunning(GUEST).getStatus().vTPM())
                    .isEqualTo(before.getStatus().vTPM());
            stage.awaitConsoleOn(target, uid, console -> console.contains("PROOF nv=" + secret));
            stage.awaitConsoleOn(target, uid, console -> console.contains("PROOF data=" + written));
            stage.awaitConsoleOn(target, uid, console -> console.contains("PROOF disk-vdb=" + (96 << 20)));
            stage.awaitReason(GUEST, ConditionType.RestartRequired, Reason.UpToDate);
        }
    }

    private static String console(Stage stage, String host, String uid) {
        return stage.lab.console(ConsoleHistory.log(stage.lab, host, uid));
    }
}
