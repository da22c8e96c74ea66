package io.trustedlaunch.agent.incarnation;

import static io.trustedlaunch.agent.incarnation.IncarnationFixture.incarnation;
import static io.trustedlaunch.agent.incarnation.IncarnationFixture.version;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.folder.Ownership;
import io.trustedlaunch.agent.incarnation.plan.FactsFixture;
import io.trustedlaunch.agent.incarnation.plan.IncarnationFacts;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.SealedState;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Home;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusGuestStateBuilder;
import io.trustedlaunch.testkit.Incarnations;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The last state of epoch 1, of which this node has an unsealed working copy, while epoch 2 is to start. */
class LastStateOnRecordTest {
    @Test
    void aReportedStateOfAnotherEpochHidesNotTheOneInTheVmsStatus() {
        assertThat(lastState(reporting("2-1", true), owner("1-4"))).contains(version("1-4"));
        assertThat(lastState(reporting("2-1", false), owner("1-4"))).contains(version("1-4"));
    }

    @Test
    void aReportedStateOfThatEpochComesFirst() {
        assertThat(lastState(reporting("1-5", true), owner("1-4"))).contains(version("1-5"));
    }

    @Test
    void aStateOfAnotherEpochIsNoLastState() {
        assertThat(lastState(reporting("2-1", true), owner("2-1"))).isEmpty();
    }

    private static Optional<GuestStateVersion> lastState(IncarnationFacts facts, Ownership.Found owner) {
        return StopExecutor.lastState(1, facts, Optional.empty(), () -> Optional.of(owner));
    }

    private static IncarnationFacts reporting(String state, boolean complete) {
        VMIncarnation next = incarnation(2, DesiredState.Running);
        next.setStatus(Incarnations.status(Phase.Preparing)
                .guestState(new SealedState(version(state), "2026-03-01T12:00:00Z", null, complete, null))
                .build());
        return FactsFixture.of(next).facts();
    }

    private static Ownership.Found owner(String last) {
        GuestStateVersion state = version(last);
        TrustedLaunchVM vm = new TrustedLaunchVM();
        vm.setStatus(TrustedLaunchVMStatusBuilder.builder()
                .guestState(TrustedLaunchVMStatusGuestStateBuilder.builder()
                        .newest(state)
                        .floor(state)
                        .home(new Home("default", "host-a", state.epoch(), true, null))
                        .build())
                .build());
        return new Ownership.Found(vm);
    }
}
