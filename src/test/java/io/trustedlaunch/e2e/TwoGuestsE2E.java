package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.trustedlaunch.testkit.GuestWatch;
import io.trustedlaunch.testkit.Lab;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * That two guests are seen where there are two: libvirt runs them when it is left alone, the migration is not paused at
 * its end, and the link is cut as the target is to say that it runs the guest.
 */
@Tag("campaign")
class TwoGuestsE2E {
    /** Longer than libvirt waits for the other host. */
    private static final int CUT = 50;

    @Test
    void plainLibvirtRunsTwoGuestsAndTheTestsSeeIt() {
        try (Stage stage = Stage.open("two");
                PlainGuest guest = PlainGuest.copyOf(stage, MovingGuest.start(stage, "model"))) {
            stage.delete("model");
            guest.start();
            String source = guest.host();
            String target = guest.otherHost();
            try (GuestWatch watch = GuestWatch.of(stage.lab, guest.uid())) {
                guest.awaitCounting();
                assertThat(watch.twoAtOnce()).isEmpty();

                migrateWithACutLink(stage.lab, guest, source, target);

                await("two guests")
                        .atMost(Duration.ofSeconds(CUT))
                        .until(() -> watch.twoAtOnce().isPresent());
                await("numbers that are said twice")
                        .atMost(Duration.ofSeconds(CUT))
                        .until(() -> guest.history().fault().isPresent());
                System.out.println(
                        "Seen: " + watch.twoAtOnce() + ", " + guest.history().fault());
            } finally {
                stage.lab.run("libvirtd", target, "resume");
                stage.lab.run("link", source, "up", target);
            }
        }
    }

    private static void migrateWithACutLink(Lab lab, PlainGuest guest, String source, String target) {
        // The question whether all is there reaches a libvirtd that waits; it answers when nobody hears it any more.
        guest.begin("when", source, MovePhase.SWITCH_OVER.logged(), "libvirtd", target, "pause");
        guest.begin(
                "when",
                source,
                MovePhase.FINISH.logged(),
                "link",
                source,
                "deaf",
                target,
                "--for",
                String.valueOf(CUT));
        guest.beginMigration();
        await("a source that hears nothing")
                .atMost(Stage.PATIENCE)
                .until(() -> lab.exec(target, "ip", "neigh", "show", "nud", "permanent")
                        .contains("lladdr"));
        lab.run("libvirtd", target, "resume").orFail();
    }
}
