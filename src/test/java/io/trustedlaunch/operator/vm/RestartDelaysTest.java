package io.trustedlaunch.operator.vm;

import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Running;
import static io.trustedlaunch.operator.vm.plan.VmScene.running;
import static io.trustedlaunch.testkit.Incarnations.ended;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RestartDelaysTest {
    private final RestartDelays delays = new RestartDelays(() -> 0);

    @Test
    void theFirstShortIncarnationIsFollowedAtOnceAndTheNextIsNot() {
        assertThat(delays.hold("vm", endedAt(1, Exit.Crashed))).isEmpty();
        assertThat(delays.hold("vm", endedAt(2, Exit.Crashed))).isPresent();
    }

    @ParameterizedTest
    @EnumSource(names = "HostShutdown")
    void anEndThatIsNotTheGuestsFaultIsNotCounted(Exit exit) {
        for (long epoch = 1; epoch <= 5; epoch++) {
            assertThat(delays.hold("vm", endedAt(epoch, exit))).isEmpty();
        }
    }

    @Test
    void aVmThatIsGoneIsForgotten() {
        delays.hold("vm", endedAt(1, Exit.Crashed));
        delays.forget("vm");
        assertThat(delays.hold("vm", endedAt(2, Exit.Crashed))).isEmpty();
    }

    private static Incarnation endedAt(long epoch, Exit exit) {
        return running()
                .incarnation(epoch, Running, ended(exit))
                .facts()
                .incarnations()
                .all()
                .getLast();
    }
}
