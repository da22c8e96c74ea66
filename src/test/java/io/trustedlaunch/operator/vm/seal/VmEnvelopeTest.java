package io.trustedlaunch.operator.vm.seal;

import static io.trustedlaunch.operator.vm.plan.VmScene.EK;
import static io.trustedlaunch.operator.vm.plan.VmScene.reserved;
import static io.trustedlaunch.operator.vm.plan.VmScene.running;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RunStrategy;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationStatus;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.VMIncarnationStatusBuilder;
import io.trustedlaunch.operator.vm.facts.KeyFacts;
import io.trustedlaunch.operator.vm.plan.VmScene;
import io.trustedlaunch.operator.vm.plan.VmStep;
import org.junit.jupiter.api.Test;

/** How long a life has an envelope: until the last of its state can have been sealed, and no longer. */
class VmEnvelopeTest {
    private static final KeyFacts NO_KEY = new KeyFacts.Absent();

    @Test
    void aIncarnationThatIsToEndKeepsItUntilItIsOver() {
        assertThat(stopping().step()).isInstanceOf(VmStep.Wait.class);
        assertThat(over(RunStrategy.Halted).withEnvelope().step()).isInstanceOf(VmStep.RemoveEnvelope.class);
        assertThat(over(RunStrategy.Halted).step()).isInstanceOf(VmStep.Settled.class);
    }

    @Test
    void aIncarnationThatEndedByItselfAndStaysLosesItToo() {
        assertThat(running()
                        .incarnation(1, DesiredState.Running, Phase.Stopped, EK, Exit.Shutdown)
                        .withEnvelope()
                        .strategy(RunStrategy.RerunOnFailure)
                        .step())
                .isInstanceOf(VmStep.RemoveEnvelope.class);
    }

    @Test
    void aIncarnationThatIsFollowedAtOnceCostsNoWriteForIt() {
        assertThat(over(RunStrategy.Always).withEnvelope().step()).isInstanceOf(VmStep.ReserveEpoch.class);
    }

    @Test
    void aIncarnationThatCannotBeFollowedNowLosesIt() {
        VmScene scene = over(RunStrategy.Always).withEnvelope().silent("host-a");
        assertThat(scene.step()).isInstanceOf(VmStep.RemoveEnvelope.class);
        assertThat(scene.withoutEnvelope().step()).isInstanceOf(VmStep.Refuse.class);
    }

    @Test
    void aIncarnationThatIsToEndGetsOneBackThatWasLost() {
        assertThat(stopping().withoutEnvelope().step()).isInstanceOf(VmStep.SealEnvelope.class);
    }

    @Test
    void aIncarnationIsEndedWithoutOneWhereNoneCanBeMade() {
        assertWaits(stopping().withoutEnvelope().key(NO_KEY), Reason.Stopping);
        assertWaits(stopping().withoutEnvelope().uncertified("host-a"), Reason.Stopping);
        assertWaits(stopping().withoutEnvelope().gone("host-a"), Reason.Stopping);
    }

    @Test
    void anAgentThatCannotSealTheLastStateIsHeard() {
        VmScene scene = stopping(told("LocationMissing"));
        assertWaits(scene, Reason.LocationMissing);
        assertWaits(scene.withoutEnvelope().key(NO_KEY), Reason.KeyMissing);
    }

    @Test
    void whatKeptAnAgentFromPreparingAnIncarnationIsNoTroubleOfItsEnd() {
        VMIncarnationStatus before = VMIncarnationStatusBuilder.builder()
                .observedGeneration(0L)
                .phase(Phase.Preparing)
                .reason("DiskTooSmall")
                .message("small")
                .build();
        assertWaits(stopping(before), Reason.Stopping);
    }

    @Test
    void anIncarnationThatIsMadeAgainToEndHasOneIfThereIsAKey() {
        VmScene missing = reserved(1).onRecord("host-a", 1, EK).strategy(RunStrategy.Halted);
        assertThat(created(missing).sealed()).isTrue();
        assertThat(created(missing.uncertified("host-a")).sealed()).isFalse();
        assertThat(created(missing.key(NO_KEY)).sealed()).isFalse();
    }

    @Test
    void noneIsSealedToANodeWhoseClusterNodeIsGone() {
        VmScene missing = reserved(1).onRecord("host-a", 1, EK).gone("host-a");
        assertWaits(missing, Reason.CertificatePending);
        assertThat(created(missing.strategy(RunStrategy.Halted)).sealed()).isFalse();
    }

    private static VmStep.CreateIncarnation created(VmScene scene) {
        return (VmStep.CreateIncarnation) scene.step();
    }

    private static VmScene stopping() {
        return stopping(told(Reason.Running.name()));
    }

    private static VmScene stopping(VMIncarnationStatus told) {
        return running().incarnation(1, DesiredState.Stopped, told).strategy(RunStrategy.Halted);
    }

    private static VMIncarnationStatus told(String reason) {
        return VMIncarnationStatusBuilder.builder()
                .observedGeneration(1L)
                .phase(Phase.Stopping)
                .reason(reason)
                .message("because")
                .ekDigest(EK)
                .build();
    }

    private static VmScene over(RunStrategy strategy) {
        return running()
                .incarnation(1, DesiredState.Stopped, Phase.Stopped, EK, Exit.Shutdown)
                .strategy(strategy);
    }

    private static void assertWaits(VmScene scene, Reason reason) {
        assertThat(scene.step())
                .asInstanceOf(type(VmStep.Wait.class))
                .extracting(step -> step.problem().reason())
                .isEqualTo(reason);
    }
}
