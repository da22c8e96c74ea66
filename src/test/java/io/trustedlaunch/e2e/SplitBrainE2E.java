package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.trustedlaunch.testkit.GuestWatch;
import io.trustedlaunch.testkit.Lab;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Checks that the tests notice two guests of one VM. Plain libvirt runs two if the migration does not pause before the
 * switch-over and the link is cut just before the target reports that it runs the guest.
 */
@Tag("campaign")
class SplitBrainE2E {
    /** Longer than libvirt waits for the other host. */
    private static final int CUT_SECONDS = 50;

    @Test
    void plainLibvirtRunsTwoGuestsAndTheTestsNotice() {
        try (Stage stage = Stage.open("two");
                LibvirtGuest guest = LibvirtGuest.copyOf(stage, MigratingGuest.start(stage, "model"))) {
            stage.delete("model");
            guest.start();
            String source = guest.host();
            String target = guest.otherHost();
            try (GuestWatch watch = GuestWatch.of(stage.lab, guest.uid())) {
                guest.awaitCounting();
                assertThat(watch.twoAtOnce()).isEmpty();

                migrateWithACutLink(stage.lab, guest, source, target);

                await("two guests")
                        .atMost(Duration.ofSeconds(CUT_SECONDS))
                        .until(() -> watch.twoAtOnce().isPresent());
                await("a number that is printed twice")
                        .atMost(Duration.ofSeconds(CUT_SECONDS))
                        .until(() -> guest.history().inconsistency().isPresent());
                System.out.println(
                        "Noticed: " + watch.twoAtOnce() + ", " + guest.history().inconsistency());
            } finally {
                stage.lab.run("libvirtd", target, "resume");
                stage.lab.run("link", source, "up", target);
            }
        }
    }

    private static void migrateWithACutLink(Lab lab, LibvirtGuest guest, String source, String target) {
        // The target's libvirtd is paused when the source asks it to finish, and answers after the link has been cut.
        guest.when(source, MigrationPhase.SWITCH_OVER, "libvirtd", target, "pause");
        guest.when(source, MigrationPhase.FINISH, "link", source, "deaf", target, "--for", String.valueOf(CUT_SECONDS));
        guest.beginMigration();
        await("the source to receive nothing")
                .atMost(Stage.TIMEOUT)
                .until(() -> lab.exec(target, "ip", "neigh", "show", "nud", "permanent")
                        .contains("lladdr"));
        lab.run("libvirtd", target, "resume").orFail();
    }
}
