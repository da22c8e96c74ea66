package io.trustedlaunch.agent.incarnation;

import static io.trustedlaunch.agent.incarnation.IncarnationFixture.VM;
import static io.trustedlaunch.agent.incarnation.IncarnationFixture.incarnation;
import static io.trustedlaunch.agent.incarnation.IncarnationFixture.version;
import static io.trustedlaunch.agent.incarnation.plan.FactsFixture.NOW;
import static io.trustedlaunch.agent.incarnation.plan.RecordFixture.ran;
import static io.trustedlaunch.agent.incarnation.plan.RecordFixture.seen;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.hypervisor.DomainState.PauseReason;
import io.trustedlaunch.agent.hypervisor.DomainState.Paused;
import io.trustedlaunch.agent.hypervisor.StopReason;
import io.trustedlaunch.agent.incarnation.plan.FactsFixture;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.CutPower;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.PressPowerButton;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.RecordEnd;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.Watch;
import io.trustedlaunch.agent.incarnation.record.RemainingGuests;
import io.trustedlaunch.agent.incarnation.record.VmRecord;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How guests end when their host is shut down. */
class HostShutdownTest {
    @Nested
    class AGuestThatRuns {
        @Test
        void isAskedToShutDownDuringItsGracePeriod() {
            assertThat(shuttingDown().plan()).isEqualTo(new PressPowerButton(NOW, NOW.plusSeconds(120)));
            assertThat(running(ran(1)).plan()).isEqualTo(new Watch());
        }

        @Test
        void hasOneGracePeriodHoweverOftenTheAgentIsRestarted() {
            assertThat(running(ran(1).withShutdown(1, NOW.minusSeconds(40)))
                            .hostShutdownSince(NOW.minusSeconds(40))
                            .plan())
                    .isEqualTo(new PressPowerButton(NOW.minusSeconds(40), NOW.plusSeconds(80)));
            assertThat(running(ran(1).withShutdown(1, NOW.minusSeconds(121)))
                            .hostShutdownSince(NOW.minusSeconds(121))
                            .plan())
                    .isEqualTo(new CutPower(Exit.HostShutdown));
        }

        @Test
        void hasAnotherGracePeriodAfterACancelledShutdown() {
            assertThat(running(ran(1).withShutdown(1, NOW.minusSeconds(620)))
                            .hostShutdownSince(NOW.minusSeconds(1))
                            .plan())
                    .isEqualTo(new PressPowerButton(NOW, NOW.plusSeconds(120)));
        }

        @Test
        void doesNotOutliveItsGracePeriodWhenTheClockIsSetBack() {
            assertThat(running(ran(1).withShutdown(1, NOW.minusSeconds(120)))
                            .hostShutdownSince(NOW.plusSeconds(3600))
                            .plan())
                    .isEqualTo(new CutPower(Exit.HostShutdown));
        }

        @Test
        void endsByTheHostsShutdownAndNotByItsOwn() {
            VmRecord asked = ran(1).withShutdown(1, NOW.minusSeconds(20));

            assertThat(toRun(asked)
                            .hostShutdownSince(NOW)
                            .gone(StopReason.GUEST_SHUTDOWN)
                            .plan())
                    .isEqualTo(new RecordEnd(Exit.HostShutdown));
            // The guest obeyed after the shutdown was cancelled.
            assertThat(toRun(asked).gone(StopReason.GUEST_SHUTDOWN).plan()).isEqualTo(new RecordEnd(Exit.HostShutdown));
            assertThat(toRun(ran(1)).gone(StopReason.GUEST_SHUTDOWN).plan()).isEqualTo(new RecordEnd(Exit.Shutdown));
        }

        @Test
        void andIsToStopAnywayEndsForThatReason() {
            assertThat(FactsFixture.of(incarnation(1, DesiredState.Stopped))
                            .record(ran(1).withShutdown(1, NOW.minusSeconds(20)))
                            .hostShutdownSince(NOW)
                            .gone(StopReason.GUEST_SHUTDOWN)
                            .plan())
                    .isEqualTo(new RecordEnd(Exit.Shutdown));
        }

        @Test
        void ofAnEarlierEpochIsStoppedToo() {
            assertThat(running(ran(1).seen(2))
                            .laterIncarnation(2)
                            .hostShutdownSince(NOW)
                            .plan())
                    .isInstanceOf(PressPowerButton.class);
        }

        private FactsFixture shuttingDown() {
            return running(ran(1)).hostShutdownSince(NOW);
        }
    }

    @Test
    void anIncarnationThatHasNotBegunDoesNotBegin() {
        assertThat(FactsFixture.of(incarnation(1, DesiredState.Running))
                        .hostShutdownSince(NOW)
                        .recordsRun())
                .isFalse();
        assertThat(FactsFixture.of(incarnation(1, DesiredState.Running))
                        .record(seen(1))
                        .hostShutdownSince(NOW)
                        .plan())
                .isEqualTo(new RecordEnd(Exit.NeverRan));
    }

    @Test
    void aPreparedGuestIsNotResumed() {
        assertThat(FactsFixture.of(incarnation(1, DesiredState.Running))
                        .record(seen(1))
                        .domain(1, new Paused(PauseReason.STARTING))
                        .hostShutdownSince(NOW)
                        .plan())
                .isEqualTo(new CutPower(Exit.NeverRan));
    }

    private static FactsFixture toRun(VmRecord record) {
        return FactsFixture.of(incarnation(1, DesiredState.Running))
                .reported(Phase.Running)
                .record(record);
    }

    private static FactsFixture running(VmRecord record) {
        return toRun(record).domain(1, new DomainState.Running());
    }

    @Nested
    class OnAHost {
        private World world;
        private VMIncarnation incarnation;
        private Path request;

        @BeforeEach
        void aGuestRuns(@TempDir Path root) throws IOException {
            world = new World(root);
            request = root.resolve("run/stop-guests");
            incarnation = world.incarnation(1);
            world.pass(incarnation);
            world.guestStores("at the last moment");
        }

        @Test
        void aGuestEndsAndItsStateIsSealedAndTheHostCanShutDown() throws IOException {
            assertThat(remainingGuests()).containsOnlyKeys(VM);
            requestShutdown();
            world.pass(incarnation);
            assertThat(remainingGuests().get(VM)).contains("finance/payroll", "asked to shut down");
            world.hypervisor.powerOff(VM);
            assertThat(remainingGuests().get(VM)).contains("not in its home");

            world.pass(incarnation);

            assertThat(remainingGuests()).isEmpty();
            assertThat(world.status(incarnation).exit()).isEqualTo(Exit.HostShutdown);
            assertThat(world.status(incarnation).guestState().complete()).isTrue();
            assertThat(world.status(incarnation).guestState().version()).isEqualTo(version("1-2"));
            world.assertCopyErased();
        }

        @Test
        void aGuestThatIgnoresItsShutdownIsPoweredOffAndItsStateIsSealed() throws IOException {
            world.hypervisor.letGuestsIgnoreThePowerButton();
            requestShutdown();
            world.pass(incarnation);
            world.later(Duration.ofSeconds(119));
            world.restartAgent();
            world.pass(incarnation);
            assertThat(world.state()).isPresent();

            world.later(Duration.ofSeconds(1));
            world.pass(incarnation);

            assertThat(remainingGuests()).isEmpty();
            assertThat(world.status(incarnation).exit()).isEqualTo(Exit.HostShutdown);
            assertThat(world.status(incarnation).guestState().complete()).isTrue();
        }

        @Test
        void aGuestThatIgnoredACancelledShutdownIsReportedAsRunningAgain() throws IOException {
            world.hypervisor.letGuestsIgnoreThePowerButton();
            requestShutdown();
            world.pass(incarnation);
            world.later(Duration.ofSeconds(10));
            world.pass(incarnation);
            assertThat(world.status(incarnation).phase()).isEqualTo(Phase.Stopping);

            cancelShutdown();
            world.pass(incarnation);

            assertThat(world.status(incarnation).phase()).isEqualTo(Phase.Running);
            assertThat(world.status(incarnation).ekDigest()).isNotNull();
        }

        @Test
        void withoutAnApiServerTheStateIsSealedAndTheEndIsReportedLater() throws IOException {
            requestShutdown();
            world.pass(incarnation);
            world.hypervisor.powerOff(VM);
            world.server.setDown(true);

            world.pass(incarnation);

            assertThat(remainingGuests()).isEmpty();
            assertThat(world.home.versions()).contains("1-2");
            world.assertCopyErased();
            assertThat(world.status(incarnation).phase()).isEqualTo(Phase.Running);

            world.server.setDown(false);
            cancelShutdown();
            world.restartAgent();
            world.pass(incarnation);
            assertThat(world.status(incarnation).exit()).isEqualTo(Exit.HostShutdown);
            assertThat(world.status(incarnation).guestState().complete()).isTrue();
        }

        @Test
        void theHostWaitsForAStateThatCannotBeSealed() throws IOException {
            world.failHome("No space left on device");
            requestShutdown();
            world.pass(incarnation);
            world.hypervisor.powerOff(VM);
            world.pass(incarnation);

            assertThat(remainingGuests()).containsOnlyKeys(VM);

            world.healHome();
            world.pass(incarnation);
            assertThat(remainingGuests()).isEmpty();
        }

        @Test
        void aCancelledShutdownDoesNotAffectTheNextIncarnation() throws IOException {
            requestShutdown();
            world.pass(incarnation);
            world.hypervisor.powerOff(VM);
            world.pass(incarnation);
            VMIncarnation next = world.start(2, "1-2");
            assertThat(world.status(next).exit()).isEqualTo(Exit.NeverRan);

            cancelShutdown();
            world.start(3, "1-2");
            world.assertRuns();
            assertThat(world.stored()).isEqualTo("at the last moment");
        }

        private Map<UUID, String> remainingGuests() {
            return new RemainingGuests(world.hypervisor, world.records(), vm -> Optional.empty()).get();
        }

        /** As {@code trusted-launch-stop-guests} does. */
        private void requestShutdown() throws IOException {
            Files.createDirectories(request.getParent());
            Files.createFile(request);
            Files.setLastModifiedTime(request, FileTime.from(world.now()));
        }

        private void cancelShutdown() throws IOException {
            Files.delete(request);
        }
    }
}
