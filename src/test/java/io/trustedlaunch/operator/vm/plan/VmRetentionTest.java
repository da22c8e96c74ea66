package io.trustedlaunch.operator.vm.plan;

import static io.trustedlaunch.operator.vm.plan.VmScene.EK;
import static io.trustedlaunch.operator.vm.plan.VmScene.OWN_UID;
import static io.trustedlaunch.operator.vm.plan.VmScene.UID;
import static io.trustedlaunch.operator.vm.plan.VmScene.applied;
import static io.trustedlaunch.operator.vm.plan.VmScene.reserved;
import static io.trustedlaunch.operator.vm.plan.VmScene.running;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.OsType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RetainedVMRecord;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationStatus;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.VMIncarnationStatus.SealedState;
import io.trustedlaunch.api.VMIncarnationStatusBuilder;
import io.trustedlaunch.operator.vm.facts.KeyFacts;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.operator.vm.status.VmStatus;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class VmRetentionTest {
    private static final RetentionStep.Retain KEEP = new RetentionStep.Retain(true, Optional.of(OsType.Linux));

    @Test
    void theGuestIsStoppedAndNotErased() {
        assertThat(running().retained().deleted().step()).isInstanceOf(VmStep.Retire.class);
    }

    @Test
    void thenItsEndIsWaitedFor() {
        assertThat(stopping().step())
                .asInstanceOf(type(VmStep.Wait.class))
                .extracting(step -> step.problem().reason())
                .isEqualTo(Reason.Deleting);
    }

    @Test
    void aSilentNodeHoldsItAndIsNamedWithTheWayOut() {
        assertThat(stopping().silent("host-a").step())
                .asInstanceOf(type(VmStep.Wait.class))
                .extracting(step -> step.problem().message())
                .asString()
                .contains("host-a", "node.kubernetes.io/out-of-service");
    }

    @Test
    void thenTheRecordGoesOnTheKeyWithWhatTheLastIncarnationTold() {
        assertThat(stopped(true).step()).isEqualTo(KEEP);
        assertThat(stopped(false).step()).isEqualTo(new RetentionStep.Retain(false, Optional.of(OsType.Linux)));
    }

    @Test
    void theRecordHasWhatTheNextOwnerNeeds() {
        RetainedVMRecord record = record(stopped(true));
        assertThat(record.uid()).isEqualTo(UID);
        assertThat(record.objectUID()).isEqualTo(UID);
        assertThat(record.namespace()).isEqualTo("finance");
        assertThat(record.name()).isEqualTo("payroll");
        assertThat(record.epoch()).isEqualTo(1);
        assertThat(record.nodeName()).isEqualTo("host-a");
        assertThat(record.vTPM().ekDigest()).isEqualTo(EK);
        assertThat(record.guestState().floor()).isEqualTo(new GuestStateVersion(1L, 3L));
        assertThat(record.image().sha256()).isEqualTo(VmScene.DIGEST);
        assertThat(record.storageLocation()).isEqualTo("default");
        assertThat(record.osDisk().size()).hasToString("10Gi");
    }

    @Test
    void thenTheVmIsReleasedAndItsKeyStays() {
        VmScene stopped = stopped(true);
        assertThat(stopped.kept(record(stopped), null).step())
                .asInstanceOf(type(VmStep.Release.class))
                .satisfies(step -> {
                    assertThat(step.remains()).hasSize(1);
                    assertThat(step.lost()).isEmpty();
                });
    }

    @Test
    void whoDiedWhileReleasingMakesNoIncarnationAgain() {
        RetainedVMRecord record = record(stopped(true));
        assertThat(reserved(1)
                        .onRecord("host-a", 1, EK)
                        .kept(record, null)
                        .retained()
                        .deleted()
                        .step())
                .isEqualTo(new VmStep.Release(List.of(), List.of()));
    }

    @Test
    void aIncarnationWithoutItsObjectIsEndedThroughOneThatIsMadeAgain() {
        var step = (VmStep.CreateIncarnation)
                reserved(1).onRecord("host-a", 1, EK).retained().deleted().step();
        assertThat(step.incarnation().getSpec().desiredState()).isEqualTo(DesiredState.Stopped);
        assertThat(step.sealed()).isTrue();
    }

    @Test
    void onALostNodeTheIncarnationIsToldToEndShouldTheNodeComeBackAndTheVmIsKeptWithoutWaiting() {
        VmScene lost = running().fenced("host-a").retained().deleted();
        assertThat(lost.step()).isInstanceOf(VmStep.Retire.class);
        VmScene told = stopping().fenced("host-a");
        assertThat(told.step()).isEqualTo(new RetentionStep.Retain(false, Optional.of(OsType.Linux)));
        assertThat(told.kept(record(told), null).step()).isEqualTo(new VmStep.Release(List.of(), List.of()));
    }

    @Test
    void withoutItsKeyNothingCanBeKept() {
        assertThat(stopped(true).key(new KeyFacts.Absent()).step())
                .asInstanceOf(type(VmStep.Refuse.class))
                .satisfies(step -> {
                    assertThat(step.problem().reason()).isEqualTo(Reason.KeyMissing);
                    assertThat(step.problem().message()).contains("deletionPolicy");
                });
    }

    @Test
    void whatWasToBeErasedIsErasedThoughThePolicyChangedSince() {
        assertThat(running()
                        .incarnation(1, DesiredState.Erased, Phase.Running, EK, null)
                        .retained()
                        .deleted()
                        .step())
                .isEqualTo(new VmStep.DestroyKey());
    }

    @Test
    void aVmThatNeverHadAnIncarnationLeavesNoKey() {
        assertThat(applied().withFinalizer().withKey().retained().deleted().step())
                .isEqualTo(new VmStep.DestroyKey());
        assertThat(reserved(1)
                        .incarnation(1, DesiredState.Stopped, Phase.Stopped, null, Exit.NeverRan)
                        .retained()
                        .deleted()
                        .step())
                .isInstanceOf(VmStep.Erase.class);
    }

    @Test
    void aVmThatTookAnotherOverAndNeverRanIsGivenBackUnderItsOwnName() {
        VmScene stopped = stopped(true);
        VmScene taken = reserved(1)
                .onRecord("host-a", 1, EK)
                .restoring()
                .kept(record(stopped), OWN_UID)
                .retained()
                .deleted();
        assertThat(taken.step()).isEqualTo(KEEP);
        assertThat(record(taken).objectUID()).isEqualTo(OWN_UID);
        assertThat(record(taken).uid()).isEqualTo(UID);
    }

    private static VmScene stopping() {
        return running()
                .incarnation(1, DesiredState.Stopped, Phase.Stopping, EK, null)
                .retained()
                .deleted();
    }

    private static VmScene stopped(boolean complete) {
        return running()
                .incarnation(1, DesiredState.Stopped, endedWith(complete))
                .retained()
                .deleted();
    }

    private static VMIncarnationStatus endedWith(boolean complete) {
        return VMIncarnationStatusBuilder.builder()
                .observedGeneration(1L)
                .phase(Phase.Stopped)
                .reason("Stopped")
                .ekDigest(EK)
                .guestState(new SealedState(new GuestStateVersion(1L, 3L), "2026-01-01T00:00:00Z", 10L, complete, null))
                .exit(Exit.Shutdown)
                .build();
    }

    /** As the executor writes it: the status first. */
    static RetainedVMRecord record(VmScene scene) {
        VmFacts facts = scene.facts();
        RetentionStep.Retain step = (RetentionStep.Retain) scene.step();
        var vm = facts.vm();
        vm.setStatus(
                VmStatus.of(facts, step, Instant.parse("2026-01-01T00:01:00Z")).orElseThrow());
        return VmRetention.recordOf(vm, step);
    }
}
