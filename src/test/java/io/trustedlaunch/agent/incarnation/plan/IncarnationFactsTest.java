package io.trustedlaunch.agent.incarnation.plan;

import static io.trustedlaunch.agent.incarnation.IncarnationFixture.incarnation;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.hypervisor.DomainState.PauseReason;
import io.trustedlaunch.agent.hypervisor.StopReason;
import io.trustedlaunch.agent.hypervisor.VtpmState;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import org.junit.jupiter.api.Test;

class IncarnationFactsTest {
    private static final VtpmState ENDED = new VtpmState.Ended();

    @Test
    void theTpmOfAGuestThatRunsOrIsPausedCounts() {
        assertThat(vtpmIn(new DomainState.Running())).isEqualTo(ENDED);
        assertThat(vtpmIn(new DomainState.Paused(PauseReason.MIGRATION)))
                .as("QEMU waits for it at the end of a migration")
                .isEqualTo(ENDED);
    }

    @Test
    void theTpmOfAGuestThatEndsDoesNotCount() {
        VtpmState unknown = new VtpmState.Unknown();
        assertThat(vtpmIn(new DomainState.ShuttingDown())).isEqualTo(unknown);
        assertThat(vtpmIn(new DomainState.ShutOff(StopReason.GUEST_SHUTDOWN))).isEqualTo(unknown);
        assertThat(vtpmIn(new DomainState.Crashed())).isEqualTo(unknown);
        assertThat(FactsFixture.of(incarnation(1, DesiredState.Running)).facts().vtpm())
                .isEqualTo(unknown);
    }

    private static VtpmState vtpmIn(DomainState state) {
        return FactsFixture.of(incarnation(1, DesiredState.Running))
                .domain(1, state, ENDED)
                .facts()
                .vtpm();
    }
}
