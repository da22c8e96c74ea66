package io.trustedlaunch.agent.incarnation;

import static io.trustedlaunch.agent.incarnation.IncarnationFixture.NODE;
import static io.trustedlaunch.agent.incarnation.IncarnationFixture.VM;
import static io.trustedlaunch.agent.incarnation.IncarnationFixture.version;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.hypervisor.WorkingCopy;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.failpoint.Failpoint;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How a guest's state is sealed at home, and started from there. */
class GuestStateTest extends OneHost {
    @Test
    void theHomeIsClaimedAndReportedBeforeTheGuestsFirstInstruction() throws IOException {
        world.pass(incarnation);

        VMIncarnationStatus prepared = world.server.written().getFirst();
        assertThat(prepared.phase()).isEqualTo(Phase.Prepared);
        assertThat(prepared.guestState().version()).isEqualTo(version("1-1"));
        assertThat(prepared.guestState().complete()).isFalse();
        assertThat(world.home.state("1-1").ekDigest()).isEqualTo(FakeTpms.ek(1));
    }

    @Test
    void noGuestRunsWithoutAClaim() {
        world.failHome("No space left on device");
        world.pass(incarnation);

        assertThat(world.reason(incarnation)).isEqualTo(Reason.NoSpace);
        assertThat(world.status(incarnation).guestState()).isNull();
        world.assertPaused();

        world.healHome();
        world.later(Duration.ofMinutes(1));
        world.pass(incarnation);
        world.assertRuns();
    }

    @Test
    void eachChangeIsSealedAsAGeneration() throws IOException {
        world.pass(incarnation);
        world.guestStores("one");
        world.copyChanged();
        world.copyChanged();
        world.hypervisor.putVariables(VM, "another boot order");
        world.copyChanged();

        assertThat(world.home.versions()).containsExactly("1-1", "1-2", "1-3");
        assertThat(world.home.tpm("1-3")).contains("one");
        assertThat(world.home.variables("1-3")).contains("another boot order");
    }

    @Test
    void aNewerStateIsReportedOnceInAWhile() {
        world.pass(incarnation);
        int before = world.server.written().size();
        world.guestStores("one");
        world.copyChanged();
        world.later(Duration.ofMinutes(4));
        world.pass(incarnation);
        assertThat(world.server.written()).hasSize(before);

        world.later(Duration.ofMinutes(2));
        world.pass(incarnation);
        assertThat(world.server.written()).hasSize(before + 1);
        assertThat(world.status(incarnation).guestState().version()).isEqualTo(version("1-2"));
        assertThat(world.status(incarnation).guestState().lagMilliseconds()).isNotNull();
    }

    @Test
    void aStateThatCannotBeSealedIsReportedAndTheGuestRunsOn() {
        world.pass(incarnation);
        world.failHome("Input/output error");
        world.guestStores("one");

        Duration first = world.copyChanged().orElseThrow();
        assertThat(world.copyChanged().orElseThrow()).isGreaterThan(first);
        world.pass(incarnation);
        assertThat(world.status(incarnation).phase()).isEqualTo(Phase.Running);
        assertThat(world.reason(incarnation)).isEqualTo(Reason.GuestStateNotSealed);
        world.assertRuns();

        world.healHome();
        assertThat(world.copyChanged()).isEmpty();
        world.pass(incarnation);
        assertThat(world.reason(incarnation)).isEqualTo(Reason.Running);
        assertThat(world.status(incarnation).guestState().version()).isEqualTo(version("1-2"));
    }

    @Test
    void aRestartedAgentSealsWhatItMissed() {
        world.pass(incarnation);
        world.guestStores("while no agent ran");
        world.restartAgent();

        world.pass(incarnation);
        world.copyChanged();

        assertThat(world.home.versions()).containsExactly("1-1", "1-2");
    }

    @Test
    void anEndSealsTheLastStateAndErasesTheCopy() throws IOException {
        world.pass(incarnation);
        world.guestStores("at the last moment");
        world.stop(incarnation);

        assertThat(world.status(incarnation).phase()).isEqualTo(Phase.Stopped);
        assertThat(world.status(incarnation).guestState().version()).isEqualTo(version("1-2"));
        assertThat(world.status(incarnation).guestState().complete()).isTrue();
        world.assertCopyErased();

        world.start(2, "1-2");
        world.assertRuns();
        assertThat(world.stored()).isEqualTo("at the last moment");
        assertThat(world.home.versions()).contains("2-1");
    }

    @Test
    void anEndIsNotReportedBeforeItsStateIsHome() {
        world.pass(incarnation);
        world.guestStores("one");
        world.failHome("No space left on device");
        world.stop(incarnation);

        assertThat(world.status(incarnation).phase()).isEqualTo(Phase.Stopping);
        assertThat(world.reason(incarnation)).isEqualTo(Reason.NoSpace);
        assertThat(world.copy().state()).isEqualTo(WorkingCopy.State.PRESENT);

        world.healHome();
        world.pass(incarnation);
        assertThat(world.status(incarnation).phase()).isEqualTo(Phase.Stopped);
        assertThat(world.status(incarnation).guestState().complete()).isTrue();
    }

    @Test
    void afterAPowerCutTheLastStateIsSealed() {
        world.pass(incarnation);
        world.guestStores("one");
        world.hypervisor.powerCut();
        world.restartAgent();

        world.pass(incarnation);
        world.later(Duration.ofSeconds(2));
        world.pass(incarnation);

        assertThat(world.status(incarnation).exit()).isEqualTo(Exit.Crashed);
        assertThat(world.status(incarnation).guestState().version()).isEqualTo(version("1-2"));
        assertThat(world.status(incarnation).guestState().complete()).isTrue();
    }

    @ParameterizedTest
    @EnumSource(names = {"Running", "Stopped"})
    void afterAPowerCutTheLastStateIsSealedEvenIfTheVmRunsElsewhere(DesiredState desired) throws IOException {
        world.pass(incarnation);
        world.guestStores("one");
        world.hypervisor.powerCut();
        world.server.desire(incarnation, desired);
        // The VM was started elsewhere, and that incarnation has claimed the home.
        world.home.put("2-1", FakeTpms.ek(1), FakeTpms.state(FakeTpms.ek(1), "elsewhere"));
        world.server.own(2, NODE);
        world.restartAgent();

        world.pass(incarnation);
        world.later(Duration.ofSeconds(2));
        world.pass(incarnation);

        assertThat(world.home.versions()).contains("1-2", "2-1");
        world.assertCopyErased();
        assertThat(world.status(incarnation).guestState().complete()).isTrue();
        assertThat(world.status(incarnation).guestState().lastWatched())
                .as("no start uses it")
                .isNull();
        assertThat(world.home.tpm("2-1")).contains("elsewhere");
    }

    @Test
    void withoutARecordTheDomainTellsWhoseStateTheCopyIs() throws IOException {
        world.pass(incarnation);
        world.guestStores("one");
        world.server.desire(incarnation, DesiredState.Stopped);
        world.pass(incarnation);
        assertThat(world.state()).contains(new DomainState.ShuttingDown());
        Files.delete(root.resolve("records").resolve(VM + ".json"));
        world.restartAgent();

        world.pass(incarnation);
        world.hypervisor.powerOff(VM);
        world.pass(incarnation);

        assertThat(world.status(incarnation).phase()).isEqualTo(Phase.Stopped);
        assertThat(world.status(incarnation).guestState().version()).isEqualTo(version("1-2"));
        assertThat(world.status(incarnation).guestState().complete()).isTrue();
    }

    @Test
    void aDamagedLastStateIsIncompleteAndTheNextStartNeedsAnApproval() throws IOException {
        world.pass(incarnation);
        Files.write(world.copy().tpmState(), new byte[0]);
        world.stop(incarnation);

        assertThat(world.status(incarnation).phase()).isEqualTo(Phase.Stopped);
        assertThat(world.status(incarnation).guestState().complete()).isFalse();
        assertThat(world.status(incarnation).message()).contains("only on this node");

        VMIncarnation next = world.start(2, "1-1");
        assertThat(world.reason(next)).isEqualTo(Reason.TpmStateDamaged);
        assertThat(world.state()).isEmpty();

        world.start(3, "1-1", "1-1");
        world.assertRuns();
        try (var aside = Files.list(world.hypervisor.layout().tpmFolder(VM).getParent())) {
            assertThat(aside).anyMatch(folder -> folder.getFileName().toString().startsWith(".rejected-"));
        }
    }

    @Test
    void aHomeThatWasRolledBackNeedsAnApproval() throws IOException {
        world.pass(incarnation);
        byte[] first = Files.readAllBytes(world.home.file("1-1"));
        world.guestStores("newer");
        world.stop(incarnation);
        Files.delete(world.home.file("1-2"));

        VMIncarnation next = world.start(2, "1-2");
        assertThat(world.reason(next)).isEqualTo(Reason.GuestStateRolledBack);
        assertThat(world.status(next).message()).contains("1-2").contains("approveGuestState");
        assertThat(world.state()).isEmpty();

        world.start(3, "1-2", "1-1");
        world.assertRuns();
        assertThat(world.stored()).isEmpty();
        assertThat(world.home.file("1-1")).hasBinaryContent(first);
    }

    @Test
    void aHomeThatWasRolledBackTogetherWithTheFloorIsRefusedByTheNodeThatSealedLater() throws IOException {
        world.pass(incarnation);
        world.guestStores("newer");
        world.stop(incarnation);
        Files.delete(world.home.file("1-2"));

        VMIncarnation next = world.start(2, "1-1");

        assertThat(world.reason(next)).isEqualTo(Reason.GuestStateRolledBack);
        assertThat(world.status(next).message()).contains("was sealed by this node");
    }

    @Test
    void anEmptyHomeIsRefusedAndNoTpmIsMade() throws IOException {
        world.pass(incarnation);
        world.stop(incarnation);
        Files.delete(world.home.file("1-1"));

        VMIncarnation next = world.start(2, "1-1");

        assertThat(world.reason(next)).isEqualTo(Reason.GuestStateMissing);
        assertThat(world.tpms.made()).isEqualTo(1);
        world.assertCopyErased();
    }

    @Test
    void aNewestStateThatDoesNotOpenIsRefusedAndSetAsideOnceAnOlderOneIsApproved() throws IOException {
        world.pass(incarnation);
        world.guestStores("newer");
        world.stop(incarnation);
        byte[] damaged = Files.readAllBytes(world.home.file("1-2"));
        damaged[damaged.length - 1] ^= 1;
        Files.write(world.home.file("1-2"), damaged);

        VMIncarnation next = world.start(2, "1-2");
        assertThat(world.reason(next)).isEqualTo(Reason.GuestStateAltered);
        assertThat(world.state()).isEmpty();

        world.start(3, "1-2", "1-1");
        world.assertRuns();
        assertThat(world.home.versions()).containsExactly("1-1", "1-2.rejected", "3-1");
    }

    @ParameterizedTest
    @EnumSource(
            value = Failpoint.class,
            names = {"AGENT_COPY_WRITTEN", "AGENT_SEALED_FILE_WRITTEN", "AGENT_SEALED_FILE_NAMED", "AGENT_HOME_CLAIMED"
            })
    void anApprovedStartContinuesFromTheSameStateIfTheAgentDies(Failpoint point) throws IOException {
        world.pass(incarnation);
        world.guestStores("approved");
        world.copyChanged();
        world.guestStores("newer");
        world.stop(incarnation);
        Files.write(world.home.file("1-3"), new byte[] {1});
        world.failpoints.arm(point);

        world.start(2, "1-3", "1-2");

        assertThat(world.failpoints.isArmed(point)).isFalse();
        world.assertRuns();
        assertThat(world.stored()).isEqualTo("approved");
        assertThat(world.home.versions()).contains("2-1", "1-3.rejected");
    }

    @Test
    void aStateOfAnotherTpmThanOnRecordIsRefusedBeforeThereIsADomain() throws IOException {
        world.pass(incarnation);
        world.stop(incarnation);
        world.home.put("1-2", FakeTpms.ek(7), FakeTpms.state(FakeTpms.ek(7), ""));

        VMIncarnation next = world.start(2, "1-1");

        assertThat(world.reason(next)).isEqualTo(Reason.EkMismatch);
        assertThat(world.state()).isEmpty();
        assertThat(world.home.versions()).containsExactly("1-1", "1-2");
    }

    @Test
    void aStateThatNamesAnotherTpmThanItsOwnIsRefusedAndNothingIsLost() throws IOException {
        world.pass(incarnation);
        world.stop(incarnation);
        world.home.put("1-2", FakeTpms.ek(1), FakeTpms.state(FakeTpms.ek(7), ""));

        VMIncarnation next = world.start(2, "1-1");

        assertThat(world.reason(next)).isEqualTo(Reason.EkMismatch);
        assertThat(world.state()).isEmpty();
        assertThat(world.copy().state()).isEqualTo(WorkingCopy.State.PRESENT);
        assertThat(world.home.versions()).containsExactly("1-1", "1-2");
        assertThat(world.records().require(VM).lastRun()).contains(1L);
    }

    @Test
    void aForeignClaimIsRefused() throws IOException {
        world.pass(incarnation);
        world.stop(incarnation);
        world.home.put("2-1", FakeTpms.ek(1), FakeTpms.state(FakeTpms.ek(1), "not ours"));

        VMIncarnation next = world.start(2, "1-1");

        assertThat(world.reason(next)).isEqualTo(Reason.MemoryLost);
        assertThat(world.state()).isEmpty();
    }

    @Test
    void anIncarnationStopsAtALaterClaim() throws IOException {
        world.failHome("Input/output error");
        world.pass(incarnation);
        world.assertPaused();
        world.healHome();
        world.home.put("2-1", FakeTpms.ek(1), FakeTpms.state(FakeTpms.ek(1), ""));

        world.later(Duration.ofMinutes(1));
        world.pass(incarnation);

        assertThat(world.reason(incarnation)).isEqualTo(Reason.GuestStateOfLaterEpoch);
        world.assertPaused();
        assertThat(world.home.versions()).containsExactly("2-1");
    }

    @Test
    void noSealedFileHoldsWhatTheGuestStored() throws IOException {
        world.pass(incarnation);
        world.guestStores("a secret of the guest's own");
        world.copyChanged();

        String file = new String(Files.readAllBytes(world.home.file("1-2")), StandardCharsets.ISO_8859_1);
        assertThat(file).doesNotContain("a secret of the guest");
        assertThat(file).doesNotContain(FakeTpms.ek(1));
    }
}
