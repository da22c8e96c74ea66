package io.trustedlaunch.operator.vm.plan;

import static io.trustedlaunch.operator.vm.plan.VmScene.recorded;
import static io.trustedlaunch.operator.vm.plan.VmScene.running;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertRefused;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertStartsOn;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertWaits;
import static io.trustedlaunch.testkit.Incarnations.reported;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.vm.FailoverStrategy;
import io.trustedlaunch.api.vm.NetworkInterface;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FailoverReadinessTest {
    @Test
    void aVmWhoseLocationIsSharedStartsElsewhere() {
        VmScene scene = running().sharedLocation();
        assertReadiness(scene, Reason.FailoverReady);
        assertStartsOn("host-b", scene.fenced("host-a"));
    }

    @Test
    void aVmWithLocalDisksIsSaidToWaitForItsNodeBeforehand() {
        assertReadiness(running(), Reason.DisksOnOneNode);
        assertRefused(
                running().fenced("host-a"),
                Reason.WorkingCopyElsewhere,
                "host-a is proved dead (nodefence/host-a-fence): bring it back, or restore a backup");
    }

    @Test
    void aVmOfADeadNodeIsNotSaidToRun() {
        VmScene local = running();
        assertThat(condition(local, ConditionType.Running).getStatus()).isEqualTo("True");
        assertThat(local.newStatus().phase()).isEqualTo(TrustedLaunchVMStatus.Phase.Running);
        VmScene waiting = running().sharedLocation().spec(spec -> spec.failoverStrategy(FailoverStrategy.None));
        for (VmScene dead : List.of(local.fenced("host-a"), waiting.fenced("host-a"))) {
            assertThat(condition(dead, ConditionType.Running).getStatus()).isEqualTo("False");
            assertThat(condition(dead, ConditionType.Ready).getStatus()).isEqualTo("False");
            assertThat(dead.newStatus().phase()).isEqualTo(TrustedLaunchVMStatus.Phase.Pending);
            assertThat(dead.newStatus().primaryIP()).isNull();
        }
    }

    /** Nothing is known of it. */
    @Test
    void aVmOfASilentNodeIsNotSaidToBeOff() {
        assertThat(condition(running().silent("host-a"), ConditionType.Running).getStatus())
                .isEqualTo("Unknown");
    }

    /** Its beacon alone would hold back the guest of a node that is falsely said to be dead. */
    @Test
    void aVmWhoseLocationHasNoLocksIsNotReadyUnlessItsNodesPowerCanBeCut() {
        VmScene unlocked = running().sharedLocation(Optional.of(false));
        assertReadiness(unlocked, Reason.LocksNotShared);
        assertReadiness(running().sharedLocation(Optional.empty()), Reason.LocksUntested);
        assertReadiness(unlocked.node("host-b", node -> node.powerFencing(true)), Reason.LocksNotShared);
        assertReadiness(unlocked.node("host-a", node -> node.powerFencing(true)), Reason.FailoverReady);
    }

    @Test
    void aVmThatIsToStayWaitsForItsNode() {
        VmScene scene = running().sharedLocation().spec(spec -> spec.failoverStrategy(FailoverStrategy.None));
        assertReadiness(scene, Reason.FailoverOff);
        assertWaits(scene.fenced("host-a"), Reason.FailoverOff);
    }

    /** Its spec has changed while it runs, and a start has the cards of the spec. */
    @Test
    void aVmWithACardThatNoStartMayHaveIsSaidNotToStart() {
        VmScene scene = running()
                .sharedLocation()
                .spec(spec -> spec.networkInterfaces(List.of(new NetworkInterface("nic0", "vlan-9", null))));
        assertReadiness(scene, Reason.NetworkNotFound);
        assertRefused(scene.fenced("host-a"), Reason.NetworkNotFound, "networkInterfaces nic0 names vlan-9");
    }

    /** A guest that kills hosts must not walk through the cluster. */
    @Test
    void aVmThatWasOnAnotherDeadNodeWithinTheHourWaitsForTheRestOfItOrForAUser() {
        VmScene scene = running().sharedLocation().fenced("host-a");
        assertWaits(scene.failedOver(FailoverReadiness.BETWEEN_FAILOVERS.minusSeconds(1)), Reason.FailoverRepeated);
        assertStartsOn("host-b", scene.restartRequested("now"));
        assertStartsOn(
                "host-b", running().sharedLocation().fenced("host-a").failedOver(FailoverReadiness.BETWEEN_FAILOVERS));
    }

    @Test
    void aVmWhoseStateCouldNotBeSealedWaitsForItsNodeOrForAUser() {
        VmScene scene = recorded(1)
                .incarnation(1, DesiredState.Running, reported(Phase.Running).reason(Reason.GuestStateNotSealed.name()))
                .sharedLocation()
                .fenced("host-a");
        assertWaits(scene, Reason.GuestStateLagUnknown);
        assertStartsOn("host-b", scene.restartRequested("now"));
    }

    /** What the guest changed in its TPM after the agent had died was not sealed. */
    @Test
    void aVmWhoseAgentDiedLongBeforeItsHostWaitsForItsNodeOrForAUser() {
        VmScene scene = running().sharedLocation().fenced("host-a", FailoverReadiness.WATCHED.plusSeconds(1));
        assertWaits(scene, Reason.GuestStateLagUnknown);
        assertStartsOn("host-b", scene.restartRequested("now"));
        assertStartsOn("host-b", running().sharedLocation().fenced("host-a", FailoverReadiness.WATCHED));
    }

    @Test
    void aRestartDoesNotOverruleThatAVmIsToStay() {
        VmScene scene = running().sharedLocation().spec(spec -> spec.failoverStrategy(FailoverStrategy.None));
        assertWaits(scene.fenced("host-a").restartRequested("now"), Reason.FailoverOff);
    }

    @Test
    void nothingIsSaidOfAVmThatDoesNotRun() {
        assertReadiness(VmScene.applied(), Reason.NotRunning);
    }

    private static Condition condition(VmScene scene, ConditionType type) {
        return type.in(scene.newStatus().conditions()).orElseThrow();
    }

    private static void assertReadiness(VmScene scene, Reason reason) {
        assertThat(new FailoverReadiness(scene.facts()).verdict().reason()).isEqualTo(reason);
    }
}
