package io.trustedlaunch.agent.incarnation;

import static io.trustedlaunch.agent.incarnation.IncarnationFixture.VM;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A guest whose domain libvirtd has lost runs on: its incarnation has not ended, and no other one starts. */
class LostDomainTest extends OneHost {
    @BeforeEach
    void loseTheDomainOfARunningGuest() throws IOException {
        world.pass(incarnation);
        world.guestStores("one");
        world.hypervisor.loseDomain(VM, 4711);
    }

    @Test
    void itIsReportedAndNotTakenForAnEnd() {
        for (int i = 0; i < 3; i++) {
            world.later(Duration.ofMinutes(5));
            world.pass(incarnation);
        }

        assertThat(world.status(incarnation).phase()).isEqualTo(Phase.Running);
        assertThat(world.reason(incarnation)).isEqualTo(Reason.DomainLost);
        assertThat(world.status(incarnation).message()).contains("kill 4711");
    }

    @Test
    void aRestartedAgentTakesItForNoEndEither() {
        world.restartAgent();
        world.later(Duration.ofMinutes(5));

        world.pass(incarnation);

        assertThat(world.status(incarnation).phase()).isEqualTo(Phase.Running);
        assertThat(world.reason(incarnation)).isEqualTo(Reason.DomainLost);
    }

    @Test
    void itIsNotStoppedUntilItsProcessHasEnded() {
        world.server.desire(incarnation, DesiredState.Stopped);
        world.later(Duration.ofMinutes(5));
        world.pass(incarnation);
        assertThat(world.status(incarnation).phase()).isEqualTo(Phase.Running);

        world.hypervisor.crash(VM);
        world.pass(incarnation);

        assertThat(world.status(incarnation).phase()).isEqualTo(Phase.Stopped);
    }

    @Test
    void whenItsProcessHasEndedItsLastStateIsSealedAndTheNextStartHasIt() {
        world.pass(incarnation);
        world.hypervisor.crash(VM);
        world.later(Duration.ofMinutes(1));
        world.pass(incarnation);
        assertThat(world.status(incarnation).exit()).isEqualTo(Exit.Crashed);
        assertThat(world.status(incarnation).guestState().complete()).isTrue();

        VMIncarnation next = world.start(2);

        assertThat(world.reason(next)).isEqualTo(Reason.Running);
        assertThat(world.stored()).isEqualTo("one");
    }
}
