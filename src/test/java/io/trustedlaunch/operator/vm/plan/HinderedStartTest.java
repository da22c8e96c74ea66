package io.trustedlaunch.operator.vm.plan;

import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Erased;
import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Running;
import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Stopped;
import static io.trustedlaunch.operator.vm.facts.ImageFixture.reported;
import static io.trustedlaunch.operator.vm.plan.VmScene.applied;
import static io.trustedlaunch.operator.vm.plan.VmScene.recorded;
import static io.trustedlaunch.operator.vm.plan.VmScene.reserved;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertRefused;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertStartsOn;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertWaits;
import static io.trustedlaunch.testkit.Incarnations.ended;
import static io.trustedlaunch.testkit.Incarnations.neverRan;
import static io.trustedlaunch.testkit.Incarnations.sealed;
import static io.trustedlaunch.testkit.Incarnations.status;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.placement.Allocated;
import io.trustedlaunch.placement.ImageReport;
import io.trustedlaunch.placement.ImageReport.FileMissing;
import io.trustedlaunch.placement.ImageReport.Imported;
import io.trustedlaunch.testkit.Nodes;
import io.trustedlaunch.testkit.Vms;
import org.junit.jupiter.api.Test;

/** A first start that its node cannot carry out, most often because the file of its image is on another. */
class HinderedStartTest {
    private static final long GIB = 1L << 30;

    @Test
    void aFirstStartIsNotPlacedWhereTheFileOfItsImageIsMissing() {
        VmScene scene = applied().withFinalizer().withKey();
        assertStartsOn("host-a", scene);
        assertStartsOn("host-b", scene.image(reported(new FileMissing("host-a"))));
        assertRefused(
                scene.image(reported(new FileMissing("host-a"), new FileMissing("host-b"))),
                Reason.NoNodeFits,
                "host-a: it does not have the file of image ws2022",
                "host-b: it does not have");
    }

    @Test
    void aLaterStartNeedsNoImage() {
        assertStartsOn(
                "host-a",
                VmScene.running()
                        .incarnation(1, Stopped, neverRan().ekDigest(Vms.EK))
                        .image(reported(new FileMissing("host-a"))));
    }

    @Test
    void aTpmIsNotStartedByAnOlderLibtpms() {
        VmScene scene = VmScene.running()
                .ranWith("0.10.2", "host-a", 1)
                .incarnation(1, Stopped, ended(Exit.Crashed).guestState(sealed(1, 7, true)))
                .sharedLocation()
                .silent("host-a");
        assertStartsOn("host-b", scene);
        assertRefused(
                scene.libtpms("host-b", "0.9.2").sharedLocation(),
                Reason.NoNodeFits,
                "host-a: its agent has not renewed its Lease",
                "host-b: its libtpms 0.9.2 is older than 0.10.2");
    }

    @Test
    void aStartThatWaitsForAFileThatItsNodeLacksIsMadeElsewhere() {
        VmScene scene = waitingForTheFile(new FileMissing("host-a"));
        assertThat(scene.step()).isInstanceOf(VmStep.Retire.class);
        scene.incarnation(1, Stopped, neverRan());
        assertThat(scene.step()).isInstanceOf(VmStep.Erase.class);
        assertStartsOn(
                "host-b", scene.incarnation(1, Erased, status(Phase.Erased).exit(Exit.NeverRan)));
    }

    @Test
    void itStaysWhereNoOtherNodeCanTakeItAndSaysWhy() {
        assertWaits(
                waitingForTheFile(new FileMissing("host-a"), new FileMissing("host-b")),
                Reason.ImageFileMissing,
                "there is no file",
                "; no other node can take the VM: host-b: it does not have the file");
        assertWaits(
                waitingForTheFile(new FileMissing("host-a")).cordoned("host-b"),
                Reason.ImageFileMissing,
                "host-b: its spec.maintenance is Cordon");
    }

    @Test
    void itIsNotMovedToANodeWithTheSameFolder() {
        assertThat(waitingForTheFile(new FileMissing("host-a"))
                        .sharedLocation()
                        .step(VmStep.Wait.class)
                        .problem()
                        .message())
                .isEqualTo("there is no file");
    }

    @Test
    void itIsMovedToANodeThatHasGotTheFile() {
        assertThat(waitingForTheFile(new FileMissing("host-a"), new Imported("host-b", "default"))
                        .step())
                .isInstanceOf(VmStep.Retire.class);
    }

    @Test
    void aNodeWhoseAgentHasNotLookedYetIsNotLeft() {
        assertWaits(waitingForTheFile(), Reason.ImageFileMissing);
    }

    @Test
    void anotherProblemOnACordonedNodeMovesTheVmToo() {
        VmScene scene = hindered(Reason.NetworkMissing);
        assertThat(scene.step()).isInstanceOf(VmStep.Wait.class);
        assertThat(scene.cordoned("host-a").step()).isInstanceOf(VmStep.Retire.class);
    }

    @Test
    void aProblemThatIsNotTheNodesIsWaitedFor() {
        VmScene scene = hindered(Reason.DiskTooSmall)
                .node("host-a", node -> node.inUse(new Allocated(2, GIB)).spec(Nodes.spec("1Gi")));
        assertWaits(scene, Reason.DiskTooSmall);
    }

    @Test
    void aStartThatIsStillPreparedIsMovedFromACordonedNodeToo() {
        VmScene preparing = reserved(1).incarnation(1, Running, status(Phase.Preparing));
        assertWaits(preparing, Reason.Starting);
        assertThat(preparing.cordoned("host-a").step()).isInstanceOf(VmStep.Retire.class);
        assertWaits(preparing.cordoned("host-b"), Reason.Starting);
    }

    @Test
    void aStartOfAVmWithATpmIsMovedOnlyWhereItsHomeIs() {
        VmScene preparing = recorded(2)
                .home("host-a", 1, true)
                .incarnation(2, Running, status(Phase.Preparing))
                .cordoned("host-a");
        assertWaits(preparing, Reason.Starting);
        assertThat(preparing.sharedLocation().step()).isInstanceOf(VmStep.Retire.class);
    }

    @Test
    void aStartWhoseAgentIsSilentStays() {
        assertWaits(waitingForTheFile(new FileMissing("host-a")).silent("host-a"), Reason.AgentNotAlive);
    }

    private static VmScene waitingForTheFile(ImageReport... reports) {
        return hindered(Reason.ImageFileMissing).image(reported(reports));
    }

    private static VmScene hindered(Reason reason) {
        return reserved(1)
                .incarnation(
                        1,
                        Running,
                        status(Phase.Preparing).reason(reason.name()).message("there is no file"));
    }
}
