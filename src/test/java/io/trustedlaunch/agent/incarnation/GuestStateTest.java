package io.trustedlaunch.agent.incarnation;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.domain.DomainSpec;
import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.hypervisor.WorkingCopy;
import io.trustedlaunch.agent.incarnation.plan.FactsFixture;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationStatus;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.VMIncarnationStatus.Phase;
import io.trustedlaunch.failpoint.Failpoint;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A guest's state through its lives: home, and back from there. */
class GuestStateTest {
    @TempDir
    private Path root;

    private World world;
    private VMIncarnation incarnation;

    @BeforeEach
    void startTheFirstIncarnation() throws IOException {
        world = new World(root);
        incarnation = world.incarnation(1, DesiredState.Running);
    }

    @Test
    void theHomeIsClaimedAndToldBeforeTheGuestsFirstInstruction() throws IOException {
        world.pass(incarnation);

        VMIncarnationStatus prepared = world.server.written().getFirst();
        assertThat(prepared.phase()).isEqualTo(Phase.Prepared);
        assertThat(prepared.guestState().version()).isEqualTo(FactsFixture.version("1-1"));
        assertThat(prepared.guestState().complete()).isFalse();
        assertThat(world.sealedAs("1-1").ekDigest()).isEqualTo(FakeTpms.ek(1));
    }

    @Test
    void withoutAClaimNoGuestRuns() {
        world.failHome(new IOException("No space left on device"));
        world.pass(incarnation);

        assertThat(status(incarnation).reason()).isEqualTo(Reason.NoSpace.name());
        assertThat(status(incarnation).guestState()).isNull();
        assertThat(state()).isInstanceOf(DomainState.Paused.class);

        world.failHome(null);
        world.later(Duration.ofMinutes(1));
        world.pass(incarnation);
        assertThat(state()).isInstanceOf(DomainState.Running.class);
    }

    @Test
    void eachChangeIsAGenerationAndNoChangeIsNone() throws IOException {
        world.pass(incarnation);
        world.guestStores("one");
        world.copyChanged();
        world.copyChanged();
        world.hypervisor.putVariables(IncarnationFixture.VM, "another boot order");
        world.copyChanged();

        assertThat(world.home()).containsExactly("guest-state-1-1.p7m", "guest-state-1-2.p7m", "guest-state-1-3.p7m");
        assertThat(new String(world.sealedAs("1-3").tpm(), StandardCharsets.UTF_8))
                .contains("one");
        assertThat(new String(world.sealedAs("1-3").variables(), StandardCharsets.UTF_8))
                .contains("another boot order");
    }

    @Test
    void whatIsNewerAtHomeIsToldOnceInAWhile() {
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
        assertThat(status(incarnation).guestState().version()).isEqualTo(FactsFixture.version("1-2"));
        assertThat(status(incarnation).guestState().lagMilliseconds()).isNotNull();
    }

    @Test
    void aStateThatCannotBeSealedIsToldAndHealsAndTheGuestRunsOn() {
        world.pass(incarnation);
        world.failHome(new IOException("Input/output error"));
        world.guestStores("one");

        Duration first = world.copyChanged().orElseThrow();
        assertThat(world.copyChanged().orElseThrow()).isGreaterThan(first);
        world.pass(incarnation);
        assertThat(status(incarnation).phase()).isEqualTo(Phase.Running);
        assertThat(status(incarnation).reason()).isEqualTo(Reason.GuestStateNotSealed.name());
        assertThat(state()).isInstanceOf(DomainState.Running.class);

        world.failHome(null);
        assertThat(world.copyChanged()).isEmpty();
        world.pass(incarnation);
        assertThat(status(incarnation).reason()).isEqualTo(Reason.Running.name());
        assertThat(status(incarnation).guestState().version()).isEqualTo(FactsFixture.version("1-2"));
    }

    @Test
    void anAgentThatComesBackSealsWhatItMissed() {
        world.pass(incarnation);
        world.guestStores("while nobody looked");
        world.restartAgent();

        world.pass(incarnation);
        world.copyChanged();

        assertThat(world.home()).containsExactly("guest-state-1-1.p7m", "guest-state-1-2.p7m");
    }

    @Test
    void anEndLosesNothingAndLeavesNothing() throws IOException {
        world.pass(incarnation);
        world.guestStores("at the last moment");
        stop(incarnation);

        assertThat(status(incarnation).phase()).isEqualTo(Phase.Stopped);
        assertThat(status(incarnation).guestState().version()).isEqualTo(FactsFixture.version("1-2"));
        assertThat(status(incarnation).guestState().complete()).isTrue();
        assertThat(copy()).isEqualTo(WorkingCopy.State.ABSENT);

        VMIncarnation next = world.incarnation(2, DesiredState.Running, "1-2", null);
        start(next);
        assertThat(state()).isInstanceOf(DomainState.Running.class);
        assertThat(world.stored()).isEqualTo("at the last moment");
        assertThat(world.home()).contains("guest-state-2-1.p7m");
    }

    @Test
    void anEndIsNotToldBeforeItsStateIsHome() {
        world.pass(incarnation);
        world.guestStores("one");
        world.failHome(new IOException("No space left on device"));
        stop(incarnation);

        assertThat(status(incarnation).phase()).isEqualTo(Phase.Stopping);
        assertThat(status(incarnation).reason()).isEqualTo(Reason.NoSpace.name());
        assertThat(copy()).isEqualTo(WorkingCopy.State.PRESENT);

        world.failHome(null);
        world.pass(incarnation);
        assertThat(status(incarnation).phase()).isEqualTo(Phase.Stopped);
        assertThat(status(incarnation).guestState().complete()).isTrue();
    }

    @Test
    void aHostThatLostItsPowerSealsWhatWasLeftWhenItIsBack() {
        world.pass(incarnation);
        world.guestStores("one");
        world.hypervisor.powerCut();
        world.restartAgent();

        world.pass(incarnation);
        world.later(Duration.ofSeconds(2));
        world.pass(incarnation);

        assertThat(status(incarnation).exit()).isEqualTo(Exit.Crashed);
        assertThat(status(incarnation).guestState().version()).isEqualTo(FactsFixture.version("1-2"));
        assertThat(status(incarnation).guestState().complete()).isTrue();
    }

    @ParameterizedTest
    @EnumSource(names = {"Running", "Stopped"})
    void whatACrashedHostHasGoesHomeAsSoonAsItIsBackWhateverBecameOfTheVmMeanwhile(DesiredState desired)
            throws IOException {
        world.pass(incarnation);
        world.guestStores("one");
        world.hypervisor.powerCut();
        world.server.changeSpec(incarnation, desired);
        // It went on elsewhere, and its home has what that life claimed.
        world.putHome("2-1", FakeTpms.ek(1), FakeTpms.state(FakeTpms.ek(1), "elsewhere"));
        world.server.ownEpoch(2);
        world.restartAgent();

        world.pass(incarnation);
        world.later(Duration.ofSeconds(2));
        world.pass(incarnation);

        assertThat(world.home()).contains("guest-state-1-2.p7m", "guest-state-2-1.p7m");
        assertThat(copy()).isEqualTo(WorkingCopy.State.ABSENT);
        assertThat(status(incarnation).guestState().complete()).isTrue();
        assertThat(status(incarnation).guestState().lastWatched())
                .as("nothing is begun with it")
                .isNull();
        assertThat(new String(world.sealedAs("2-1").tpm(), StandardCharsets.UTF_8))
                .contains("elsewhere");
    }

    @Test
    void aNodeThatLostItsRecordKnowsFromTheDomainWhoseTheStateIs() throws IOException {
        world.pass(incarnation);
        world.guestStores("one");
        world.server.changeSpec(incarnation, DesiredState.Stopped);
        world.pass(incarnation);
        assertThat(state()).isInstanceOf(DomainState.ShuttingDown.class);
        Files.delete(root.resolve("memory").resolve(IncarnationFixture.VM + ".json"));
        world.restartAgent();

        world.pass(incarnation);
        world.hypervisor.powerOff(IncarnationFixture.VM);
        world.pass(incarnation);

        assertThat(status(incarnation).phase()).isEqualTo(Phase.Stopped);
        assertThat(status(incarnation).guestState().version()).isEqualTo(FactsFixture.version("1-2"));
        assertThat(status(incarnation).guestState().complete()).isTrue();
    }

    @Test
    void anEndWhoseStateIsDamagedIsNotCompleteAndTheNextStartAsks() throws IOException {
        world.pass(incarnation);
        Files.write(world.hypervisor.workingCopy(IncarnationFixture.VM).tpmState(), new byte[0]);
        stop(incarnation);

        assertThat(status(incarnation).phase()).isEqualTo(Phase.Stopped);
        assertThat(status(incarnation).guestState().complete()).isFalse();
        assertThat(status(incarnation).message()).contains("only on this node");

        VMIncarnation next = world.incarnation(2, DesiredState.Running, "1-1", null);
        start(next);
        assertThat(status(next).reason()).isEqualTo(Reason.TpmStateDamaged.name());
        assertThat(world.domain()).isEmpty();

        VMIncarnation approved = world.incarnation(3, DesiredState.Running, "1-1", "1-1");
        start(approved);
        assertThat(state()).isInstanceOf(DomainState.Running.class);
        try (var aside = Files.list(
                world.hypervisor.layout().tpmFolder(IncarnationFixture.VM).getParent())) {
            assertThat(aside).anyMatch(folder -> folder.getFileName().toString().startsWith(".rejected-"));
        }
    }

    @Test
    void aHomeThatWasTurnedBackIsRefusedUntilSomebodyApproves() throws IOException {
        world.pass(incarnation);
        byte[] first = Files.readAllBytes(world.homeFile("1-1"));
        world.guestStores("newer");
        stop(incarnation);
        Files.delete(world.homeFile("1-2"));

        VMIncarnation next = world.incarnation(2, DesiredState.Running, "1-2", null);
        start(next);
        assertThat(status(next).reason()).isEqualTo(Reason.GuestStateRolledBack.name());
        assertThat(status(next).message()).contains("1-2").contains("approveGuestState");
        assertThat(world.domain()).isEmpty();

        VMIncarnation approved = world.incarnation(3, DesiredState.Running, "1-2", "1-1");
        start(approved);
        assertThat(state()).isInstanceOf(DomainState.Running.class);
        assertThat(world.stored()).isEmpty();
        assertThat(world.homeFile("1-1")).hasBinaryContent(first);
    }

    @Test
    void aRecordAndAHomeThatWereTurnedBackTogetherAreRefusedByTheNodeThatSealedLater() throws IOException {
        world.pass(incarnation);
        world.guestStores("newer");
        stop(incarnation);
        Files.delete(world.homeFile("1-2"));

        VMIncarnation next = world.incarnation(2, DesiredState.Running, "1-1", null);
        start(next);

        assertThat(status(next).reason()).isEqualTo(Reason.GuestStateRolledBack.name());
        assertThat(status(next).message()).contains("was sealed by this node");
    }

    @Test
    void anEmptyHomeIsRefusedAndNoTpmIsMade() throws IOException {
        world.pass(incarnation);
        stop(incarnation);
        Files.delete(world.homeFile("1-1"));

        VMIncarnation next = world.incarnation(2, DesiredState.Running, "1-1", null);
        start(next);

        assertThat(status(next).reason()).isEqualTo(Reason.GuestStateMissing.name());
        assertThat(world.tpms.made()).isEqualTo(1);
        assertThat(copy()).isEqualTo(WorkingCopy.State.ABSENT);
    }

    @Test
    void theNewestThatDoesNotOpenIsNotPassedOverAndIsSetAsideWhenAnOlderOneIsApproved() throws IOException {
        world.pass(incarnation);
        world.guestStores("newer");
        stop(incarnation);
        byte[] damaged = Files.readAllBytes(world.homeFile("1-2"));
        damaged[damaged.length - 1] ^= 1;
        Files.write(world.homeFile("1-2"), damaged);

        VMIncarnation next = world.incarnation(2, DesiredState.Running, "1-2", null);
        start(next);
        assertThat(status(next).reason()).isEqualTo(Reason.GuestStateAltered.name());
        assertThat(world.domain()).isEmpty();

        VMIncarnation approved = world.incarnation(3, DesiredState.Running, "1-2", "1-1");
        start(approved);
        assertThat(state()).isInstanceOf(DomainState.Running.class);
        assertThat(world.home())
                .containsExactly("guest-state-1-1.p7m", "guest-state-1-2.p7m.rejected", "guest-state-3-1.p7m");
    }

    @ParameterizedTest
    @EnumSource(
            value = Failpoint.class,
            names = {"AGENT_COPY_WRITTEN", "AGENT_SEALED_FILE_WRITTEN", "AGENT_SEALED_FILE_NAMED", "AGENT_HOME_CLAIMED"
            })
    void anApprovedStartThatDiesGoesOnFromTheSameState(Failpoint point) throws IOException {
        world.pass(incarnation);
        world.guestStores("approved");
        world.copyChanged();
        world.guestStores("newer");
        stop(incarnation);
        Files.write(world.homeFile("1-3"), new byte[] {1});
        world.arm(point);

        VMIncarnation approved = world.incarnation(2, DesiredState.Running, "1-3", "1-2");
        world.server.ownEpoch(2);
        world.passUntilItRuns(approved);

        assertThat(world.isArmed(point)).isFalse();
        assertThat(state()).isInstanceOf(DomainState.Running.class);
        assertThat(world.stored()).isEqualTo("approved");
        assertThat(world.home()).contains("guest-state-2-1.p7m", "guest-state-1-3.p7m.rejected");
    }

    @Test
    void aStateOfAnotherTpmThanOnRecordIsRefusedBeforeThereIsADomain() throws IOException {
        world.pass(incarnation);
        stop(incarnation);
        world.putHome("1-2", FakeTpms.ek(7), FakeTpms.state(FakeTpms.ek(7), ""));

        VMIncarnation next = world.incarnation(2, DesiredState.Running, "1-1", null);
        start(next);

        assertThat(status(next).reason()).isEqualTo(Reason.EkMismatch.name());
        assertThat(world.domain()).isEmpty();
        assertThat(world.home()).containsExactly("guest-state-1-1.p7m", "guest-state-1-2.p7m");
    }

    @Test
    void aStateThatLiesAboutItsTpmDoesNotRunAndLosesNothing() throws IOException {
        world.pass(incarnation);
        stop(incarnation);
        world.putHome("1-2", FakeTpms.ek(1), FakeTpms.state(FakeTpms.ek(7), ""));
        VMIncarnation next = world.incarnation(2, DesiredState.Running, "1-1", null);
        world.server.ownEpoch(2);

        world.pass(next);

        assertThat(status(next).reason()).isEqualTo(Reason.EkMismatch.name());
        assertThat(world.domain().map(DomainSpec::vm)).isEmpty();
        assertThat(copy()).isEqualTo(WorkingCopy.State.PRESENT);
        assertThat(world.home()).containsExactly("guest-state-1-1.p7m", "guest-state-1-2.p7m");
        assertThat(world.memory().require(IncarnationFixture.VM).resumedEpoch()).isEqualTo(1);
    }

    @Test
    void aClaimThatSomebodyElsePutThereIsNotTakenForThisLifes() throws IOException {
        world.pass(incarnation);
        stop(incarnation);
        world.putHome("2-1", FakeTpms.ek(1), FakeTpms.state(FakeTpms.ek(1), "not ours"));

        VMIncarnation next = world.incarnation(2, DesiredState.Running, "1-1", null);
        start(next);

        assertThat(status(next).reason()).isEqualTo(Reason.MemoryLost.name());
        assertThat(world.domain()).isEmpty();
    }

    @Test
    void aLaterLifesClaimIsNotGoneBehind() throws IOException {
        world.failHome(new IOException("Input/output error"));
        world.pass(incarnation);
        assertThat(state()).isInstanceOf(DomainState.Paused.class);
        world.failHome(null);
        world.putHome("2-1", FakeTpms.ek(1), FakeTpms.state(FakeTpms.ek(1), ""));

        world.later(Duration.ofMinutes(1));
        world.pass(incarnation);

        assertThat(status(incarnation).reason()).isEqualTo(Reason.GuestStateOfLaterEpoch.name());
        assertThat(state()).isInstanceOf(DomainState.Paused.class);
        assertThat(world.home()).containsExactly("guest-state-2-1.p7m");
    }

    @Test
    void noSealedFileHoldsWhatTheGuestStored() throws IOException {
        world.pass(incarnation);
        world.guestStores("a secret of the guest's own");
        world.copyChanged();

        String file = new String(Files.readAllBytes(world.homeFile("1-2")), StandardCharsets.ISO_8859_1);
        assertThat(file).doesNotContain("a secret of the guest");
        assertThat(Arrays.asList(FakeTpms.ek(1))).noneMatch(file::contains);
    }

    private void stop(VMIncarnation running) {
        world.server.changeSpec(running, DesiredState.Stopped);
        world.pass(running);
        world.hypervisor.powerOff(IncarnationFixture.VM);
        world.pass(running);
    }

    private void start(VMIncarnation next) {
        world.server.ownEpoch(next.getSpec().epoch());
        world.later(Duration.ofMinutes(1));
        world.pass(next);
    }

    private VMIncarnationStatus status(VMIncarnation of) {
        return world.server.read(of).getStatus();
    }

    private DomainState state() {
        return world.hypervisor.find(IncarnationFixture.VM).orElseThrow().state();
    }

    private WorkingCopy.State copy() {
        return world.hypervisor.workingCopy(IncarnationFixture.VM).state();
    }
}
