package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMMigrationStatus;
import io.trustedlaunch.api.vm.GuestInfo;
import io.trustedlaunch.api.vm.RunStrategy;
import java.io.IOException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A real qemu-guest-agent says what its guest is. {@link HostileGuestE2E} has one that lies. */
@Tag("campaign")
class GuestInfoE2E {
    private static final String GUEST = "guest";

    private static final long DATA_BYTES = 64 << 20;

    @Test
    void whatAGuestSaysOfItselfIsShownAsLongAsItRuns() throws IOException {
        try (Stage stage = Stage.open("guestinfo")) {
            stage.create(stage.vm(GUEST).dataDisk("files", "64Mi").shortGracePeriod());
            String uid = stage.awaitRunning(GUEST).identity();
            stage.awaitBoots(uid, 1);
            assertThat(stage.get(GUEST).getStatus().guest())
                    .as("without a guest agent")
                    .isNull();
            try (ConsoleUser user = new ConsoleUser(stage, GUEST)) {
                GuestPrompt guest = new GuestPrompt(stage, uid, user);
                // File systems that it mounts later are reported later.
                guest.does("files-make", "files=made");
                guest.does("guest-agent", "guest-agent=started");
            }

            GuestInfo said = stage.awaitVm(
                            GUEST,
                            "what the guest says of itself",
                            vm -> vm.getStatus().guest() != null)
                    .getStatus()
                    .guest();
            System.out.println("GUESTINFO " + said);
            assertThat(said.agent().connected()).isTrue();
            assertThat(said.agent().version()).matches("\\d+\\.\\d+.*");
            assertThat(said.os().kernelRelease()).matches("\\d+\\.\\d+.*");
            assertThat(said.fileSystems()).anySatisfy(files -> {
                assertThat(files.mountPoint()).isEqualTo("/files");
                assertThat(files.type()).isEqualTo("ext4");
                assertThat(files.totalBytes()).isBetween(DATA_BYTES / 2, DATA_BYTES);
                assertThat(files.usedPercent()).isBetween(0, 20);
            });
            assertThat(stage.lab
                            .kubectl("tlvm", "guest", GUEST, "-n=" + stage.namespace)
                            .orFail())
                    .contains("connected, version " + said.agent().version(), "/files", "guest's own word");

            stage.awaitReason(GUEST, ConditionType.Migratable, Reason.Migratable);
            assertThat(stage.awaitEnd(stage.migrate(GUEST, "away")).phase())
                    .isEqualTo(VMMigrationStatus.Phase.Succeeded);
            assertThat(stage.awaitRunning(GUEST).getStatus().guest())
                    .as("after a migration")
                    .isEqualTo(said);
            // The guest is asked by its new node, whose report has a later time.
            stage.awaitVm(
                    GUEST,
                    "asked by its new node",
                    vm -> stage.incarnations(uid).stream()
                            .filter(incarnation -> vm.getStatus()
                                    .epoch()
                                    .equals(incarnation.getSpec().epoch()))
                            .anyMatch(incarnation -> incarnation.getStatus().guest() != null));
            assertThat(stage.get(GUEST).getStatus().guest().os()).isEqualTo(said.os());

            stage.setRunStrategy(GUEST, RunStrategy.Halted);
            stage.awaitHalted(GUEST);
            assertThat(stage.get(GUEST).getStatus().guest())
                    .as("of a guest that does not run")
                    .isNull();
        }
    }
}
