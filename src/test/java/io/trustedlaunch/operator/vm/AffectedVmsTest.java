package io.trustedlaunch.operator.vm;

import static io.trustedlaunch.operator.vm.plan.VmScene.running;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.operator.vm.plan.VmScene;
import io.trustedlaunch.operator.vm.plan.VmStep;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class AffectedVmsTest {
    /** Whose agent stops or starts responding concerns those, and not each VM of the cluster. */
    @Test
    void aVmThatNoNodeCouldTakeIsConcernedByEachNode() {
        assertThat(AffectedVms.keys(confined().facts().vm())).contains("confined", "node/host-a");
        assertThat(AffectedVms.keys(running().sharedLocation().facts().vm())).doesNotContain("confined");
    }

    @Test
    void aVmThatNoNodeCouldTakeIsLookedAtAgainSoon() {
        VmScene confined = confined();
        assertThat(confined.step(VmStep.Settled.class).requeueAfter(confined.facts()))
                .contains(Duration.ofMinutes(5));
        VmScene settled = running().sharedLocation();
        assertThat(settled.step(VmStep.Settled.class).requeueAfter(settled.facts()))
                .isEmpty();
    }

    private static VmScene confined() {
        VmScene scene = running().sharedLocation().cordoned("host-b");
        return scene.status(scene.newStatus());
    }
}
