package io.trustedlaunch.agent.incarnation;

import static io.trustedlaunch.agent.incarnation.IncarnationFixture.VM;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.hypervisor.DomainState.PauseReason;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.failpoint.Failpoint;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Making an endorsement key is slow, and an arrived guest is paused: the key is made while the guest is on its way. */
class KeyOfAnArrivingGuestTest extends TwoHosts {
    @BeforeEach
    void letTheGuestBeOnItsWay() {
        migrateAndDieBeforeTheHandoff();
        target.hypervisor.pause(VM, PauseReason.MIGRATION);
    }

    @Test
    void theKeyIsNotMadeWhileTheArrivedGuestIsPaused() {
        target.pass(arriving);
        arrive();

        target.dieAt(Failpoint.TARGET_RESUMED, arriving);

        assertThat(target.tpms.probed()).isZero();
        target.assertRuns();
    }

    @Test
    void theKeyIsMadeThenIfItWasNotMadeBefore() {
        arrive();

        target.dieAt(Failpoint.TARGET_RESUMED, arriving);

        assertThat(target.tpms.probed()).isEqualTo(1);
        target.assertRuns();
    }

    @Test
    void aGuestWithAnotherTpmThanWasSealedIsNotResumed() {
        target.pass(arriving);
        arrive();
        target.hypervisor.putTpm(VM, FakeTpms.state(FakeTpms.ek(7), "of another"));

        target.pass(arriving);

        assertThat(target.reason(arriving)).isEqualTo(Reason.EkMismatch);
        target.assertPaused();
    }

    /** The guest is complete here, and its source says that it has left. */
    private void arrive() {
        target.hypervisor.pause(VM, PauseReason.REQUESTED);
        source.restartAgent();
        source.pass(departing);
    }
}
