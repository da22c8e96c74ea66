package io.trustedlaunch.operator.vm;

import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Stopped;
import static io.trustedlaunch.operator.vm.facts.ImageFixture.askedAtEveryStart;
import static io.trustedlaunch.operator.vm.facts.ImageFixture.refused;
import static io.trustedlaunch.operator.vm.plan.VmScene.running;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertRefused;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertStartsOn;
import static io.trustedlaunch.operator.vm.plan.VmSteps.created;
import static io.trustedlaunch.operator.vm.plan.VmSteps.refusal;
import static io.trustedlaunch.testkit.Incarnations.ended;
import static io.trustedlaunch.testkit.Incarnations.sealed;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.operator.vm.plan.VmScene;
import io.trustedlaunch.operator.vm.plan.VmStep;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Where a VM may start whose last incarnation was on host-a. */
class ColdMigrationTest {
    @Test
    void itStaysWhereItWasIfItCan() {
        assertStartsOn("host-a", stopped(true).sharedLocation());
    }

    @Test
    void itGoesWhereItsHomeIsWhenItsNodeCannotTakeIt() {
        assertStartsOn("host-b", stopped(true).sharedLocation().cordoned("host-a"));
        assertStartsOn("host-b", stopped(true).sharedLocation().silent("host-a"));
        assertStartsOn("host-b", stopped(true).sharedLocation().outOfService("host-a"));
    }

    @Test
    void itGoesNowhereWhenAPolicyThatAsksAtEveryStartRefusesItsImage() {
        VmScene lost = stopped(true).sharedLocation().outOfService("host-a").image(refused(Reason.NoRuleAllows));
        assertStartsOn("host-b", lost);
        assertRefused(lost.image(askedAtEveryStart(refused(Reason.NoRuleAllows))), Reason.NoRuleAllows);
    }

    @Test
    void nothingIsErasedWhereItWasSinceTheFolderIsShared() {
        assertThat(stopped(true).sharedLocation().cordoned("host-a").step()).isNotInstanceOf(VmStep.Erase.class);
    }

    @Test
    void aFolderThatIsNotProvedToBeSharedPinsIt() {
        assertThat(refusal(stopped(true).cordoned("host-a")).reason()).isEqualTo(Reason.WorkingCopyElsewhere);
        assertNotPlaced(stopped(true).cordoned("host-a"));
        assertThat(refusal(stopped(true).cordoned("host-a")).message())
                .contains("storage location default of host-a", "no other node is proved to share", "Cordon");
    }

    @Test
    void anIncarnationWhoseLastStateMayBeOnItsNodePinsItEvenIfTheFolderIsShared() {
        Problem refusal = refusal(stopped(false).sharedLocation().cordoned("host-a"));
        assertThat(refusal.reason()).isEqualTo(Reason.WorkingCopyElsewhere);
        assertThat(refusal.message()).contains("may be on host-a", "Cordon").doesNotContain("host-b");
    }

    @Test
    void itGoesWhereItsHomeIsWhenItsNodeIsGone() {
        assertStartsOn("host-b", stopped(true).sharedLocation().gone("host-a"));
    }

    @Test
    void aNodeThatIsGonePinsItIfItsStateIsNowhereElseAndTheMessageHasTheNextStep() {
        for (VmScene scene : List.of(stopped(true), stopped(false).sharedLocation())) {
            Problem refusal = refusal(scene.gone("host-a"));
            assertNotPlaced(scene);
            assertThat(refusal.reason()).isEqualTo(Reason.WorkingCopyElsewhere);
            assertThat(refusal.message()).contains("it has no ClusterNode", "when that host is back");
        }
    }

    @Test
    void anIncarnationThatReportedNoStatePinsIt() {
        VmScene scene = running().incarnation(1, Stopped, ended(Exit.Shutdown)).sharedLocation();
        assertThat(refusal(scene.cordoned("host-a")).reason()).isEqualTo(Reason.WorkingCopyElsewhere);
    }

    @Test
    void ifNoNodeThatSharesTheFolderFitsTheMessageSaysWhyForEach() {
        Problem refusal =
                refusal(stopped(true).sharedLocation().cordoned("host-a").silent("host-b"));
        assertThat(refusal.reason()).isEqualTo(Reason.NoNodeFits);
        assertThat(refusal.message()).contains("host-a: its spec.maintenance is Cordon", "host-b: its agent");
    }

    @Test
    void anIncarnationThatIsNotOverIsNeverFollowed() {
        VmScene scene = running().sharedLocation().silent("host-a");
        assertThat(scene.step()).isInstanceOf(VmStep.Wait.class);
    }

    @Test
    void anIncarnationOnANodeThatIsProvedDeadIsFollowedFromHome() {
        assertStartsOn("host-b", running().sharedLocation().fenced("host-a"));
        assertNotPlaced(running().fenced("host-a"));
    }

    @Test
    void neitherATaintNorAMissingClusterNodeProvesThatItIsDead() {
        assertThat(running().sharedLocation().outOfService("host-a").step()).isInstanceOf(VmStep.Wait.class);
        assertThat(running().sharedLocation().gone("host-a").step()).isInstanceOf(VmStep.Wait.class);
    }

    @Test
    void theNextIncarnationHasTheLastSealedStateAsItsFloor() {
        VmScene moved = stopped(true).sharedLocation().onRecord("host-b", 2);
        assertThat(created(moved).guestStateFloor()).isEqualTo(new GuestStateVersion(1L, 7L));
    }

    private static VmScene stopped(boolean complete) {
        return running().incarnation(1, Stopped, ended(Exit.Shutdown).guestState(sealed(1, 7, complete)));
    }

    private static void assertNotPlaced(VmScene scene) {
        assertThat(ConditionType.Placed.in(scene.newStatus().conditions()))
                .hasValueSatisfying(placed -> assertThat(placed.getStatus()).isEqualTo("False"));
    }
}
