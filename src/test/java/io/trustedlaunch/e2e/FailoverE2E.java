package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.trustedlaunch.api.node.NodeFence;
import io.trustedlaunch.api.node.NodeFenceStatus.Phase;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Failover;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The host under a guest loses its power, and a person says so. */
class FailoverE2E {
    private static final String GUEST = "payroll";

    @Test
    void aGuestStartsElsewhereWithItsTpmAndItsHostComesBackWithoutIt() {
        try (Stage stage = Stage.open("failover")) {
            String secret = UUID.randomUUID().toString();
            stage.commands("init", "nv-write " + secret, "counter");
            stage.create(stage.vm(GUEST).userData("init"));
            TrustedLaunchVM before = stage.awaitRunning(GUEST);
            String uid = before.identity();
            String dead = before.getStatus().nodeName();
            String living = stage.lab.otherHost(dead);
            stage.awaitConsoleOn(dead, uid, console -> console.contains("PROOF counter=2"));

            stage.lab.run("host", dead, "crash").orFail();
            new NodeStatements(stage).state(dead);

            await("the VM to be given to " + living)
                    .atMost(Stage.TIMEOUT)
                    .until(() -> stage.get(GUEST).getStatus().nodeName(), living::equals);
            TrustedLaunchVM after = stage.awaitRunning(GUEST);
            assertThat(after.getStatus().nodeName()).isEqualTo(living);
            assertThat(after.getStatus().vTPM()).isEqualTo(before.getStatus().vTPM());
            Failover failover = after.getStatus().failover();
            assertThat(failover.fromNode()).isEqualTo(dead);
            assertThat(failover.toEpoch()).isEqualTo(after.getStatus().epoch());
            assertThat(failover.newest()).isNotNull();
            NodeFence fence = stage.client
                    .resources(NodeFence.class)
                    .withName(failover.fence())
                    .get();
            assertThat(fence.getStatus().phase()).isEqualTo(Phase.Proved);
            assertThat(fence.getStatus().proof().source()).isEqualTo(NodeStatements.PERSON);
            stage.awaitConsoleOn(living, uid, console -> console.contains("PROOF nv=" + secret));

            stage.lab.run("host", dead, "start").orFail();

            await("the fence to be released")
                    .atMost(Stage.TIMEOUT)
                    .until(
                            () -> stage.client
                                    .resources(NodeFence.class)
                                    .withName(failover.fence())
                                    .get()
                                    .getStatus()
                                    .phase(),
                            Phase.Released::equals);
            await("what was left on " + dead + " to be cleaned up")
                    .atMost(Stage.TIMEOUT)
                    .until(() -> stage.incarnations(uid).size() == 1);
            assertThat(stage.lab.hostsWithDomain(uid)).isEqualTo(List.of(living));
            assertThat(stage.get(GUEST).getStatus().epoch()).isEqualTo(failover.toEpoch());
        }
    }
}
