package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.GuestImage;
import io.trustedlaunch.api.image.GuestImageForm;
import io.trustedlaunch.api.image.GuestImageSpecBuilder;
import io.trustedlaunch.api.image.ImageEligibilityPolicy;
import io.trustedlaunch.api.image.ImageEligibilityPolicySpec;
import io.trustedlaunch.api.image.ImageEligibilityPolicySpecRuleBuilder;
import io.trustedlaunch.api.image.Provenance;
import io.trustedlaunch.api.vm.Disc;
import io.trustedlaunch.api.vm.OsDisk;
import io.trustedlaunch.api.vm.OsDiskSource;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMSpecBuilder;
import io.trustedlaunch.testkit.TestImage;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A guest installs itself on an empty disk, from a disc whose boot chain is signed, and needs the disc no more then. */
@Tag("campaign")
class InstallationE2E {
    private static final String GUEST = "golden";
    private static final String SKU = "setup";

    @Test
    void aGuestInstallsItselfUnderSecureBootWithItsTpm() {
        try (Stage stage = Stage.open("installation")) {
            GuestImage disc = disc(stage);
            try {
                install(stage, disc);
                startWithoutTheDisc(stage);
            } finally {
                stage.delete(GUEST);
                stage.client.resource(disc).delete();
                stage.client
                        .resources(ImageEligibilityPolicy.class)
                        .withName("setup-" + stage.nonce)
                        .delete();
            }
        }
    }

    private static void install(Stage stage, GuestImage disc) {
        TrustedLaunchVM wanted = stage.vm(GUEST)
                .image(disc.getMetadata().getName())
                .shortGracePeriod()
                .build();
        wanted.setSpec(TrustedLaunchVMSpecBuilder.builder(wanted.getSpec())
                .osDisk(new OsDisk(new Quantity("1Gi"), null, OsDiskSource.Empty))
                .discs(List.of(
                        new Disc("install", new ObjectRef(disc.getMetadata().getName()))))
                .build());
        stage.create(wanted);
        stage.awaitReason(GUEST, ConditionType.ImageEligible, Reason.NoRuleAllows);
        assertThat(stage.incarnations(stage.uid(GUEST))).isEmpty();

        stage.create(policy(stage, disc));
        TrustedLaunchVM vm = stage.awaitRunning(GUEST);
        stage.awaitBoots(vm.identity(), 1);
        String ek = "ek=000b" + vm.getStatus().vTPM().ekDigest();
        assertThat(stage.console(vm.identity()))
                .containsSubsequence(
                        "PROOF setup-secureboot=enabled",
                        "PROOF setup-" + ek,
                        "PROOF setup-disk=empty",
                        "PROOF setup-done=",
                        "PROOF boot=",
                        "PROOF secureboot=enabled",
                        "PROOF " + ek,
                        "PROOF ready=");
        assertThat(vm.getStatus().image().name()).isEqualTo(disc.getMetadata().getName());
        assertThat(vm.getStatus().image().sha256()).isEqualTo(disc.getSpec().sha256());
    }

    private static void startWithoutTheDisc(Stage stage) {
        stage.patchSpec(GUEST, "{\"discs\":null}");
        TrustedLaunchVM again = stage.restart(GUEST);
        stage.awaitBoots(again.identity(), 2);
        assertThat(stage.consoleSince(again.identity(), 2))
                .doesNotContain("PROOF setup-")
                .contains("PROOF ek=000b" + again.getStatus().vTPM().ekDigest());
    }

    private static GuestImage disc(Stage stage) {
        TestImage iso = TestImage.installer();
        GuestImage disc = stage.guestImage("setup-" + stage.nonce, SKU, iso.installIn(stage.lab), iso.sha256());
        disc.setSpec(GuestImageSpecBuilder.builder(disc.getSpec())
                .form(GuestImageForm.Disc)
                .build());
        return stage.create(disc);
    }

    private static ImageEligibilityPolicy policy(Stage stage, GuestImage disc) {
        ImageEligibilityPolicy policy = new ImageEligibilityPolicy();
        policy.setMetadata(Stage.meta("setup-" + stage.nonce, null));
        policy.setSpec(new ImageEligibilityPolicySpec(
                Provenance.None,
                ImageEligibilityPolicySpec.Enforcement.Creation,
                ImageEligibilityPolicySpec.WhenSecureBootOff.Report,
                List.of(ImageEligibilityPolicySpecRuleBuilder.builder()
                        .name("setup")
                        .publisher(disc.getSpec().identifier().publisher())
                        .offers(List.of(disc.getSpec().identifier().offer()))
                        .skus(List.of(SKU))
                        .forms(List.of(GuestImageForm.Disc))
                        .build())));
        return policy;
    }
}
