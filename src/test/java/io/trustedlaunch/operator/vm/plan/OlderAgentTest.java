package io.trustedlaunch.operator.vm.plan;

import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Running;
import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Stopped;
import static io.trustedlaunch.operator.vm.plan.VmScene.applied;
import static io.trustedlaunch.operator.vm.plan.VmScene.reserved;
import static io.trustedlaunch.operator.vm.plan.VmScene.running;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertRefused;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertStartsOn;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertWaits;
import static io.trustedlaunch.testkit.Incarnations.ended;
import static io.trustedlaunch.testkit.Incarnations.sealed;
import static io.trustedlaunch.testkit.Incarnations.status;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.IncarnationFields;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.incarnation.VMIncarnationStatusBuilder;
import io.trustedlaunch.api.node.ClusterNodeStatus;
import io.trustedlaunch.api.node.ClusterNodeStatusBuilder;
import io.trustedlaunch.api.vm.LinkState;
import io.trustedlaunch.api.vm.NetworkInterface;
import io.trustedlaunch.api.vm.TrustedLaunchVMSpecBuilder;
import io.trustedlaunch.testkit.Nodes;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** An agent of an earlier version, which does not know all that the operator can write into an incarnation. */
class OlderAgentTest {
    private static final String WHY =
            "its agent 1 does not know machine.nics.mac, which the VM's next incarnation uses; upgrade DaemonSet"
                    + " trusted-launch-agent";

    private static final String FENCES = fences();

    /** As its build names them. */
    private static String fences() {
        return IncarnationFields.KNOWN.stream()
                .filter(field -> field.startsWith("afterFence"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void getsNoVmWithAFieldThatItDoesNotKnow() {
        VmScene scene = applied().withFinalizer().withKey();
        assertStartsOn("host-a", scene);
        assertStartsOn("host-b", older(scene, "host-a", "machine.nics.mac"));
        assertRefused(
                older(scene, "host-b", "machine.nics.mac"), Reason.NoNodeFits, "host-a: " + WHY, "host-b: " + WHY);
    }

    @Test
    void getsNoVmWithAValueThatItDoesNotKnow() {
        assertStartsOn("host-b", older(applied().withFinalizer().withKey(), "host-a", "machine.osType=Linux"));
    }

    @Test
    void getsNoVmWithALinkThatIsDownIfItDoesNotKnowLinks() {
        VmScene scene = applied().withFinalizer().withKey();
        assertStartsOn("host-a", older(scene.spec(link(LinkState.Up)), "host-a", "machine.nics.linkState=Down"));
        assertStartsOn("host-b", older(scene.spec(link(LinkState.Down)), "host-a", "machine.nics.linkState=Down"));
    }

    private static UnaryOperator<TrustedLaunchVMSpecBuilder> link(LinkState state) {
        return spec -> spec.networkInterfaces(List.of(new NetworkInterface("nic0", "default", null, state)));
    }

    @Test
    void getsAllVmsWithoutThatField() {
        assertStartsOn("host-a", older(applied().withFinalizer().withKey(), "host-a", "machine.dataDisks.size"));
    }

    @Test
    void getsNoVmBackWhoseSpecHasChanged() {
        VmScene scene = older(
                running().incarnation(1, Stopped, ended(Exit.Crashed).guestState(sealed(1, 7, true))),
                "host-a",
                "machine.nics.mac");
        assertRefused(scene, Reason.WorkingCopyElsewhere, "host-a: " + WHY);
    }

    @Test
    void getsNoGuestByMigration() {
        VmScene scene = older(running().sharedLocation(), "host-b", "machine.nics.mac");
        assertThat(new Migratability(scene.facts()).verdict())
                .isEqualTo(new Problem(Reason.NoNodeFits, "host-b: " + WHY));
    }

    @Test
    void thatWasSetBackDuringAStartLosesItToANewerOne() {
        VmScene preparing = reserved(1).incarnation(1, Running, status(Phase.Preparing));
        assertWaits(preparing, Reason.Starting);
        assertThat(older(preparing, "host-a", "machine.nics.mac").step()).isInstanceOf(VmStep.Retire.class);
    }

    /** It would let the guest run without looking at the fence. */
    @Test
    void getsNoVmOfADeadNodeIfItDoesNotKnowFences() {
        VmScene scene = running().sharedLocation();
        assertStartsOn("host-a", older(scene.incarnation(1, Stopped, crashed()), "host-a", FENCES));
        assertRefused(
                older(running().sharedLocation().fenced("host-a"), "host-b", FENCES),
                Reason.NoNodeFits,
                "host-b: its agent 1 does not know " + FENCES);
    }

    /** It would not start from the state that somebody has approved. */
    @Test
    void getsNoVmWithAnApprovedStateIfItDoesNotKnowApprovals() {
        VmScene scene = running().sharedLocation().incarnation(1, Stopped, crashed());
        assertStartsOn("host-a", older(scene, "host-a", "approvedGuestState.epoch"));
        assertStartsOn("host-b", older(scene.approves(1, 3), "host-a", "approvedGuestState.epoch"));
    }

    /** It would start the VM instead of taking over its guest. */
    @Test
    void getsNoGuestByMigrationIfItDoesNotKnowArrivals() {
        VmScene scene = running().sharedLocation();
        assertThat(new Migratability(older(scene, "host-b", "arrival.epoch").facts())
                        .verdict()
                        .reason())
                .isEqualTo(Reason.NoNodeFits);
        assertStartsOn("host-b", older(running().sharedLocation().fenced("host-a"), "host-b", "arrival.epoch"));
    }

    private static VMIncarnationStatusBuilder crashed() {
        return ended(Exit.Crashed).guestState(sealed(1, 7, true));
    }

    private static VmScene older(VmScene scene, String node, String unknown) {
        return scene.node(node, changed -> changed.status(without(unknown)));
    }

    private static ClusterNodeStatus without(String field) {
        return ClusterNodeStatusBuilder.builder(Nodes.status().build())
                .incarnationFields(IncarnationFields.KNOWN.stream()
                        .filter(known -> !known.equals(field))
                        .toList())
                .build();
    }
}
