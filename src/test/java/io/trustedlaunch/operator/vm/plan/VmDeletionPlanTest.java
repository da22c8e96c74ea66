package io.trustedlaunch.operator.vm.plan;

import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Erased;
import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Running;
import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Stopped;
import static io.trustedlaunch.operator.vm.facts.KeyFixture.NO_KEY;
import static io.trustedlaunch.operator.vm.plan.VmScene.applied;
import static io.trustedlaunch.operator.vm.plan.VmScene.recorded;
import static io.trustedlaunch.operator.vm.plan.VmScene.reserved;
import static io.trustedlaunch.operator.vm.plan.VmScene.running;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertReleasedWithItsIncarnation;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertWaits;
import static io.trustedlaunch.operator.vm.plan.VmSteps.waiting;
import static io.trustedlaunch.testkit.Incarnations.ended;
import static io.trustedlaunch.testkit.Incarnations.reported;
import static io.trustedlaunch.testkit.Incarnations.status;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.incarnation.VMIncarnationStatusBuilder;
import io.trustedlaunch.operator.vm.facts.KeyFixture;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class VmDeletionPlanTest {
    @Test
    void theIncarnationIsErasedFirst() {
        assertThat(running().deleted().step()).isInstanceOf(VmStep.Erase.class);
    }

    @Test
    void theKeyIsDestroyedWithoutWaitingForTheAgent() {
        assertThat(running()
                        .incarnation(1, Erased, reported(Phase.Running))
                        .deleted()
                        .step())
                .isEqualTo(new RemovalStep.DestroyKey());
    }

    @Test
    void thenTheAgentIsWaitedFor() {
        assertWaits(erasing(Phase.Stopping), Reason.Deleting);
    }

    @Test
    void thenTheVmIsReleasedWithItsIncarnations() {
        assertReleasedWithItsIncarnation(erasing(Phase.Erased));
    }

    @Test
    void aVmThatNeverHadAnIncarnationIsReleasedAtOnce() {
        assertThat(applied().withFinalizer().deleted().step()).isEqualTo(new RemovalStep.Release(List.of(), List.of()));
    }

    @Test
    void aVmWithoutFinalizerIsNotHeld() {
        assertThat(applied().deleted().step()).isEqualTo(new VmStep.Gone());
    }

    @Test
    void aKeyThatWasNeverUsedIsDestroyedToo() {
        assertThat(applied().withFinalizer().withKey().deleted().step()).isEqualTo(new RemovalStep.DestroyKey());
    }

    @Test
    void aSecretWithoutAKeyDoesNotBlockTheDeletion() {
        assertThat(applied().withFinalizer().key(KeyFixture.invalid()).deleted().step())
                .isEqualTo(new RemovalStep.DestroyKey());
    }

    @Test
    void aMissingIncarnationIsCreatedAgainToBeErased() {
        VmStep.CreateIncarnation step = reserved(1).deleted().step(VmStep.CreateIncarnation.class);
        assertThat(step.incarnation().getSpec().desiredState()).isEqualTo(Erased);
        assertThat(step.sealed()).isFalse();
    }

    @Test
    void whatOnlyANodeKnowsIsErasedOnceTheGuestHasEnded() {
        VmScene scene = recorded(5).key(NO_KEY).deleted().seen("host-b", 4);
        assertWaits(scene.incarnation(5, Erased, reported(Phase.Stopping)), Reason.Deleting);
        VmStep.CreateIncarnation step =
                scene.incarnation(5, Erased, reported(Phase.Erased)).step(VmStep.CreateIncarnation.class);
        assertThat(step.incarnation().getSpec().nodeName()).isEqualTo("host-b");
        assertThat(step.incarnation().getSpec().desiredState()).isEqualTo(Erased);
    }

    @Test
    void noVmIsLetGoBeforeItIsKnownWhetherTheDataIsCurrent() {
        assertWaits(erasing(Phase.Erased).unanswered("host-b"), Reason.AwaitingInventory, "host-b");
        assertWaits(applied().withFinalizer().deleted().unanswered("host-b"), Reason.AwaitingInventory, "host-b");
    }

    /** It may have run since a backup from which the data was restored. */
    @Test
    void norIsTheKeyDestroyedOfAVmThatIsToBeRetained() {
        VmScene neverStarted = applied().withFinalizer().withKey().retained().deleted();
        assertThat(neverStarted.step()).isInstanceOf(RemovalStep.DestroyKey.class);
        assertWaits(neverStarted.unanswered("host-b"), Reason.AwaitingInventory, "host-b");
    }

    /** Each waited for the other: only the later one's removal makes way for the earlier one's. */
    @Test
    void whatOnlyANodeKnowsIsErasedBeforeAnIncarnationThatLeavesTheFolderToIt() {
        VmScene scene =
                recorded(5).key(NO_KEY).deleted().seenWaiting("host-b", 6).incarnation(5, Erased, leaving());
        assertThat(scene.step(VmStep.CreateIncarnation.class).incarnation().getSpec())
                .satisfies(spec -> assertThat(spec.nodeName()).isEqualTo("host-b"))
                .satisfies(spec -> assertThat(spec.epoch()).isEqualTo(6));
        assertWaits(scene.unanswered("host-b"), Reason.AwaitingInventory, "host-b");
    }

    @Test
    void soIsWhatANodeHasBesidesSuchAnIncarnation() {
        VmScene scene =
                recorded(5).key(NO_KEY).deleted().seenWaiting("host-a", 6).incarnation(5, Erased, leaving());
        assertThat(scene.step(VmStep.CreateIncarnation.class)
                        .incarnation()
                        .getSpec()
                        .epoch())
                .isEqualTo(6);
    }

    /** A guest that may use that folder ends first. */
    @Test
    void butNotBeforeTheOthersHaveEnded() {
        VmScene scene = recorded(5)
                .key(NO_KEY)
                .deleted()
                .seenWaiting("host-b", 6)
                .incarnation(4, Erased, reported(Phase.Stopping))
                .incarnation(4, spec -> spec.terminationGracePeriodSeconds(0))
                .incarnation(5, Erased, leaving());
        assertThat(waiting(scene).message()).contains("host-a").doesNotContain("it has 6-1");
    }

    @Test
    void anIncarnationThatLeavesTheFolderToOneThatNoNodeHasIsWaitedFor() {
        VmScene scene = recorded(5).key(NO_KEY).deleted().incarnation(5, Erased, leaving());
        assertWaits(scene, Reason.Deleting, "it has 6-1");
    }

    private static VMIncarnationStatusBuilder leaving() {
        return reported(Phase.Stopping).reason("HomeOfLaterEpoch").message("it has 6-1");
    }

    /** An agent ends earlier incarnations only as long as no later one is here. */
    @Test
    void ofTwoThatOnlyANodeKnowsTheLaterIsErased() {
        VmScene scene = recorded(5).key(NO_KEY).deleted().seen("host-b", 3).seenWaiting("host-b", 4);
        VmStep.CreateIncarnation step =
                scene.incarnation(5, Erased, reported(Phase.Erased)).step(VmStep.CreateIncarnation.class);
        assertThat(step.incarnation().getSpec().epoch()).isEqualTo(4);
    }

    @Test
    void aSilentNodeBlocksTheDeletionAndTheMessageNamesTheNodeAndTheTaint() {
        assertThat(waiting(erasing(Phase.Running).silent("host-a")).message())
                .contains("host-a", "node.kubernetes.io/out-of-service");
    }

    @Test
    void whatItsAgentReportsIsSaidOnce() {
        VmScene refused = erasing(Phase.Stopping)
                .incarnation(
                        1,
                        Erased,
                        reported(Phase.Stopping).reason("HomeOfLaterEpoch").message("it has 2-1"));
        assertThat(waiting(refused).message()).containsOnlyOnce("it has 2-1");
    }

    @Test
    void aFencedNodeDoesNotBlockTheDeletionAndItsIncarnationStays() {
        assertThat(erasing(Phase.Running).fenced("host-a").step())
                .isEqualTo(new RemovalStep.Release(List.of(), List.of("host-a")));
    }

    @Test
    void theIncarnationIsErasedOnALostNodeToo() {
        assertThat(running().fenced("host-a").deleted().step()).isInstanceOf(VmStep.Erase.class);
        assertThat(running().gone("host-a").deleted().step()).isInstanceOf(VmStep.Erase.class);
    }

    @Test
    void aMissingIncarnationIsCreatedEvenIfItsNodeIsGone() {
        VmStep.CreateIncarnation step =
                reserved(1).key(NO_KEY).gone("host-a").deleted().step(VmStep.CreateIncarnation.class);
        assertThat(step.incarnation().getSpec().desiredState()).isEqualTo(Erased);
        assertThat(step.sealed()).isFalse();
    }

    @Test
    void nothingIsWaitedForWhenTheLocationIsGoneToo() {
        assertThat(reserved(1)
                        .key(NO_KEY)
                        .gone("host-a")
                        .offers(offers -> offers.locations(Map.of()))
                        .deleted()
                        .step())
                .isEqualTo(new RemovalStep.Release(List.of(), List.of("host-a")));
    }

    @Test
    void theEnvelopeAndTheKeyOfAVmOnALostNodeAreDestroyedToo() {
        VmScene lost = running()
                .incarnation(1, Erased, reported(Phase.Running))
                .withEnvelope()
                .fenced("host-a")
                .deleted();
        assertThat(lost.step()).isInstanceOf(RemovalStep.RemoveEnvelope.class);
        assertThat(lost.withoutEnvelope().step()).isEqualTo(new RemovalStep.DestroyKey());
    }

    @Test
    void anIncarnationThatALostNodeHasErasedIsReleasedWithTheVm() {
        assertReleasedWithItsIncarnation(erasing(Phase.Erased).fenced("host-a"));
    }

    @Test
    void theEnvelopeOfAnEarlierIncarnationIsRemovedBeforeTheKey() {
        VmScene scene = reserved(2)
                .incarnation(1, Stopped, ended(Exit.Shutdown))
                .withEnvelope()
                .incarnation(2, Erased, reported(Phase.Running))
                .deleted();
        assertThat(scene.step(RemovalStep.RemoveEnvelope.class).incarnation().epoch())
                .isEqualTo(1L);
    }

    @Test
    void anEarlierIncarnationThatIsNotOverIsErasedToo() {
        VmScene scene = reserved(2)
                .incarnation(1, Running, reported(Phase.Running))
                .incarnation(2, Erased, status(Phase.Erased).exit(Exit.NeverRan))
                .key(NO_KEY)
                .deleted();
        assertThat(scene.step(VmStep.Erase.class).incarnation().epoch()).isEqualTo(1L);
    }

    /** The files are also those of the one that is only said to be over. */
    @Test
    void anIncarnationIsErasedUnderItsFencesUntilTheOthersHaveEnded() {
        VmScene scene = reserved(2)
                .incarnation(1, Erased, reported(Phase.Running))
                .incarnation(1, spec -> spec.terminationGracePeriodSeconds(0))
                .incarnation(2, Erased, reported(Phase.Preparing))
                .incarnation(2, spec -> spec.afterFences(List.of("host-a-3f0c6d6e")))
                .key(NO_KEY)
                .deleted();
        assertWaits(scene, Reason.Deleting);
        VmStep.Erase step = scene.incarnation(1, Erased, reported(Phase.Erased)).step(VmStep.Erase.class);
        assertThat(step.incarnation().epoch()).isEqualTo(2L);
    }

    /** What it left is in a folder that the current one may have, whose agent alone removes it. */
    @Test
    void anIncarnationWhoseGuestHasLeftIsNotWaitedForBeforeTheMissingOneIsCreated() {
        VmScene scene = recorded(2)
                .incarnation(1, Erased, ended(Exit.Migrated))
                .key(NO_KEY)
                .deleted();

        VmStep.CreateIncarnation step = scene.step(VmStep.CreateIncarnation.class);

        assertThat(step.incarnation().getSpec().epoch()).isEqualTo(2);
        assertThat(step.incarnation().getSpec().desiredState()).isEqualTo(Erased);
        assertWaits(scene.incarnation(1, Erased, reported(Phase.Stopping)), Reason.Deleting);
    }

    private static VmScene erasing(Phase phase) {
        return running()
                .incarnation(1, Erased, reported(phase).exit(phase == Phase.Erased ? Exit.Shutdown : null))
                .key(NO_KEY)
                .deleted();
    }
}
