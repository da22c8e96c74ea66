package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.ImageEligibilityPolicy;
import io.trustedlaunch.api.vm.RunStrategy;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A user at the console of a real guest, in the setup of its firmware. */
class SecureBootE2E {
    private static final String GUEST = "payroll";
    private static final String DOWN = "\u001b[B";
    private static final String ENTER = "\r";

    @Test
    void whoTurnsSecureBootOffIsNoticedAndByPolicyTheVmDoesNotStartAgain() throws Exception {
        try (Stage stage = Stage.open("secure-boot")) {
            stage.create(stage.vmInFirmware(GUEST));
            stage.awaitReason(GUEST, ConditionType.SecureBoot, Reason.SecureBootOn);
            stage.awaitRunning(GUEST);

            try (ConsoleUser user = new ConsoleUser(stage, GUEST)) {
                turnSecureBootOff(user);
            }

            stage.awaitReason(GUEST, ConditionType.SecureBoot, Reason.SecureBootOff);
            assertThat(stage.get(GUEST).getStatus().secureBoot().enabled()).isFalse();
            await("an event")
                    .atMost(Stage.TIMEOUT)
                    .until(() -> !stage.events(Reason.SecureBootOff).isEmpty());
            stage.client
                    .resources(ImageEligibilityPolicy.class)
                    .withName("proof-" + stage.nonce)
                    .patch(
                            PatchContext.of(PatchType.JSON_MERGE),
                            "{\"spec\": {\"whenSecureBootOff\": \"RefuseStart\"}}");
            stage.setRunStrategy(GUEST, RunStrategy.Halted);
            stage.awaitHalted(GUEST);
            stage.setRunStrategy(GUEST, RunStrategy.Always);
            stage.awaitNotReady(GUEST, Reason.SecureBootOff, "refuses the next start");
        }
    }

    /** The guest has nothing to boot, so its firmware waits for any key. */
    private static void turnSecureBootOff(ConsoleUser user) throws IOException {
        user.awaitScreen("connected to the console on node");
        await("the setup of the firmware")
                .atMost(Stage.TIMEOUT)
                .pollInterval(Duration.ofSeconds(2))
                .until(() -> {
                    user.type("x");
                    return user.screen().contains("Device Manager");
                });
        user.type(DOWN + ENTER);
        user.awaitScreen("Secure Boot Configuration");
        user.type(DOWN.repeat(itemsBefore("Secure Boot Configuration", user.screen())) + ENTER);
        user.awaitScreen("Attempt Secure Boot");
        user.type(DOWN + " ");
        user.awaitScreen("Configuration changed");
    }

    /** The order differs between versions. */
    private static int itemsBefore(String item, String screen) {
        String list = screen.substring(screen.indexOf("Devices List"), screen.lastIndexOf(item));
        return list.split(">", -1).length - 2;
    }
}
