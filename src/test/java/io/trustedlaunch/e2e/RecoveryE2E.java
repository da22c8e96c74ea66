package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.testkit.LabOrder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The API server loses everything, keys included. With the recovery key its owner brings back a stopped VM, with its TPM and
 * what the guest stored there, and a running one, which is not started a second time. Afterwards the lab has a cluster that
 * has not yet issued any certificate for QEMU, so no other class can run in it.
 */
@LabOrder(LabOrder.Place.ENDS_LAB)
class RecoveryE2E {
    private static final String STOPPED = "stopped";
    private static final String RUNNING = "running";

    @Test
    void noVmIsLostWithTheWholeControlPlane(@TempDir Path folder) throws IOException {
        try (Stage stage = Stage.open("recovery")) {
            String secret = UUID.randomUUID().toString();
            stage.commands("guest-init", "nv-write " + secret);
            stage.create(stage.vm(STOPPED).userData("guest-init"));
            stage.create(stage.vmInFirmware(RUNNING).onceRestarted());
            TrustedLaunchVM stopped = stage.awaitRunning(STOPPED);
            TrustedLaunchVM running = stage.awaitRunning(RUNNING);
            String stoppedUid = stopped.getMetadata().getUid();
            String runningUid = running.getMetadata().getUid();
            stage.awaitBoots(stoppedUid, 1);
            assertThat(stage.console(stoppedUid)).contains("PROOF nv-written=" + secret);
            stage.setRunStrategy(STOPPED, RunStrategy.Halted);
            stage.awaitHalted(STOPPED);
            String host = running.getStatus().nodeName();
            String domain = stage.lab.exec(host, "virsh", "domid", runningUid);

            stage.lab.run("wipe").orFail();
            assertThat(stage.keySecret(stoppedUid)).isEmpty();
            stage.lab.run("product", "start").orFail();
            Path manifests = folder.resolve("recovered.yaml");
            stage.lab
                    .kubectl(
                            "tlvm",
                            "recover",
                            "--key",
                            stage.lab.folder().resolve("pki/recovery.key").toString(),
                            "--namespace",
                            stage.namespace,
                            "--output",
                            manifests.toString(),
                            stage.folderOf(stoppedUid).toString(),
                            stage.folderOf(runningUid).toString())
                    .orFail();
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(manifests)))
                    .isEqualTo("rw-------");
            stage.createFixtures();
            stage.lab.kubectl("create", "-f", manifests.toString()).orFail();
            Files.delete(manifests);

            TrustedLaunchVM again = stage.awaitRunning(STOPPED);
            assertThat(again.getStatus().vTPM().ekDigest())
                    .isEqualTo(stopped.getStatus().vTPM().ekDigest());
            assertThat(again.getStatus().epoch()).isEqualTo(2);
            assertThat(again.getStatus().networkInterfaces().getFirst().macAddress())
                    .isEqualTo(
                            stopped.getStatus().networkInterfaces().getFirst().macAddress());
            TrustedLaunchVM adopted = stage.awaitRunning(RUNNING);
            assertThat(adopted.getStatus().epoch())
                    .isEqualTo(running.getStatus().epoch());
            assertThat(adopted.getStatus().vTPM().ekDigest())
                    .isEqualTo(running.getStatus().vTPM().ekDigest());
            assertThat(stage.lab.hostsWithDomain(runningUid)).containsExactly(host);
            assertThat(stage.lab.exec(host, "virsh", "domid", runningUid))
                    .as("the same domain: it was never started again")
                    .isEqualTo(domain);
            stage.awaitBoots(stoppedUid, 2);
            assertThat(stage.consoleSince(stoppedUid, 2))
                    .contains("PROOF nv=" + secret)
                    .contains("PROOF ek=000b" + stopped.getStatus().vTPM().ekDigest());
        }
    }
}
