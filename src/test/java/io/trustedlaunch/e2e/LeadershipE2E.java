package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** I1 with a leader that was paused, and with an API server restored from an older snapshot. */
class LeadershipE2E {
    private static final String GUEST = "guest";

    @Test
    void aLeaderThatIsPausedWhileAVmStartsChangesNothingWhenItResumes() {
        try (Stage stage = Stage.open("two-leaders")) {
            String paused = leader(stage);
            stage.lab.run("operator", "start", "--replica", "2").orFail();
            try {
                stage.lab.run("operator", "pause", "--replica", "1").orFail();
                stage.create(stage.vmInFirmware(GUEST));
                await("the other replica to lead")
                        .atMost(Stage.TIMEOUT)
                        .until(() -> !leader(stage).equals(paused));
                TrustedLaunchVM vm = stage.awaitRunning(GUEST);
                String uid = vm.getMetadata().getUid();

                stage.lab.run("operator", "resume", "--replica", "1").orFail();
                stage.setRunStrategy(GUEST, RunStrategy.Halted);
                stage.awaitHalted(GUEST);
                stage.setRunStrategy(GUEST, RunStrategy.Always);
                TrustedLaunchVM again = stage.awaitRunning(GUEST);

                assertThat(again.getStatus().epoch()).isEqualTo(vm.getStatus().epoch() + 1);
                assertThat(stage.lab.hostsWithDomain(uid))
                        .containsExactly(again.getStatus().nodeName());
                assertThat(again.getStatus().vTPM()).isEqualTo(vm.getStatus().vTPM());
            } finally {
                stage.lab.run("operator", "stop", "--replica", "2").orFail();
            }
        }
    }

    @Test
    void aRunningVmIsAdoptedAfterTheApiServerWasRestoredFromBeforeItsEpoch(@TempDir Path folder) {
        try (Stage stage = Stage.open("restored")) {
            stage.create(stage.vmInFirmware(GUEST));
            TrustedLaunchVM before = stage.awaitRunning(GUEST);
            String uid = before.getMetadata().getUid();
            stage.setRunStrategy(GUEST, RunStrategy.Halted);
            stage.awaitHalted(GUEST);
            Path snapshot = folder.resolve("etcd.db");
            stage.lab.run("snapshot", snapshot.toString()).orFail();
            stage.setRunStrategy(GUEST, RunStrategy.Always);
            TrustedLaunchVM running = stage.awaitRunning(GUEST);
            String domain = stage.lab.exec(running.getStatus().nodeName(), "virsh", "domid", uid);

            stage.lab.run("operator", "stop").orFail();
            stage.lab.run("restore", snapshot.toString()).orFail();
            stage.setRunStrategy(GUEST, RunStrategy.Always);
            stage.lab.run("operator", "start").orFail();

            TrustedLaunchVM adopted = stage.awaitRunning(GUEST);
            assertThat(adopted.getStatus().epoch())
                    .isEqualTo(running.getStatus().epoch());
            assertThat(adopted.getStatus().nodeName())
                    .isEqualTo(running.getStatus().nodeName());
            assertThat(stage.lab.hostsWithDomain(uid))
                    .containsExactly(running.getStatus().nodeName());
            assertThat(stage.lab.exec(running.getStatus().nodeName(), "virsh", "domid", uid))
                    .as("the same domain: it was never started again")
                    .isEqualTo(domain);
        }
    }

    /** The lab's operator may just have been started. */
    private static String leader(Stage stage) {
        return await("a leader")
                .atMost(Stage.TIMEOUT)
                .until(
                        () -> Optional.ofNullable(stage.client
                                        .leases()
                                        .inNamespace(Stage.OPERATOR_NAMESPACE)
                                        .withName("trusted-launch-operator")
                                        .get())
                                .map(lease -> lease.getSpec().getHolderIdentity()),
                        Optional::isPresent)
                .orElseThrow();
    }
}
