package io.trustedlaunch.operator.vm.plan;

import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Erased;
import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Stopped;
import static io.trustedlaunch.operator.vm.facts.KeyFixture.NO_KEY;
import static io.trustedlaunch.operator.vm.facts.KeyFixture.retained;
import static io.trustedlaunch.operator.vm.facts.KeyFixture.takenOver;
import static io.trustedlaunch.operator.vm.plan.VmScene.OWN_UID;
import static io.trustedlaunch.operator.vm.plan.VmScene.applied;
import static io.trustedlaunch.operator.vm.plan.VmScene.recorded;
import static io.trustedlaunch.operator.vm.plan.VmScene.reserved;
import static io.trustedlaunch.operator.vm.plan.VmScene.running;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertRefused;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertReleasedWithItsIncarnation;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertWaits;
import static io.trustedlaunch.operator.vm.plan.VmSteps.waiting;
import static io.trustedlaunch.testkit.Incarnations.ended;
import static io.trustedlaunch.testkit.Incarnations.neverRan;
import static io.trustedlaunch.testkit.Incarnations.reported;
import static io.trustedlaunch.testkit.Incarnations.sealed;
import static io.trustedlaunch.testkit.Vms.EK;
import static io.trustedlaunch.testkit.Vms.UID;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.OsType;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.vm.RetainedVMRecord;
import io.trustedlaunch.api.vm.SecureBootState;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.operator.vm.facts.DataDisks;
import io.trustedlaunch.testkit.GuestImages;
import io.trustedlaunch.testkit.Incarnations;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class VmRetentionTest {
    private static final SecureBootState SECURE_BOOT =
            new SecureBootState(false, false, List.of(2011), List.of(2011), 1);

    private static final List<UnaryOperator<VmScene>> LOST =
            List.of(scene -> scene.outOfService("host-a"), scene -> scene.gone("host-a"));

    private static final RetentionStep.Retain KEEP = new RetentionStep.Retain(
            Optional.of(OsType.Linux), Optional.empty(), new DataDisks(List.of(), List.of()), List.of());

    @Test
    void theGuestIsStoppedAndNotErased() {
        assertThat(running().retained().deleted().step()).isInstanceOf(VmStep.Retire.class);
    }

    @Test
    void thenItsEndIsWaitedFor() {
        assertWaits(stopping(), Reason.Deleting);
    }

    @Test
    void aSilentNodeBlocksItAndTheMessageNamesTheNodeAndTheTaint() {
        assertThat(waiting(stopping().silent("host-a")).message())
                .contains("host-a", "node.kubernetes.io/out-of-service");
    }

    @Test
    void theRecordSaysWhichNamespaceItWasAndNotOnlyItsName() {
        assertThat(record(stopped(true).takeover(facts -> facts.namespaceUID(Optional.of("first"))))
                        .namespaceUID())
                .isEqualTo("first");
    }

    @Test
    void thenTheRecordIsWrittenToTheKeyWithWhatTheLastIncarnationReported() {
        assertThat(stopped(true).step()).isEqualTo(KEEP);
        assertThat(record(stopped(true)).home().complete()).isTrue();
        assertThat(record(stopped(false)).home().complete()).isFalse();
    }

    @Test
    void theRecordHasWhatTheNextOwnerNeeds() {
        RetainedVMRecord record = record(stopped(true));
        assertThat(record.uid()).isEqualTo(UID);
        assertThat(record.objectUID()).isEqualTo(UID);
        assertThat(record.namespace()).isEqualTo("finance");
        assertThat(record.name()).isEqualTo("payroll");
        assertThat(record.epoch()).isEqualTo(1);
        assertThat(record.vTPM().ekDigest()).isEqualTo(EK);
        assertThat(record.guestState().floor()).isEqualTo(new GuestStateVersion(1L, 3L));
        assertThat(record.secureBoot()).isEqualTo(SECURE_BOOT);
        assertThat(record.image().sha256()).isEqualTo(GuestImages.DIGEST);
        assertThat(record.home())
                .isEqualTo(new TrustedLaunchVMStatus.Home("default", "host-a", 1L, true, Incarnations.CLUSTER));
        assertThat(record.osDisk().size()).hasToString("10Gi");
    }

    @Test
    void thenTheVmIsReleasedAndItsKeyStays() {
        VmScene stopped = stopped(true);
        assertReleasedWithItsIncarnation(stopped.key(retained(record(stopped))));
    }

    @Test
    void anOperatorThatDiedDuringTheReleaseCreatesNoIncarnation() {
        RetainedVMRecord record = record(stopped(true));
        assertThat(recorded(1).key(retained(record)).retained().deleted().step())
                .isEqualTo(new RemovalStep.Release(List.of(), List.of()));
    }

    @Test
    void anIncarnationWhoseObjectIsMissingIsCreatedAgainToBeStopped() {
        VmStep.CreateIncarnation step = recorded(1).retained().deleted().step(VmStep.CreateIncarnation.class);
        assertThat(step.incarnation().getSpec().desiredState()).isEqualTo(Stopped);
        assertThat(step.sealed()).isTrue();
    }

    @Test
    void onANodeOutOfServiceTheIncarnationIsRetiredAndTheVmIsRetainedWithoutWaiting() {
        VmScene lost = running().outOfService("host-a").retained().deleted();
        assertThat(lost.step()).isInstanceOf(VmStep.Retire.class);
        VmScene retired = stopping().outOfService("host-a");
        assertThat(retired.step()).isEqualTo(KEEP);
        assertThat(record(retired).home().complete()).isFalse();
        assertThat(retired.key(retained(record(retired))).step())
                .isEqualTo(new RemovalStep.Release(List.of(), List.of()));
    }

    @Test
    void aVmWithoutItsKeyCannotBeRetained() {
        assertRefused(stopped(true).key(NO_KEY), Reason.KeyMissing, "deletionPolicy");
    }

    @Test
    void anErasureThatHasBegunGoesOnAfterThePolicyChanges() {
        assertThat(running()
                        .incarnation(1, Erased, reported(Phase.Running))
                        .retained()
                        .deleted()
                        .step())
                .isEqualTo(new RemovalStep.DestroyKey());
    }

    @Test
    void aVmThatNeverHadAnIncarnationLeavesNoKey() {
        assertThat(applied().withFinalizer().withKey().retained().deleted().step())
                .isEqualTo(new RemovalStep.DestroyKey());
        assertThat(reserved(1)
                        .incarnation(1, Stopped, neverRan())
                        .retained()
                        .deleted()
                        .step())
                .isInstanceOf(VmStep.Erase.class);
    }

    /** Its first start may have made a TPM: neither is that retained before it is known, nor is the key destroyed. */
    @Test
    void aFirstStartOnANodeThatIsNotAwaitedIsRetainedOnlyOnceItIsKnownWhetherItMadeATpm() {
        for (UnaryOperator<VmScene> lost : LOST) {
            VmScene begun = reserved(1)
                    .incarnation(1, Stopped, Incarnations.status(Phase.Preparing))
                    .with(lost)
                    .retained()
                    .deleted();
            assertThat(waiting(begun).message())
                    .contains("host-a", "kubectl tlvm fence host-a", "deletionPolicy", "Delete");
        }
        assertThat(reserved(1)
                        .incarnation(1, Stopped, Incarnations.status(Phase.Preparing))
                        .fenced("host-a")
                        .retained()
                        .deleted()
                        .step())
                .isInstanceOf(VmStep.Erase.class);
    }

    @Test
    void aFirstStartWhoseObjectIsMissingIsRetainedOnlyOnceItIsKnownWhetherItMadeATpm() {
        for (UnaryOperator<VmScene> lost : LOST) {
            VmScene begun = reserved(1).with(lost).retained().deleted();
            assertThat(waiting(begun).message()).contains("host-a", "deletionPolicy");
        }
        assertThat(reserved(1).fenced("host-a").retained().deleted().step())
                .isInstanceOf(VmStep.CreateIncarnation.class);
    }

    @Test
    void aVmThatTookAnotherOverAndNeverRanIsGivenBackUnderItsOwnName() {
        VmScene stopped = stopped(true);
        VmScene taken = recorded(1)
                .home("host-a", 1, true)
                .restoring()
                .key(takenOver(record(stopped), OWN_UID))
                .retained()
                .deleted();
        assertThat(taken.step()).isEqualTo(KEEP);
        assertThat(record(taken).objectUID()).isEqualTo(OWN_UID);
        assertThat(record(taken).uid()).isEqualTo(UID);
    }

    private static VmScene stopping() {
        return running()
                .incarnation(1, Stopped, reported(Phase.Stopping))
                .retained()
                .deleted();
    }

    private static VmScene stopped(boolean complete) {
        return running()
                .incarnation(
                        1,
                        Stopped,
                        ended(Exit.Shutdown)
                                .reason("Stopped")
                                .guestState(sealed(1, 3, complete))
                                .secureBoot(SECURE_BOOT))
                .retained()
                .deleted();
    }

    /** As the executor writes it: the status first. */
    static RetainedVMRecord record(VmScene scene) {
        TrustedLaunchVM vm = scene.vm();
        vm.setStatus(scene.newStatus());
        return VmRetention.recordOf(vm, scene.step(RetentionStep.Retain.class));
    }
}
