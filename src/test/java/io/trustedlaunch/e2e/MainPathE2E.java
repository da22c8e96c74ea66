package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.GuestImage;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.custody.Certificates;
import io.trustedlaunch.custody.EkPublicArea;
import io.trustedlaunch.custody.PublishedAuthority;
import io.trustedlaunch.testkit.EndorsementKeys;
import io.trustedlaunch.testkit.LabOrder;
import io.trustedlaunch.testkit.TestImage;
import java.math.BigInteger;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The main path: from a manifest to a guest that proves its trusted launch, and to its deletion. */
@LabOrder(LabOrder.Place.LAST)
class MainPathE2E {
    private static final String GUEST = "guest";

    @Test
    void aManifestBecomesATrustedLaunchVmThatKeepsItsTpmOverAStopAndLeavesNothingBehind() throws Exception {
        try (Stage stage = Stage.open("main-path")) {
            String secret = UUID.randomUUID().toString();
            stage.commands("guest-init", "nv-write " + secret);
            stage.create(stage.vm(GUEST).userData("guest-init"));
            TrustedLaunchVM first = stage.awaitRunning(GUEST);
            String uid = first.getMetadata().getUid();

            stage.awaitBoots(uid, 1);
            String ekDigest = first.getStatus().vTPM().ekDigest();
            assertThat(stage.console(uid))
                    .contains("PROOF secureboot=enabled")
                    .containsPattern("PROOF lockdown=.*\\[(integrity|confidentiality)]")
                    .contains("PROOF tpm=ok")
                    .contains("PROOF nv=none")
                    .contains("PROOF nv-written=" + secret)
                    .as("the guest sees the EK of the status; 000b is the hash algorithm of its name")
                    .contains("PROOF ek=000b" + ekDigest);
            String ekCertificate = assertCertified(stage, first);
            TrustedLaunchVM withAddress =
                    stage.awaitVm(GUEST, "known by its IP", vm -> vm.getStatus().primaryIP() != null);
            String mac = withAddress.getStatus().networkInterfaces().getFirst().macAddress();
            assertThat(stage.console(uid)).contains("PROOF mac-eth0=" + mac);
            String own = withAddress.getStatus().primaryIP();
            await("what the guest sends from other addresses to be dropped")
                    .atMost(Stage.TIMEOUT)
                    // While libvirt replaces its chains, they cannot be listed whole, and ebtables ends with an error.
                    .untilAsserted(() -> assertThat(stage.lab
                                    .run(
                                            "exec",
                                            withAddress.getStatus().nodeName(),
                                            "--",
                                            "ebtables",
                                            "-t",
                                            "nat",
                                            "-L")
                                    .output())
                            .contains("-s " + mac + " -j RETURN\n-j DROP")
                            .contains("-p IPv4 --ip-src " + own + " -j RETURN\n-j DROP")
                            .contains("-p ARP --arp-ip-src " + own + " -j RETURN\n-j DROP"));

            stage.setRunStrategy(GUEST, RunStrategy.Halted);
            TrustedLaunchVM halted = stage.awaitHalted(GUEST);
            assertThat(stage.lab.hostsWithDomain(uid)).isEmpty();
            assertThat(stage.console(uid)).as("it shut down in order").contains("PROOF poweroff=");
            assertThat(halted.getStatus().vTPM().ekDigest()).isEqualTo(ekDigest);

            stage.setRunStrategy(GUEST, RunStrategy.Always);
            TrustedLaunchVM again = stage.awaitRunning(GUEST);
            stage.awaitBoots(uid, 2);
            assertThat(stage.consoleSince(uid, 2))
                    .contains("PROOF nv=" + secret)
                    .contains("PROOF ek=000b" + ekDigest);
            assertThat(again.getStatus().vTPM().ekDigest()).isEqualTo(ekDigest);
            assertThat(again.getStatus().vTPM().ekCertificate()).isEqualTo(ekCertificate);
            assertThat(again.getStatus().epoch()).isEqualTo(first.getStatus().epoch() + 1);

            stage.delete(GUEST);
            stage.awaitGone(GUEST, uid);
            assertThat(stage.lab.hostsWithDomain(uid)).isEmpty();
            assertThat(stage.folderOf(uid)).doesNotExist();
            stage.lab
                    .hosts()
                    .forEach(host -> assertThat(stage.lab.filesOf(host, uid))
                            .as("files of the VM on " + host)
                            .isBlank());
        }
    }

    /** Asserts that the published authority certifies the key whose name the guest prints. Returns the certificate. */
    private static String assertCertified(Stage stage, TrustedLaunchVM vm) throws Exception {
        String pem = vm.getStatus().vTPM().ekCertificate();
        X509Certificate certificate = Certificates.fromPem(pem);
        certificate.verify(Certificates.fromPem(stage.client
                        .configMaps()
                        .inNamespace(Stage.OPERATOR_NAMESPACE)
                        .withName(PublishedAuthority.VTPMS)
                        .get()
                        .getData()
                        .get(PublishedAuthority.CERTIFICATE))
                .getPublicKey());
        BigInteger modulus = ((RSAPublicKey) certificate.getPublicKey()).getModulus();
        EkPublicArea certified = EkPublicArea.of(EndorsementKeys.area(modulus));
        assertThat(stage.console(vm.getMetadata().getUid())).contains("PROOF ek=000b" + certified.digest());
        return pem;
    }

    @Test
    void anIneligibleImageIsRefusedAndTheRuleIsNamed() {
        try (Stage stage = Stage.open("ineligible")) {
            TestImage image = TestImage.signed();
            stage.create(stage.guestImage(
                    "excepted-" + stage.nonce, "proof-excepted", image.installIn(stage.lab), image.sha256()));
            stage.create(stage.vm(GUEST).image("excepted-" + stage.nonce));

            TrustedLaunchVM refused = stage.awaitReason(GUEST, ConditionType.ImageEligible, Reason.ExceptedByRule);

            assertThat(Stage.condition(refused, ConditionType.ImageEligible)
                            .orElseThrow()
                            .getMessage())
                    .contains("proof-" + stage.nonce + "/proof");
            String uid = refused.getMetadata().getUid();
            assertThat(stage.incarnations(uid)).isEmpty();
            assertThat(stage.keySecret(uid)).isEmpty();
            stage.client
                    .resources(GuestImage.class)
                    .withName("excepted-" + stage.nonce)
                    .delete();
        }
    }
}
