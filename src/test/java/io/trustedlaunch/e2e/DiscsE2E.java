package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.GuestImage;
import io.trustedlaunch.api.image.GuestImageForm;
import io.trustedlaunch.api.image.GuestImageSpecBuilder;
import io.trustedlaunch.api.image.ImageEligibilityPolicy;
import io.trustedlaunch.api.image.ImageEligibilityPolicySpec;
import io.trustedlaunch.api.image.ImageEligibilityPolicySpecRuleBuilder;
import io.trustedlaunch.api.image.Provenance;
import io.trustedlaunch.api.incarnation.VMMigrationStatus;
import io.trustedlaunch.api.incarnation.VMMigrationStatus.Phase;
import io.trustedlaunch.api.vm.Disc;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMSpecBuilder;
import io.trustedlaunch.testkit.TestImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A guest that runs reads the discs that are inserted into its drive, also on another host, and holds one until it has unmounted it. */
@Tag("campaign")
class DiscsE2E {
    private static final String GUEST = "ledger";

    @Test
    void discsAreInsertedReadMovedHeldAndEjected() throws IOException {
        try (Stage stage = Stage.open("discs")) {
            create(stage, TestImage.generic(), "generic", "proof-generic", GuestImageForm.Disk);
            create(stage, TestImage.disc("apple"), "apple", "disc-apple", GuestImageForm.Disc);
            create(stage, TestImage.disc("pear"), "pear", "disc-pear", GuestImageForm.Disc);
            TrustedLaunchVM wanted = stage.vm(GUEST)
                    .image(name(stage, "generic"))
                    .shortGracePeriod()
                    .build();
            wanted.setSpec(TrustedLaunchVMSpecBuilder.builder(wanted.getSpec())
                    .discs(List.of(new Disc("tools", null)))
                    .build());
            stage.create(wanted);
            String uid = stage.awaitRunning(GUEST).identity();
            stage.awaitConsole(uid, console -> console.contains("PROOF ready="), "the boot");

            assertThat(disc(stage, "insert", GUEST, "tools", "--image", name(stage, "generic")))
                    .contains("has form Disk, and one of form Disc is needed");
            insert(stage, "apple");
            assertThat(message(stage.awaitReason(GUEST, ConditionType.DiscsInserted, Reason.NoRuleAllows)))
                    .contains("disc tools is not inserted");
            stage.create(policy(stage));
            assertThat(message(stage.awaitReason(GUEST, ConditionType.DiscsInserted, Reason.DiscsInserted)))
                    .isEqualTo("tools: GuestImage " + name(stage, "apple"));
            try (ConsoleUser user = new ConsoleUser(stage, GUEST)) {
                new GuestPrompt(stage, uid, user).does("discs", "disc-sr0=apple");
            }

            stage.awaitShared();
            stage.awaitReason(GUEST, ConditionType.Migratable, Reason.Migratable);
            VMMigrationStatus moved = stage.awaitEnd(stage.migrate(GUEST, "with-a-disc"));
            assertThat(moved.phase()).as(moved.toString()).isEqualTo(Phase.Succeeded);
            insert(stage, "pear");
            inserted(stage, "tools: GuestImage " + name(stage, "pear"));
            try (ConsoleUser user = new ConsoleUser(stage, GUEST)) {
                GuestPrompt prompt = new GuestPrompt(stage, uid, user);
                prompt.does("discs", "disc-sr0=pear");
                prompt.does("disc-hold sr0", "disc-held=sr0");
                disc(stage, "eject", GUEST, "tools");
                stage.awaitReason(GUEST, ConditionType.DiscsInserted, Reason.DiscChangeFailed);
                prompt.does("disc-release sr0", "disc-released=sr0");
                inserted(stage, "tools: empty");
                prompt.does("discs", "disc-sr0=none");
            }
            remove(stage);
        }
    }

    /** What the stage does not. Copies that a guest may need stay as long as it does. */
    private static void remove(Stage stage) {
        for (String image : List.of("generic", "apple", "pear")) {
            stage.client
                    .resources(GuestImage.class)
                    .withName(name(stage, image))
                    .delete();
        }
        stage.client
                .resources(ImageEligibilityPolicy.class)
                .withName("discs-" + stage.nonce)
                .delete();
    }

    private static void inserted(Stage stage, String message) {
        stage.awaitVm(
                GUEST,
                message,
                vm -> Stage.condition(vm, ConditionType.DiscsInserted)
                        .filter(condition -> condition.getMessage().equals(message))
                        .isPresent());
    }

    private static String message(TrustedLaunchVM vm) {
        return Stage.condition(vm, ConditionType.DiscsInserted).orElseThrow().getMessage();
    }

    /** As an API server takes it: that a policy refuses the disc, the plugin would say itself. */
    private static void insert(Stage stage, String image) {
        stage.patchSpec(
                GUEST, "{\"discs\":[{\"name\":\"tools\",\"imageRef\":{\"name\":\"" + name(stage, image) + "\"}}]}");
    }

    private static String disc(Stage stage, String command, String... arguments) {
        List<String> line = new ArrayList<>(List.of("tlvm", "disc", command));
        line.addAll(List.of(arguments));
        line.addAll(List.of("-n", stage.namespace));
        return stage.lab.kubectl(line.toArray(String[]::new)).output();
    }

    private static String name(Stage stage, String image) {
        return image + "-" + stage.nonce;
    }

    private static void create(Stage stage, TestImage image, String name, String sku, GuestImageForm form) {
        GuestImage guestImage = stage.guestImage(name(stage, name), sku, image.installIn(stage.lab), image.sha256());
        guestImage.setSpec(
                GuestImageSpecBuilder.builder(guestImage.getSpec()).form(form).build());
        stage.create(guestImage);
    }

    private static ImageEligibilityPolicy policy(Stage stage) {
        GuestImage any =
                stage.guestImage("any", "disc-any", "none", TestImage.blank().sha256());
        ImageEligibilityPolicy policy = new ImageEligibilityPolicy();
        policy.setMetadata(Stage.meta("discs-" + stage.nonce, null));
        policy.setSpec(new ImageEligibilityPolicySpec(
                Provenance.None,
                ImageEligibilityPolicySpec.Enforcement.Creation,
                ImageEligibilityPolicySpec.WhenSecureBootOff.Report,
                List.of(ImageEligibilityPolicySpecRuleBuilder.builder()
                        .name("discs")
                        .publisher(any.getSpec().identifier().publisher())
                        .offers(List.of(stage.nonce))
                        .skus(List.of("disc-*"))
                        .forms(List.of(GuestImageForm.Disc))
                        .build())));
        return policy;
    }
}
