package io.trustedlaunch.operator.vm.plan;

import static io.trustedlaunch.api.VMIncarnationSpec.DesiredState.Running;
import static io.trustedlaunch.api.VMIncarnationSpec.DesiredState.Stopped;
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

import io.trustedlaunch.api.ClusterNodeStatus;
import io.trustedlaunch.api.ClusterNodeStatusBuilder;
import io.trustedlaunch.api.MachineFields;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.VMIncarnationStatus.Phase;
import io.trustedlaunch.testkit.Nodes;
import org.junit.jupiter.api.Test;

/** An agent of an earlier version, which does not know all that the operator can write into a machine. */
class OlderAgentTest {
    private static final String WHY =
            "its agent 1 does not know nics.mac, which the VM's machine uses; upgrade DaemonSet trusted-launch-agent";

    @Test
    void getsNoVmWithAFieldThatItDoesNotKnow() {
        VmScene scene = applied().withFinalizer().withKey();
        assertStartsOn("host-a", scene);
        assertStartsOn("host-b", older(scene, "host-a", "nics.mac"));
        assertRefused(older(scene, "host-b", "nics.mac"), Reason.NoNodeFits, "host-a: " + WHY, "host-b: " + WHY);
    }

    @Test
    void getsNoVmWithAValueThatItDoesNotKnow() {
        assertStartsOn("host-b", older(applied().withFinalizer().withKey(), "host-a", "osType=Linux"));
    }

    @Test
    void getsAllVmsWithoutThatField() {
        assertStartsOn("host-a", older(applied().withFinalizer().withKey(), "host-a", "dataDisks.size"));
    }

    @Test
    void getsNoVmBackWhoseSpecHasChanged() {
        VmScene scene = older(
                running().incarnation(1, Stopped, ended(Exit.Crashed).guestState(sealed(1, 7, true))),
                "host-a",
                "nics.mac");
        assertRefused(scene, Reason.WorkingCopyElsewhere, "host-a: " + WHY);
    }

    @Test
    void getsNoGuestByMigration() {
        VmScene scene = older(running().sharedLocation(), "host-b", "nics.mac");
        assertThat(new Migratability(scene.facts()).verdict())
                .isEqualTo(new Problem(Reason.NoNodeFits, "host-b: " + WHY));
    }

    @Test
    void thatWasSetBackDuringAStartLosesItToANewerOne() {
        VmScene preparing = reserved(1).incarnation(1, Running, status(Phase.Preparing));
        assertWaits(preparing, Reason.Starting);
        assertThat(older(preparing, "host-a", "nics.mac").step()).isInstanceOf(VmStep.Retire.class);
    }

    private static VmScene older(VmScene scene, String node, String unknown) {
        return scene.node(node, changed -> changed.status(without(unknown)));
    }

    private static ClusterNodeStatus without(String field) {
        return ClusterNodeStatusBuilder.builder(Nodes.status().build())
                .machineFields(MachineFields.KNOWN.stream()
                        .filter(known -> !known.equals(field))
                        .toList())
                .build();
    }
}
