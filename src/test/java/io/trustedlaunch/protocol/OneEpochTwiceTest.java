package io.trustedlaunch.protocol;

import static io.trustedlaunch.protocol.ClusterUnderTest.VM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.protocol.ClusterUnderTest.Folders;
import io.trustedlaunch.testkit.FakeApiServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Two nodes are given the same epoch, each by data that does not know of the other, and share the VM's home. Both have prepared
 * it before the first one claims the home.
 */
class OneEpochTwiceTest {
    private final ClusterUnderTest cluster = new ClusterUnderTest(Folders.SHARED, "host-a", "host-b");
    private final Host a = cluster.host("host-a");
    private final Host b = cluster.host("host-b");
    private FakeApiServer halted;
    private FakeApiServer ofHostB;

    /** Host-b prepares the VM's second epoch, and its agent ends before it claims the home. */
    @BeforeEach
    void prepareTheSecondEpochOnHostB() {
        cluster.start();
        cluster.users.changeStrategy(RunStrategy.Halted);
        cluster.rounds(2);
        a.hypervisor().powerOff(VM);
        cluster.settle();
        halted = cluster.server.snapshot();
        cluster.users.cordon(a, true);
        cluster.users.changeStrategy(RunStrategy.Always);
        for (int pass = 0; pass < 10 && cluster.incarnation(2).isEmpty(); pass++) {
            cluster.operate();
        }
        b.startAgent().atFailpoint(this::endBeforeTheClaim);
        b.startAgent().look();
        assertThatThrownBy(b.startAgent()::act).isInstanceOf(Died.class);
        b.killAgent();
        assertThat(b.hypervisor().find(VM)).isPresent();
        ofHostB = cluster.server.snapshot();
        assertThat(cluster.status().nodeName()).isEqualTo("host-b");
        assertThat(cluster.home(b).versions()).noneMatch(version -> version.epoch() == 2);
    }

    private void endBeforeTheClaim(Failpoint point) {
        if (point == Failpoint.AGENT_EK_PROBED) {
            throw new Died(point.id());
        }
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    /** The data was restored, host-b was given up, and the data from before that is restored. */
    @Test
    void aNodeThatFindsTheClaimOfAnotherNodeForItsEpochDoesNotRunTheVm() {
        cluster.faults.restore(halted);
        startOnHostA();
        cluster.faults.restore(ofHostB);
        resumeOnHostB();
    }

    /** Two clusters have recovered the VM. */
    @Test
    void aNodeThatFindsTheClaimOfAnotherClusterForItsEpochDoesNotRunTheVm() {
        cluster.replaceBy(halted);
        startOnHostA();
        cluster.faults.restore(ofHostB);
        resumeOnHostB();
    }

    private void startOnHostA() {
        cluster.server.find(ClusterNode.class, "host-b").ifPresent(cluster.server::delete);
        cluster.users.changeStrategy(RunStrategy.Always);
        for (int round = 0; round < 10; round++) {
            cluster.operate();
            cluster.act(a);
            cluster.pass(ClusterUnderTest.A_WHILE);
        }
        cluster.assertRunsOn("host-a");
        assertThat(cluster.status().epoch()).isEqualTo(2);
        cluster.ledger.work();
        a.startAgent().seal();
    }

    /** The guest on host-a runs, and its agent reaches the other data only. */
    private void resumeOnHostB() {
        for (int round = 0; round < 10; round++) {
            b.startAgent().look();
            b.startAgent().act();
            assertThat(cluster.ledger.running(VM)).as(cluster.description()).hasSizeLessThan(2);
            cluster.pass(ClusterUnderTest.A_WHILE);
        }
        cluster.assertRunsOn("host-a");
    }
}
