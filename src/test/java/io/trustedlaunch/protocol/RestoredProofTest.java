package io.trustedlaunch.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.protocol.ClusterUnderTest.Folders;
import io.trustedlaunch.testkit.FakeApiServer;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The API server's data is restored from the day when host-a was proved dead. The host has been back since, in another boot, and
 * has the VM: the restored proof says nothing of that boot.
 */
class RestoredProofTest {
    private final ClusterUnderTest cluster = new ClusterUnderTest(Folders.SHARED, "host-a", "host-b");
    private final Host a = cluster.host("host-a");
    private final Host b = cluster.host("host-b");
    private FakeApiServer backup;

    @BeforeEach
    void backUpWhileHostAIsProvedDead() {
        cluster.operators.shareLease();
        cluster.start();
        cluster.assertRunsOn("host-a");
        cluster.faults.fence(a);
        cluster.settle();
        cluster.assertRunsOn("host-b");
        backup = cluster.server.snapshot();

        cluster.faults.unfence(a);
        cluster.settle();
        cluster.users.cordon(b, true);
        cluster.users.changeStrategy(RunStrategy.Halted);
        cluster.settle();
        b.hypervisor().powerOff(cluster.identity());
        cluster.settle();
        cluster.users.changeStrategy(RunStrategy.Always);
        cluster.settle();
        cluster.assertRunsOn("host-a");
        cluster.ledger.work();
        // A failover before that would be one too many.
        cluster.pass(Duration.ofHours(1));
        cluster.rounds(2);
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    /** It answers last, and the rest of its status, which takes seconds, follows after the operator has acted. */
    @Test
    void saysNothingOfTheBootThatTheHostAnswersFrom() {
        cluster.faults.restore(backup);
        cluster.act(b);
        answer(a);
        operate();
        assertKeepsItsGuest();

        cluster.act(a);
        operate();
        cluster.rounds(10);
        assertKeepsItsGuest();
    }

    /** Slow to answer: nothing is started before. */
    @Test
    void startsNothingBeforeTheHostHasAnswered() {
        cluster.faults.restore(backup);
        for (int pass = 0; pass < 5; pass++) {
            cluster.act(b);
            cluster.pass(ClusterUnderTest.A_WHILE);
            cluster.operate();
        }
        assertThat(cluster.status().epoch()).isEqualTo(2);
        cluster.assertRunsOn("host-a");

        cluster.rounds(10);
        assertKeepsItsGuest();
    }

    /** One write. */
    private void answer(Host host) {
        AgentProcess agent = host.startAgent();
        agent.look();
        agent.report(cluster.leader().identity());
    }

    private void operate() {
        for (int pass = 0; pass < 6; pass++) {
            cluster.operate();
            cluster.pass(ClusterUnderTest.A_WHILE);
        }
    }

    private void assertKeepsItsGuest() {
        cluster.assertRunsOn("host-a");
        assertThat(cluster.status().nodeName()).as(cluster.description()).isEqualTo("host-a");
        assertThat(cluster.status().epoch()).as(cluster.description()).isEqualTo(3);
        assertThat(cluster.ledger.starts(ClusterUnderTest.VM)).isEqualTo(3);
    }
}
