package io.trustedlaunch.operator.vm.plan;

import static io.trustedlaunch.operator.vm.plan.VmScene.running;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertRefused;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertStartsOn;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertWaits;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.FailoverStrategy;
import io.trustedlaunch.api.Reason;
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
        assertRefused(running().fenced("host-a"), Reason.WorkingCopyElsewhere);
    }

    @Test
    void aVmThatIsToStayWaitsForItsNode() {
        VmScene scene = running().sharedLocation().spec(spec -> spec.failoverStrategy(FailoverStrategy.None));
        assertReadiness(scene, Reason.FailoverOff);
        assertWaits(scene.fenced("host-a"), Reason.FailoverOff);
    }

    @Test
    void nothingIsSaidOfAVmThatDoesNotRun() {
        assertReadiness(VmScene.applied(), Reason.NotRunning);
    }

    private static void assertReadiness(VmScene scene, Reason reason) {
        assertThat(new FailoverReadiness(scene.facts()).verdict().reason()).isEqualTo(reason);
    }
}
