package io.trustedlaunch.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeSpec.Maintenance;
import io.trustedlaunch.protocol.ClusterUnderTest.Folders;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The operator's own drain moves VMs away. */
class DrainsTest {
    private final ClusterUnderTest cluster = new ClusterUnderTest(Folders.SHARED, "host-a", "host-b", "host-c");
    private final Host a = cluster.host("host-a");

    @AfterEach
    void close() {
        cluster.close();
    }

    @Test
    void allVmsLeaveANodeThatIsDrainedAndItsConditionSaysSo() {
        cluster.start();
        cluster.startAnother("ledger");
        cluster.power.watch();

        cluster.users.maintain(a, Maintenance.Drain);
        cluster.settle();

        assertThat(a.hypervisor().domains()).isEmpty();
        cluster.turnTo("ledger");
        cluster.assertRunsAsRecorded();
        assertThat(ConditionType.Drained.in(cluster.server
                        .find(ClusterNode.class, "host-a")
                        .orElseThrow()
                        .getStatus()
                        .conditions()))
                .hasValueSatisfying(drained -> assertThat(drained.getStatus()).isEqualTo("True"));
    }

    @Test
    void aDrainGoesOnWhereAnotherOperatorLeads() {
        cluster.start();
        cluster.assertRunsOn("host-a");
        cluster.power.watch();
        cluster.users.maintain(a, Maintenance.Drain);
        cluster.operate();
        cluster.operators.newLeader();
        cluster.settle();

        assertThat(a.hypervisor().domains()).isEmpty();
        assertThat(cluster.runningOn()).isPresent();
    }
}
