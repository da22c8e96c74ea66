package io.trustedlaunch.operator.vm;

import static io.trustedlaunch.operator.vm.plan.VmScene.EK;
import static io.trustedlaunch.operator.vm.plan.VmScene.running;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.TrustedLaunchVMStatus;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationStatus;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.VMIncarnationStatus.SealedState;
import io.trustedlaunch.api.VMIncarnationStatusBuilder;
import io.trustedlaunch.operator.vm.plan.VmScene;
import io.trustedlaunch.operator.vm.plan.VmStep;
import io.trustedlaunch.operator.vm.status.VmStatus;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Where a VM may start whose last life was on host-a. */
class ColdMigrationTest {
    @Test
    void itStaysWhereItWasIfItCan() {
        assertStartsOn("host-a", stopped(true).sharedLocation());
    }

    @Test
    void itGoesWhereItsHomeIsWhenItsNodeCannotTakeIt() {
        assertStartsOn("host-b", stopped(true).sharedLocation().cordoned("host-a"));
        assertStartsOn("host-b", stopped(true).sharedLocation().silent("host-a"));
        assertStartsOn("host-b", stopped(true).sharedLocation().fenced("host-a"));
    }

    @Test
    void itGoesNowhereWhenAPolicyThatAsksAtEveryStartRefusesItsImage() {
        VmScene lost = stopped(true).sharedLocation().fenced("host-a").refused(Reason.NoRuleAllows);
        assertStartsOn("host-b", lost);
        assertThat(refusal(lost.askedAtEveryStart()).reason()).isEqualTo(Reason.NoRuleAllows);
    }

    @Test
    void nothingIsErasedWhereItWasSinceTheFolderIsOne() {
        assertThat(stopped(true).sharedLocation().cordoned("host-a").step()).isNotInstanceOf(VmStep.Erase.class);
    }

    @Test
    void aFolderThatIsNotProvedToBeSharedBindsIt() {
        assertThat(refusal(stopped(true).cordoned("host-a")).reason()).isEqualTo(Reason.WorkingCopyElsewhere);
        assertNotPlaced(stopped(true).cordoned("host-a"));
        assertThat(refusal(stopped(true).cordoned("host-a")).message())
                .contains("storage location default of host-a", "no other node is proved to share", "Cordon");
    }

    @Test
    void aIncarnationWhoseLastStateMayNotBeHomeBindsItThoughTheFolderIsShared() {
        Problem refusal = refusal(stopped(false).sharedLocation().cordoned("host-a"));
        assertThat(refusal.reason()).isEqualTo(Reason.WorkingCopyElsewhere);
        assertThat(refusal.message()).contains("may lie on host-a", "Cordon").doesNotContain("host-b");
    }

    @Test
    void itGoesWhereItsHomeIsWhenItsNodeIsGone() {
        assertStartsOn("host-b", stopped(true).sharedLocation().gone("host-a"));
    }

    @Test
    void aNodeThatIsGoneBindsItWhereNothingElseHasItsStateAndTheNextStepIsSaid() {
        for (VmScene scene : List.of(stopped(true), stopped(false).sharedLocation())) {
            Problem refusal = refusal(scene.gone("host-a"));
            assertThat(refusal.reason()).isEqualTo(Reason.WorkingCopyElsewhere);
            assertNotPlaced(scene);
            assertThat(refusal.message()).contains("ClusterNode is gone", "when that host is back");
        }
    }

    @Test
    void aIncarnationOfWhoseStateNothingWasToldBindsIt() {
        VMIncarnationStatus old = VMIncarnationStatusBuilder.builder()
                .observedGeneration(1L)
                .phase(Phase.Stopped)
                .ekDigest(EK)
                .exit(Exit.Shutdown)
                .build();
        VmScene scene = running().incarnation(1, DesiredState.Stopped, old).sharedLocation();
        assertThat(refusal(scene.cordoned("host-a")).reason()).isEqualTo(Reason.WorkingCopyElsewhere);
    }

    @Test
    void whereNoNodeThatSharesTheFolderCanTakeItEachSaysWhy() {
        Problem refusal =
                refusal(stopped(true).sharedLocation().cordoned("host-a").silent("host-b"));
        assertThat(refusal.reason()).isEqualTo(Reason.NoNodeFits);
        assertThat(refusal.message()).contains("host-a: its spec.maintenance is Cordon", "host-b: its agent");
    }

    @Test
    void aIncarnationThatIsNotOverIsNeverFollowed() {
        VmScene scene = running().sharedLocation().silent("host-a");
        assertThat(scene.step()).isInstanceOf(VmStep.Wait.class);
    }

    @Test
    void theNextIncarnationIsHeldToTheStateThatTheLastOneLeft() {
        VmScene moved = stopped(true).sharedLocation().onRecord("host-b", 2, EK);
        assertThat(moved.step())
                .asInstanceOf(type(VmStep.CreateIncarnation.class))
                .extracting(step -> step.incarnation().getSpec().guestStateFloor())
                .isEqualTo(new GuestStateVersion(1L, 7L));
    }

    private static VmScene stopped(boolean complete) {
        return running()
                .incarnation(
                        1,
                        DesiredState.Stopped,
                        VMIncarnationStatusBuilder.builder()
                                .observedGeneration(1L)
                                .phase(Phase.Stopped)
                                .ekDigest(EK)
                                .guestState(new SealedState(
                                        new GuestStateVersion(1L, 7L), "2026-01-01T12:00:00Z", 40L, complete, null))
                                .exit(Exit.Shutdown)
                                .build());
    }

    private static void assertStartsOn(String node, VmScene scene) {
        assertThat(scene.step())
                .asInstanceOf(type(VmStep.ReserveEpoch.class))
                .extracting(VmStep.ReserveEpoch::node)
                .isEqualTo(node);
    }

    private static void assertNotPlaced(VmScene scene) {
        TrustedLaunchVMStatus status =
                VmStatus.of(scene.facts(), scene.step(), Instant.EPOCH).orElseThrow();
        assertThat(ConditionType.Placed.in(status.conditions()))
                .hasValueSatisfying(placed -> assertThat(placed.getStatus()).isEqualTo("False"));
    }

    private static Problem refusal(VmScene scene) {
        assertThat(scene.step()).isInstanceOf(VmStep.Refuse.class);
        return ((VmStep.Refuse) scene.step()).problem();
    }
}
