package io.trustedlaunch.agent.incarnation;

import static io.trustedlaunch.agent.incarnation.IncarnationFixture.incarnation;
import static io.trustedlaunch.agent.incarnation.IncarnationFixture.told;
import static io.trustedlaunch.agent.incarnation.plan.FactsFixture.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.hypervisor.DomainState.PauseReason;
import io.trustedlaunch.agent.hypervisor.DomainState.Paused;
import io.trustedlaunch.agent.hypervisor.StopReason;
import io.trustedlaunch.agent.hypervisor.WorkingCopy;
import io.trustedlaunch.agent.incarnation.plan.FactsFixture;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.CutPower;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.PressPowerButton;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.RecordEnd;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.RecordEpoch;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.ReportEnded;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.Watch;
import io.trustedlaunch.agent.incarnation.record.VmRecord;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationStatus;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.VMIncarnationStatus.Phase;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of guests that are to run when their host is to shut down. */
class HostShutdownTest {
    @Nested
    class AGuestThatRuns {
        private final VmRecord letRun = VmRecord.firstSeen(1).resumed(1);

        @Test
        void isAskedForTheLengthOfItsGrace() {
            assertThat(shuttingDown().plan()).isEqualTo(new PressPowerButton(NOW.plusSeconds(120)));
            assertThat(running(letRun).plan()).isEqualTo(new Watch());
        }

        @Test
        void hasOneGraceHoweverOftenTheAgentIsRestarted() {
            assertThat(running(letRun.withShutdown(1, NOW.plusSeconds(80)))
                            .hostShutDownSince(NOW.minusSeconds(40))
                            .plan())
                    .isEqualTo(new PressPowerButton(NOW.plusSeconds(80)));
            assertThat(running(letRun.withShutdown(1, NOW.minusSeconds(1)))
                            .hostShutDownSince(NOW.minusSeconds(121))
                            .plan())
                    .isEqualTo(new CutPower(Exit.HostShutdown));
        }

        @Test
        void hasAnotherGraceAfterAShutdownThatWasCalledOff() {
            assertThat(running(letRun.withShutdown(1, NOW.minusSeconds(500)))
                            .hostShutDownSince(NOW.minusSeconds(1))
                            .plan())
                    .isEqualTo(new PressPowerButton(NOW.plusSeconds(120)));
        }

        @Test
        void doesNotOutliveItsGraceBecauseTheClockWasSetBack() {
            assertThat(running(letRun.withShutdown(1, NOW))
                            .hostShutDownSince(NOW.plusSeconds(3600))
                            .plan())
                    .isEqualTo(new CutPower(Exit.HostShutdown));
        }

        @Test
        void isNotTakenForOneThatShutItselfDown() {
            VmRecord asked = letRun.withShutdown(1, NOW.plusSeconds(100));

            assertThat(toRun(asked)
                            .hostShutDownSince(NOW)
                            .gone(StopReason.GUEST_SHUTDOWN, NOW)
                            .plan())
                    .isEqualTo(new RecordEnd(Exit.HostShutdown));
            // It obeyed too late: the shutdown had been called off.
            assertThat(toRun(asked).gone(StopReason.GUEST_SHUTDOWN, NOW).plan())
                    .isEqualTo(new RecordEnd(Exit.HostShutdown));
            assertThat(toRun(letRun).gone(StopReason.GUEST_SHUTDOWN, NOW).plan())
                    .isEqualTo(new RecordEnd(Exit.Shutdown));
        }

        @Test
        void andIsToStopAnywayHasStoppedForThatReason() {
            assertThat(FactsFixture.of(incarnation(1, DesiredState.Stopped))
                            .remembering(letRun.withShutdown(1, NOW.plusSeconds(100)))
                            .hostShutDownSince(NOW)
                            .gone(StopReason.GUEST_SHUTDOWN, NOW)
                            .plan())
                    .isEqualTo(new RecordEnd(Exit.Shutdown));
        }

        @Test
        void ofAnEarlierEpochIsStoppedToo() {
            assertThat(running(letRun.seen(2))
                            .laterIncarnation(2)
                            .hostShutDownSince(NOW)
                            .plan())
                    .isInstanceOf(PressPowerButton.class);
        }

        private FactsFixture shuttingDown() {
            return running(letRun).hostShutDownSince(NOW);
        }
    }

    @Test
    void aIncarnationThatHasNotBegunDoesNotBegin() {
        assertThat(FactsFixture.of(incarnation(1, DesiredState.Running))
                        .hostShutDownSince(NOW)
                        .plan())
                .isEqualTo(new RecordEpoch(false));
        assertThat(toRun(VmRecord.firstSeen(1)).hostShutDownSince(NOW).plan())
                .isEqualTo(new ReportEnded(Exit.NeverRan, true));
    }

    @Test
    void aGuestThatWasPreparedIsNotLetRun() {
        assertThat(toRun(VmRecord.firstSeen(1))
                        .domain(1, new Paused(PauseReason.STARTING))
                        .hostShutDownSince(NOW)
                        .plan())
                .isEqualTo(new CutPower(Exit.NeverRan));
    }

    private static FactsFixture toRun(VmRecord record) {
        return FactsFixture.of(told(incarnation(1, DesiredState.Running), Phase.Running))
                .remembering(record);
    }

    private static FactsFixture running(VmRecord record) {
        return toRun(record).domain(1, new DomainState.Running());
    }

    @Nested
    class OnAHost {
        private World world;
        private VMIncarnation incarnation;

        @BeforeEach
        void aGuestRuns(@TempDir Path root) throws IOException {
            world = new World(root);
            incarnation = world.incarnation(1, DesiredState.Running);
            world.pass(incarnation);
            world.guestStores("at the last moment");
        }

        @Test
        void aGuestEndsAndItsStateGoesHomeAndTheHostIsFree() throws IOException {
            assertThat(world.guestsLeft().get()).containsOnlyKeys(IncarnationFixture.VM);
            world.announceShutdown();
            world.pass(incarnation);
            assertThat(world.guestsLeft().get().get(IncarnationFixture.VM))
                    .contains("finance/payroll", "asked to shut down");
            world.hypervisor.powerOff(IncarnationFixture.VM);
            assertThat(world.guestsLeft().get().get(IncarnationFixture.VM)).contains("not in its home");

            world.pass(incarnation);

            assertThat(world.guestsLeft().get()).isEmpty();
            assertThat(status().exit()).isEqualTo(Exit.HostShutdown);
            assertThat(status().guestState().complete()).isTrue();
            assertThat(status().guestState().version()).isEqualTo(FactsFixture.version("1-2"));
            assertThat(copy()).isEqualTo(WorkingCopy.State.ABSENT);
        }

        @Test
        void aGuestThatDoesNotObeyLosesItsPowerAfterItsGraceAndNothingElse() throws IOException {
            world.hypervisor.letGuestsIgnoreThePowerButton();
            world.announceShutdown();
            world.pass(incarnation);
            world.later(Duration.ofSeconds(119));
            world.restartAgent();
            world.pass(incarnation);
            assertThat(world.domain()).isPresent();

            world.later(Duration.ofSeconds(1));
            world.pass(incarnation);

            assertThat(world.guestsLeft().get()).isEmpty();
            assertThat(status().exit()).isEqualTo(Exit.HostShutdown);
            assertThat(status().guestState().complete()).isTrue();
        }

        @Test
        void withoutAnApiServerTheStateGoesHomeAndTheEndIsToldLater() throws IOException {
            world.announceShutdown();
            world.pass(incarnation);
            world.hypervisor.powerOff(IncarnationFixture.VM);
            world.server.setDown(true);

            world.pass(incarnation);

            assertThat(world.guestsLeft().get()).isEmpty();
            assertThat(world.home()).contains("guest-state-1-2.p7m");
            assertThat(copy()).isEqualTo(WorkingCopy.State.ABSENT);
            assertThat(status().phase()).isEqualTo(Phase.Running);

            world.server.setDown(false);
            world.callShutdownOff();
            world.restartAgent();
            world.pass(incarnation);
            assertThat(status().exit()).isEqualTo(Exit.HostShutdown);
            assertThat(status().guestState().complete()).isTrue();
        }

        @Test
        void aStateThatCannotBeBroughtHomeIsWaitedFor() throws IOException {
            world.failHome(new IOException("No space left on device"));
            world.announceShutdown();
            world.pass(incarnation);
            world.hypervisor.powerOff(IncarnationFixture.VM);
            world.pass(incarnation);

            assertThat(world.guestsLeft().get()).containsOnlyKeys(IncarnationFixture.VM);

            world.failHome(null);
            world.pass(incarnation);
            assertThat(world.guestsLeft().get()).isEmpty();
        }

        @Test
        void aShutdownThatIsCalledOffLeavesTheNextIncarnationAlone() throws IOException {
            world.announceShutdown();
            world.pass(incarnation);
            world.hypervisor.powerOff(IncarnationFixture.VM);
            world.pass(incarnation);
            VMIncarnation next = world.incarnation(2, DesiredState.Running, "1-2", null);
            world.server.ownEpoch(2);
            world.pass(next);
            assertThat(world.server.read(next).getStatus().exit()).isEqualTo(Exit.NeverRan);

            world.callShutdownOff();
            VMIncarnation third = world.incarnation(3, DesiredState.Running, "1-2", null);
            world.server.ownEpoch(3);
            world.pass(third);
            assertThat(world.hypervisor
                            .find(IncarnationFixture.VM)
                            .orElseThrow()
                            .state())
                    .isInstanceOf(DomainState.Running.class);
            assertThat(world.stored()).isEqualTo("at the last moment");
        }

        private VMIncarnationStatus status() {
            return world.server.read(incarnation).getStatus();
        }

        private WorkingCopy.State copy() {
            return world.hypervisor.workingCopy(IncarnationFixture.VM).state();
        }
    }
}
