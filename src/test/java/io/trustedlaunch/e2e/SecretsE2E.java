package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.custody.ProtectionKey;
import io.trustedlaunch.custody.SecretsOfKey;
import io.trustedlaunch.testkit.LabOrder;
import io.trustedlaunch.testkit.SecretSearch;
import io.trustedlaunch.testkit.SecretSearch.Finding;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** I4: a VM's secrets are in their two places and nowhere else, after a stop and another start. */
@LabOrder(LabOrder.Place.LAST)
class SecretsE2E {
    private static final String GUEST = "guest";

    @Test
    void keyAndUserDataAreInTheirPlacesAndNowhereElse() throws IOException {
        try (Stage stage = Stage.open("secrets")) {
            String password = UUID.randomUUID() + "-" + UUID.randomUUID();
            stage.userData("guest-init", "#cloud-config\n# password: " + password + "\n");
            stage.create(stage.vmInFirmware(GUEST).userData("guest-init"));
            String uid = stage.awaitRunning(GUEST).getMetadata().getUid();
            stage.setRunStrategy(GUEST, RunStrategy.Halted);
            stage.awaitHalted(GUEST);
            stage.setRunStrategy(GUEST, RunStrategy.Always);
            stage.awaitRunning(GUEST);
            ProtectionKey key = stage.protectionKey(uid);
            Map<String, byte[]> secrets = new HashMap<>(SecretsOfKey.of(key, uid));
            secrets.put("user data", password.getBytes(StandardCharsets.UTF_8));
            SecretSearch search = new SecretSearch(secrets);

            Path planted = stage.lab.folder().resolve("logs/planted-" + stage.nonce);
            Files.writeString(planted, "leak: " + Base64.getEncoder().encodeToString(key.bytes()));
            assertThat(search(stage, search, uid))
                    .as("the planted leak and nothing else")
                    .allSatisfy(finding -> assertThat(finding.where()).startsWith(planted.toString()))
                    .isNotEmpty();
            Files.delete(planted);

            assertThat(search(stage, search, uid)).isEmpty();
            assertSeedsAreRestricted(stage, uid);
        }
    }

    /** Excludes etcd, which holds the Secrets, the guest's seed, which is checked by itself, and pins, which are no files. */
    private static List<Finding> search(Stage stage, SecretSearch search, String uid) {
        List<Finding> findings = new ArrayList<>(search.files(
                stage.lab.folder(),
                file -> file.startsWith(stage.lab.folder().resolve("etcd"))
                        || file.startsWith(stage.lab.folder().resolve("pins"))
                        || file.getFileName().toString().equals("seed.iso")));
        findings.addAll(search.processes(unread -> {}));
        findings.addAll(search.objects(
                stage.client,
                object -> object.resource().equals("secrets")
                        && (object.name().equals(uid)
                                || (object.namespace().equals(stage.namespace)
                                        && object.name().equals("guest-init")))));
        return findings;
    }

    private static void assertSeedsAreRestricted(Stage stage, String uid) {
        String seed = "/run/trusted-launch/vms/" + uid + "/seed.iso";
        String host = stage.get(GUEST).getStatus().nodeName();
        assertThat(stage.lab.exec(host, "stat", "-c", "%a %U:%G", seed).strip()).isEqualTo("640 root:libvirt-qemu");
    }
}
