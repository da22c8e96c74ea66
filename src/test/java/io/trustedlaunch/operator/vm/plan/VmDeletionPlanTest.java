package io.trustedlaunch.operator.vm.plan;

import static io.trustedlaunch.operator.vm.plan.VmScene.EK;
import static io.trustedlaunch.operator.vm.plan.VmScene.applied;
import static io.trustedlaunch.operator.vm.plan.VmScene.reserved;
import static io.trustedlaunch.operator.vm.plan.VmScene.running;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.VMIncarnationStatus.Phase;
import io.trustedlaunch.operator.vm.facts.KeyFacts;
import java.util.List;
import org.junit.jupiter.api.Test;

class VmDeletionPlanTest {
    private static final KeyFacts NO_KEY = new KeyFacts.Absent();

    @Test
    void theAgentIsToldFirst() {
        assertThat(running().deleted().step()).isInstanceOf(VmStep.Erase.class);
    }

    @Test
    void theKeyIsDestroyedWithoutWaitingForTheAgent() {
        assertThat(running()
                        .incarnation(1, DesiredState.Erased, Phase.Running, EK, null)
                        .deleted()
                        .step())
                .isEqualTo(new VmStep.DestroyKey());
    }

    @Test
    void thenTheAgentIsWaitedFor() {
        assertThat(erasing(Phase.Stopping).step())
                .asInstanceOf(type(VmStep.Wait.class))
                .extracting(step -> step.problem().reason())
                .isEqualTo(Reason.Deleting);
    }

    @Test
    void thenTheVmIsReleasedWithItsIncarnations() {
        assertThat(erasing(Phase.Erased).step())
                .asInstanceOf(type(VmStep.Release.class))
                .satisfies(step -> {
                    assertThat(step.remains()).hasSize(1);
                    assertThat(step.lost()).isEmpty();
                });
    }

    @Test
    void aVmThatNeverHadAnIncarnationGoesAtOnce() {
        assertThat(applied().withFinalizer().deleted().step()).isEqualTo(new VmStep.Release(List.of(), List.of()));
    }

    @Test
    void aVmWithoutFinalizerIsNotHeld() {
        assertThat(applied().deleted().step()).isEqualTo(new VmStep.Gone());
    }

    @Test
    void aKeyThatWasMadeForNothingGoesToo() {
        assertThat(applied().withFinalizer().withKey().deleted().step()).isEqualTo(new VmStep.DestroyKey());
    }

    @Test
    void aSecretThatHoldsNoKeyIsNoReasonToStay() {
        assertThat(applied()
                        .withFinalizer()
                        .key(new KeyFacts.Invalid(VmScene.secret(), "no key"))
                        .deleted()
                        .step())
                .isEqualTo(new VmStep.DestroyKey());
    }

    @Test
    void aMissingIncarnationIsMadeAgainToBeErased() {
        VmStep.CreateIncarnation step =
                (VmStep.CreateIncarnation) reserved(1).deleted().step();
        assertThat(step.incarnation().getSpec().desiredState()).isEqualTo(DesiredState.Erased);
        assertThat(step.sealed()).isFalse();
    }

    @Test
    void aSilentNodeHoldsTheVmAndIsNamedWithTheWayOut() {
        assertThat(erasing(Phase.Running).silent("host-a").step())
                .asInstanceOf(type(VmStep.Wait.class))
                .extracting(step -> step.problem().message())
                .asString()
                .contains("host-a", "node.kubernetes.io/out-of-service");
    }

    @Test
    void aFencedNodeHoldsNothingAndIsNamedAndItsIncarnationStaysForTheDayItIsBack() {
        assertThat(erasing(Phase.Running).fenced("host-a").step())
                .isEqualTo(new VmStep.Release(List.of(), List.of("host-a")));
    }

    @Test
    void theAgentOfALostNodeIsToldToo() {
        assertThat(running().fenced("host-a").deleted().step()).isInstanceOf(VmStep.Erase.class);
        assertThat(running().gone("host-a").deleted().step()).isInstanceOf(VmStep.Erase.class);
    }

    @Test
    void onANodeThatIsGoneAnIncarnationThatIsMissingIsMadeForTheDayItIsBack() {
        var step = (VmStep.CreateIncarnation)
                reserved(1).key(NO_KEY).gone("host-a").deleted().step();
        assertThat(step.incarnation().getSpec().desiredState()).isEqualTo(DesiredState.Erased);
        assertThat(step.sealed()).isFalse();
    }

    @Test
    void whereTheLocationIsGoneTooNothingIsWaitedFor() {
        assertThat(reserved(1)
                        .key(NO_KEY)
                        .gone("host-a")
                        .noLocations()
                        .deleted()
                        .step())
                .isEqualTo(new VmStep.Release(List.of(), List.of("host-a")));
    }

    @Test
    void theKeyOfAVmOnALostNodeIsDestroyedTooAndSoIsItsEnvelope() {
        VmScene lost = running()
                .incarnation(1, DesiredState.Erased, Phase.Running, EK, null)
                .withEnvelope()
                .fenced("host-a")
                .deleted();
        assertThat(lost.step()).isInstanceOf(VmStep.RemoveEnvelope.class);
        assertThat(lost.withoutEnvelope().step()).isEqualTo(new VmStep.DestroyKey());
    }

    @Test
    void whatALostNodeErasedBeforeGoesWithTheVm() {
        assertThat(erasing(Phase.Erased).fenced("host-a").step())
                .asInstanceOf(type(VmStep.Release.class))
                .satisfies(step -> {
                    assertThat(step.remains()).hasSize(1);
                    assertThat(step.lost()).isEmpty();
                });
    }

    @Test
    void theEnvelopeOfAnEarlierIncarnationThatIsOverGoesBeforeTheKey() {
        VmScene scene = reserved(2)
                .incarnation(1, DesiredState.Stopped, Phase.Stopped, EK, Exit.Shutdown)
                .withEnvelope()
                .incarnation(2, DesiredState.Erased, Phase.Running, EK, null)
                .deleted();
        assertThat(scene.step())
                .asInstanceOf(type(VmStep.RemoveEnvelope.class))
                .extracting(step -> step.incarnation().epoch())
                .isEqualTo(1L);
    }

    @Test
    void aIncarnationElsewhereThatIsNotOverIsEndedToo() {
        VmScene scene = reserved(2)
                .incarnation(1, DesiredState.Running, Phase.Running, EK, null)
                .incarnation(2, DesiredState.Erased, Phase.Erased, null, Exit.NeverRan)
                .key(NO_KEY)
                .deleted();
        assertThat(scene.step())
                .asInstanceOf(type(VmStep.Erase.class))
                .extracting(step -> step.incarnation().epoch())
                .isEqualTo(1L);
    }

    private static VmScene erasing(Phase phase) {
        return running()
                .incarnation(1, DesiredState.Erased, phase, EK, phase == Phase.Erased ? Exit.Shutdown : null)
                .key(NO_KEY)
                .deleted();
    }
}
