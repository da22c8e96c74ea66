package io.trustedlaunch.agent.incarnation;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.hypervisor.FakeHypervisor.Operation;
import io.trustedlaunch.agent.hypervisor.HypervisorFailure;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A start that waits for the operator does not go on to say what hindered it before. */
class WithdrawnProblemTest extends OneHost {
    private static final Duration BACKED_OFF = Duration.ofMinutes(10);

    private void failOnce() {
        world.hypervisor.fail(Operation.CREATE_PAUSED, new HypervisorFailure.StartFailed("no"));
        world.pass(incarnation);
        assertThat(world.reason(incarnation)).isEqualTo(Reason.StartFailed);
        world.hypervisor.heal();
    }

    @Test
    void whatHinderedItBeforeIsWithdrawnOnce() {
        failOnce();
        world.dataIsCurrent = false;

        for (int pass = 0; pass < 3; pass++) {
            world.later(BACKED_OFF);
            world.pass(incarnation);
        }

        assertThat(world.reason(incarnation)).isEqualTo(Reason.Starting);
        assertThat(phases()).containsExactly(Phase.Preparing, Phase.Preparing);
        world.dataIsCurrent = true;
        world.pass(incarnation);
        world.assertRuns();
    }

    @Test
    void aStartThatWaitsFromTheBeginningReportsNothing() {
        world.dataIsCurrent = false;

        world.pass(incarnation);
        world.pass(incarnation);

        assertThat(phases()).isEmpty();
    }
}
