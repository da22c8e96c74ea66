package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.RetainedVMRecord;
import io.trustedlaunch.api.TrustedLaunchVM;
import java.util.UUID;
import org.apache.commons.lang3.StringUtils;
import org.junit.jupiter.api.Test;

/** A VM that is deleted and kept, on real hosts: another has its disk, its TPM and what the guest put there. */
class RetainE2E {
    private static final String GUEST = "guest";
    private static final String HEIR = "heir";

    @Test
    void aKeptVmGoesOnUnderAnotherNameAndIsGoneWhenThatOneIsDeleted() {
        try (Stage stage = Stage.open("retain")) {
            String secret = UUID.randomUUID().toString();
            stage.userData("guest-init", "#cloud-config\n# proof: nv-write " + secret + "\n");
            stage.create(stage.vm(GUEST).userData("guest-init").retained());
            TrustedLaunchVM first = stage.awaitRunning(GUEST);
            String uid = first.getMetadata().getUid();
            String ekDigest = first.getStatus().vTPM().ekDigest();
            stage.awaitConsole(uid, console -> console.contains("PROOF ready="), "its first boot's end");
            assertThat(stage.console(uid)).contains("PROOF nv-written=" + secret);

            stage.delete(GUEST);
            await("the VM is gone from the API")
                    .atMost(Stage.PATIENCE)
                    .until(() ->
                            stage.get(GUEST) == null && stage.incarnations(uid).isEmpty());
            assertThat(stage.console(uid)).as("it was asked, not cut off").contains("PROOF poweroff=");
            assertThat(stage.lab.hostsWithDomain(uid)).isEmpty();
            assertThat(stage.folderOf(uid).resolve("os.qcow2")).exists();
            RetainedVMRecord kept = RetainedVMRecord.parse(stage.keySecret(uid)
                    .orElseThrow()
                    .getMetadata()
                    .getAnnotations()
                    .get(Api.RETAINED_VM));
            assertThat(kept.epoch()).isEqualTo(first.getStatus().epoch());
            assertThat(kept.vTPM().ekDigest()).isEqualTo(ekDigest);

            stage.create(stage.vm(HEIR).restoring(uid));
            TrustedLaunchVM heir = stage.awaitRunning(HEIR);
            assertThat(heir.getMetadata().getUid()).isNotEqualTo(uid);
            assertThat(heir.getStatus().vTPM().ekDigest()).isEqualTo(ekDigest);
            assertThat(heir.getStatus().epoch()).isGreaterThan(first.getStatus().epoch());
            stage.awaitConsole(uid, console -> StringUtils.countMatches(console, "PROOF ready=") == 2, "a second boot");
            assertThat(StringUtils.substringAfter(stage.console(uid), "PROOF ready="))
                    .contains("PROOF nv=" + secret)
                    .contains("PROOF ek=000b" + ekDigest);
            assertThat(heir.getStatus().networkInterfaces().getFirst().macAddress())
                    .isEqualTo(first.getStatus().networkInterfaces().getFirst().macAddress());

            stage.delete(HEIR);
            stage.awaitGone(HEIR, uid);
            assertThat(stage.lab.hostsWithDomain(uid)).isEmpty();
            assertThat(stage.folderOf(uid)).doesNotExist();
        }
    }
}
