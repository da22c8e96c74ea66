package io.trustedlaunch.operator.vm.facts;

import static io.trustedlaunch.operator.vm.plan.VmScene.applied;
import static io.trustedlaunch.operator.vm.plan.VmScene.running;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.vm.RestoreFrom;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Restore;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusRestoreBuilder;
import io.trustedlaunch.operator.vm.plan.VmScene;
import org.junit.jupiter.api.Test;

class RestoreRecordTest {
    private static final Restore RESTORE =
            TrustedLaunchVMStatusRestoreBuilder.builder().afterEpoch(1L).build();

    @Test
    void aVmWithoutBackupsHasNone() {
        assertThat(isNone(applied())).isTrue();
        assertThat(isNone(running())).isTrue();
    }

    @Test
    void whatIsAskedForOrWasBegunIsOne() {
        assertThat(isNone(applied().approvesRestore("monday"))).isFalse();
        assertThat(isNone(applied().spec(spec -> spec.restoreFrom(new RestoreFrom(null, new ObjectRef("monday"))))))
                .isFalse();
        assertThat(isNone(running().status(status -> status.restore(RESTORE)))).isFalse();
        assertThat(isNone(running().status(status -> status.unusedRestore(RESTORE))))
                .isFalse();
    }

    private static boolean isNone(VmScene scene) {
        return scene.facts().vm().restores().isNone();
    }
}
