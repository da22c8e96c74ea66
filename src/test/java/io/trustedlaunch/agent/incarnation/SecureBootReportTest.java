package io.trustedlaunch.agent.incarnation;

import static io.trustedlaunch.agent.incarnation.IncarnationFixture.VM;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.vm.SecureBootState;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Secure Boot is read from the UEFI variables whenever they are sealed, and reported with the guest state. */
class SecureBootReportTest extends OneHost {
    private static final SecureBootState ON = new SecureBootState(true, false, List.of(), List.of(), 0);
    private static final SecureBootState OFF = new SecureBootState(false, false, List.of(), List.of(), 0);

    @BeforeEach
    void run() {
        world.pass(incarnation);
    }

    @Test
    void itIsReportedWithTheEndorsementKeyBeforeTheGuestRunsAndCostsNoReportOfItsOwn() {
        assertThat(world.server.written())
                .filteredOn(status -> status.ekDigest() != null)
                .isNotEmpty()
                .allSatisfy(status -> assertThat(status.secureBoot()).isEqualTo(ON));
        int reports = world.server.written().size();
        world.guestStores("more");
        world.copyChanged();
        world.pass(incarnation);

        assertThat(world.server.written()).hasSize(reports);
    }

    @Test
    void thatItWasTurnedOffIsReportedAtOnce() {
        world.hypervisor.turnSecureBootOff(VM);
        world.copyChanged();
        world.pass(incarnation);

        assertThat(world.status(incarnation).secureBoot()).isEqualTo(OFF);
    }

    @Test
    void whatAGuestLeavesAtItsEndIsReportedWithItsEndAndStaysReported() {
        world.hypervisor.turnSecureBootOff(VM);
        world.stop(incarnation);
        assertThat(world.status(incarnation).exit()).isEqualTo(Exit.Shutdown);
        assertThat(world.status(incarnation).secureBoot()).isEqualTo(OFF);

        world.restartAgent();
        world.pass(incarnation);
        assertThat(world.status(incarnation).secureBoot()).isEqualTo(OFF);
    }

    /** Its record is gone with the rest. */
    @Test
    void itStaysReportedWhenTheIncarnationIsErased() {
        world.stop(incarnation);
        world.server.desire(incarnation, DesiredState.Erased);
        world.pass(incarnation);
        assertThat(world.status(incarnation).phase()).isEqualTo(Phase.Erased);
        assertThat(world.status(incarnation).secureBoot()).isEqualTo(ON);
    }

    @Test
    void theNextIncarnationReportsWhatItStartsWith() {
        world.hypervisor.turnSecureBootOff(VM);
        world.stop(incarnation);
        VMIncarnation next = world.start(2, "1-2");
        world.pass(next);

        assertThat(world.status(next).secureBoot()).isEqualTo(OFF);
    }

    @Test
    void anEarlierIncarnationDoesNotReportWhatALaterOneSealed() {
        world.stop(incarnation);
        VMIncarnation next = world.start(2, "1-1");
        world.pass(next);
        world.hypervisor.turnSecureBootOff(VM);
        world.copyChanged();
        world.pass(next);
        world.pass(incarnation);

        assertThat(world.status(next).secureBoot()).isEqualTo(OFF);
        assertThat(world.status(incarnation).secureBoot()).isEqualTo(ON);
    }
}
