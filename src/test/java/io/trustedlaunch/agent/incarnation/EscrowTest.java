package io.trustedlaunch.agent.incarnation;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.recovery.EscrowName;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** When an incarnation's escrow is in the VM's folder. */
class EscrowTest extends OneHost {
    @Test
    void theEscrowIsWrittenBeforeTheGuestsFirstInstructionAndReplacesTheEarlierOne() throws IOException {
        world.failHome("Input/output error");
        world.pass(incarnation);
        assertThat(world.reason(incarnation)).isEqualTo(Reason.EscrowNotWritten);
        assertThat(world.status(incarnation).message()).contains("Input/output error");
        world.assertPaused();

        world.healHome();
        world.later(Duration.ofMinutes(1));
        world.pass(incarnation);
        world.assertRuns();
        assertThat(escrow(1)).hasBinaryContent(World.escrow(1));

        world.stop(incarnation);
        world.start(2, "1-1");
        assertThat(escrow(2)).hasBinaryContent(World.escrow(2));
        assertThat(escrow(1)).doesNotExist();
    }

    @Test
    void anIncarnationWithoutAnEscrowKeepsTheEarlierOne() {
        world.pass(incarnation);
        world.stop(incarnation);
        world.escrowing = false;

        world.start(2, "1-1");

        world.assertRuns();
        assertThat(escrow(1)).exists();
        assertThat(escrow(2)).doesNotExist();
    }

    @Test
    void anEscrowThatIsAddedWhileTheGuestRunsIsWrittenAndAFailureDoesNotStopTheGuest() {
        world.escrowing = false;
        world.pass(incarnation);
        world.stop(incarnation);
        VMIncarnation second = world.start(2);
        assertThat(escrow(2)).doesNotExist();

        world.server.edit(second, spec -> spec.escrow(World.base64(World.escrow(2))));
        world.failHome("Input/output error");
        world.pass(second);
        assertThat(world.reason(second)).isEqualTo(Reason.EscrowNotWritten);
        world.assertRuns();

        world.healHome();
        world.pass(second);
        assertThat(world.reason(second)).isEqualTo(Reason.Running);
        assertThat(escrow(2)).hasBinaryContent(World.escrow(2));
    }

    private Path escrow(long epoch) {
        return world.folder().path().resolve(EscrowName.of(epoch));
    }
}
