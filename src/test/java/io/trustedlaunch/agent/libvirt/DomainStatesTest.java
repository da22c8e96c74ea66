package io.trustedlaunch.agent.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.hypervisor.DomainState.PauseReason;
import io.trustedlaunch.agent.hypervisor.StopReason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The numbers are libvirt's ABI. */
class DomainStatesTest {
    @ParameterizedTest
    @CsvSource({
        "1, REQUESTED",
        "2, MIGRATION",
        "5, IO_ERROR",
        "10, CRASHED",
        "11, STARTING",
        "12, MIGRATION",
        "0, OTHER"
    })
    void aPauseHasItsReason(int reason, PauseReason expected) {
        assertThat(DomainStates.of(3, reason)).isEqualTo(new DomainState.Paused(expected));
    }

    @ParameterizedTest
    @CsvSource({"1, GUEST_SHUTDOWN", "2, DESTROYED", "3, CRASHED", "4, MIGRATED", "6, FAILED", "8, UNKNOWN"})
    void anEndHasItsReason(int reason, StopReason expected) {
        assertThat(DomainStates.of(5, reason)).isEqualTo(new DomainState.ShutOff(expected));
    }

    @Test
    void anUnknownStateCountsAsRunning() {
        assertThat(DomainStates.of(1, 1)).isEqualTo(new DomainState.Running());
        assertThat(DomainStates.of(99, 0)).isEqualTo(new DomainState.Running());
        assertThat(DomainStates.of(4, 0)).isEqualTo(new DomainState.ShuttingDown());
        assertThat(DomainStates.of(6, 0)).isEqualTo(new DomainState.Crashed());
    }
}
