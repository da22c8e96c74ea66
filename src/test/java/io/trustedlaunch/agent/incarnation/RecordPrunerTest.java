package io.trustedlaunch.agent.incarnation;

import static io.trustedlaunch.agent.incarnation.IncarnationFixture.NODE;
import static io.trustedlaunch.agent.incarnation.IncarnationFixture.VM;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.incarnation.migration.RecordedArrivals;
import io.trustedlaunch.agent.incarnation.record.RecordLookup;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** A VM that is gone is forgotten, and nothing that is late brings it back. */
class RecordPrunerTest extends OneHost {
    private VMIncarnationStatus running;

    /** The VM ran and was deleted; its incarnation was removed. */
    @BeforeEach
    void aVmIsErased() throws IOException {
        world.pass(incarnation);
        running = world.status(incarnation);
        world.server.desire(incarnation, DesiredState.Erased);
        world.pass(incarnation);
        world.hypervisor.powerOff(VM);
        world.pass(incarnation);
        assertThat(world.status(incarnation).phase()).isEqualTo(Phase.Erased);
        world.server.disown();
    }

    @Test
    void aVmThatIsGoneIsForgotten() {
        prune();

        assertThat(world.records().vms()).isEmpty();
        assertThat(world.records().lookUp(VM)).isEqualTo(new RecordLookup.Missing());
    }

    /** On a host that its guest left before. */
    @Test
    void theConsoleLogOfAVmThatIsGoneIsRemoved() {
        world.consoleLogs().ensure(VM);

        prune();

        assertThat(world.consoleLogs().of(VM).getParent()).doesNotExist();
    }

    @Test
    void aVmWhoseNameAnotherOneHasIsForgotten() {
        world.server.own("another-uid", 1, NODE, false);

        prune();

        assertThat(world.records().vms()).isEmpty();
    }

    @Test
    void aVmThatExistsIsRememberedWhereverItIs() {
        world.server.own(2, "host-b");

        assertRemembered();
    }

    @Test
    void aVmThatCannotBeReadIsRemembered() {
        world.server.setDown(true);

        assertRemembered();
    }

    @Test
    void aVmWithAnIncarnationHereIsRemembered() {
        new RecordPruner(
                        world.records(),
                        world.hypervisor,
                        vm -> Optional.of(incarnation),
                        world.server,
                        world.consoleLogs())
                .prune();

        assertThat(world.records().vms()).containsExactly(VM);
    }

    /** Its key may be retained, or someone may restore its guest state. */
    @Test
    void aVmWithAFolderIsRemembered() throws IOException {
        Files.createDirectory(world.folder().path());

        assertRemembered();
    }

    @Test
    void aVmWhoseLocationIsNotMountedIsRemembered() throws IOException {
        Files.move(world.location, world.location.resolveSibling("unmounted"));

        assertRemembered();
    }

    @Test
    void aVmWithAWorkingCopyIsRemembered() {
        world.hypervisor.putTpm(VM, "left over");

        assertRemembered();
    }

    @Test
    void aHypervisorThatDoesNotRespondProvesNothing() {
        world.hypervisor.goDown();

        assertRemembered();
    }

    @Nested
    class WhatIsLate {
        @BeforeEach
        void theVmIsForgotten() {
            prune();
            assertThat(world.records().vms()).isEmpty();
            world.later(Duration.ofMinutes(1));
        }

        /** An operator that was paused creates the incarnation again; its controller of orphans erases it. */
        @Test
        void anIncarnationThatIsCreatedAgainNeverRunsAndIsErased() {
            VMIncarnation late = world.incarnation(1);

            world.pass(late);

            assertThat(world.reason(late)).isEqualTo(Reason.NotTheOwner);
            assertThat(world.guestsStarted()).isEqualTo(1);

            world.server.desire(late, DesiredState.Erased);
            world.pass(late);
            assertThat(world.status(late).phase()).isEqualTo(Phase.Erased);
            assertThat(world.folder().path()).doesNotExist();
            world.assertCopyErased();
        }

        @Test
        void aRequestToEraseItAgainIsAnswered() {
            VMIncarnation late = world.incarnation(1);
            world.server.desire(late, DesiredState.Erased);

            world.pass(late);

            assertThat(world.status(late).phase()).isEqualTo(Phase.Erased);
        }

        /** The API server's data was restored, with the VM and its incarnation, as they were when the guest ran. */
        @Test
        void anIncarnationThatIsRestoredHasEndedAndNoTpmIsMadeAnew() {
            VMIncarnation restored = world.incarnation(1);
            world.server.write(restored, running);
            world.server.own(1, NODE);

            world.pass(restored);

            assertThat(world.status(restored).phase()).isEqualTo(Phase.Stopped);
            assertThat(world.status(restored).exit()).isEqualTo(Exit.Crashed);
            assertThat(world.status(restored).guestState().complete()).isFalse();
            VMIncarnation next = world.start(2, "1-1");
            assertThat(world.reason(next)).isEqualTo(Reason.GuestStateMissing);
            assertThat(world.guestsStarted()).isEqualTo(1);
            assertThat(world.tpms.made()).isEqualTo(1);
        }

        @Test
        void noGuestOfItArrives() {
            RecordedArrivals guests = new RecordedArrivals(
                    world.records(),
                    folder -> {
                        throw new AssertionError("nothing is written");
                    },
                    vm -> {
                        throw new AssertionError("nothing has left");
                    });

            assertThat(guests.refusal("host-b", VM, 2)).isPresent();
            assertThat(guests.home("host-b", VM, 2, List.of())).isPresent();
            assertThat(guests.left("host-b", VM, 2)).isPresent();
            assertThat(world.records().vms()).isEmpty();
        }
    }

    private void assertRemembered() {
        prune();

        assertThat(world.records().vms()).containsExactly(VM);
    }

    private void prune() {
        new RecordPruner(world.records(), world.hypervisor, vm -> Optional.empty(), world.server, world.consoleLogs())
                .prune();
    }
}
