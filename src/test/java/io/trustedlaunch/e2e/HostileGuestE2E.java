package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.TrustedLaunchVMStatus.Interface;
import io.trustedlaunch.api.VMBackupStatus;
import io.trustedlaunch.api.VMIncarnationStatus;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A real guest answers in place of a guest agent: with far too many addresses, with texts that are none, and with nonsense. */
class HostileGuestE2E {
    private static final String GUEST = "guest";

    @Test
    void whatAGuestSaysHoldsBackNoOtherReportAndNoBackup() throws IOException {
        try (Stage stage = Stage.open("hostile")) {
            stage.create(stage.vm(GUEST).shortGracePeriod());
            String uid = stage.awaitRunning(GUEST).identity();
            stage.awaitBoots(uid, 1);
            Backups backups = Backups.of(stage, GUEST);
            try (ConsoleUser user = new ConsoleUser(stage, GUEST)) {
                GuestPrompt guest = new GuestPrompt(stage, uid, user);
                guest.does("guest-agent hostile", "guest-agent=hostile");
                TrustedLaunchVM vm = stage.awaitVm(
                        GUEST,
                        "addresses of the hostile guest",
                        one -> addresses(one).stream().anyMatch(address -> address.startsWith("198.51.100.")));
                assertThat(addresses(vm))
                        .hasSize(Interface.MAX_ADDRESSES)
                        .allMatch(address -> address.startsWith("198.51.100."));

                GuestStateVersion before = sealed(stage, uid);
                guest.does("nv-overwrite later", "nv-written=later");
                stage.awaitVm(
                        GUEST,
                        "a later guest state to be reported",
                        one -> sealed(stage, uid).compareTo(before) > 0);

                VMBackupStatus backup = backups.make("nonsense");
                Condition quiesced =
                        ConditionType.Quiesced.in(backup.conditions()).orElseThrow();
                assertThat(quiesced.getStatus()).isEqualTo("False");
                assertThat(quiesced.getMessage()).doesNotContain("\u001b");
            }
        }
    }

    private static List<String> addresses(TrustedLaunchVM vm) {
        return vm.getStatus().networkInterfaces().stream()
                .flatMap(card -> card.ipAddresses().stream())
                .toList();
    }

    private static GuestStateVersion sealed(Stage stage, String uid) {
        return stage.incarnations(uid).stream()
                .map(incarnation -> incarnation.getStatus())
                .map(VMIncarnationStatus::guestState)
                .map(VMIncarnationStatus.SealedState::version)
                .findFirst()
                .orElseThrow();
    }
}
