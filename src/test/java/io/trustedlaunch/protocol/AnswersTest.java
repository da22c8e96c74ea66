package io.trustedlaunch.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.host.BootId;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.protocol.ClusterUnderTest.Folders;
import io.trustedlaunch.testkit.Vms;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Another operator leads, which two of three nodes tell that the data is current; host-a has not answered it. */
class AnswersTest {
    private final ClusterUnderTest cluster = new ClusterUnderTest(Folders.SHARED, "host-a", "host-b", "host-c");
    private final Host a = cluster.host("host-a");
    private final List<Host> others = List.of(cluster.host("host-b"), cluster.host("host-c"));

    @BeforeEach
    void lead() {
        cluster.operators.shareLease();
        cluster.apply(Vms.vm(Vms.spec().runStrategy(RunStrategy.Halted).build()));
        cluster.rounds(4);
        others.forEach(host -> cluster.users.cordon(host, true));
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    @Test
    void noIncarnationIsMadeForANodeThatHasNotAnswered() {
        reserveOnHostA();
        rounds(3);

        assertThat(cluster.incarnations()).isEmpty();
        assertThat(ConditionType.Ready.in(cluster.status().conditions())).hasValueSatisfying(ready -> {
            assertThat(ready.getReason()).isEqualTo(Reason.AwaitingInventory.name());
            assertThat(ready.getMessage()).contains("host-a has not answered");
        });

        cluster.rounds(3);
        cluster.assertRunsOn("host-a");
        assertThat(cluster.incarnation(1).orElseThrow().getSpec().bootID()).isEqualTo(BootId.in(a.runFolder()));
    }

    /** The dead answer nobody: what is made for the epoch on record is for the boot that is over. */
    @Test
    void aVmWhoseEpochIsReservedOnANodeThatIsProvedDeadStartsElsewhere() {
        reserveOnHostA();
        cluster.faults.fence(a);
        others.forEach(host -> cluster.users.cordon(host, false));
        cluster.settle();

        assertThat(cluster.runningOn()).isPresent();
        assertThat(cluster.status().nodeName()).isNotEqualTo("host-a");
    }

    @Test
    void aNodeThatHasNotAnsweredIsNotChosen() {
        cluster.operators.newLeader();
        cluster.users.changeStrategy(RunStrategy.Always);
        rounds(3);

        assertThat(cluster.incarnations()).isEmpty();
        assertThat(ConditionType.Ready.in(cluster.status().conditions()))
                .hasValueSatisfying(ready -> assertThat(ready.getMessage())
                        .contains("host-a: its agent has not answered the present leader of the operator yet"));
    }

    @Test
    void aProofCountsAlthoughTheDeadHostDoesNotAnswerTheNextLeader() {
        startOnHostA();
        cluster.faults.fence(a);
        cluster.operators.newLeader();
        cluster.settle();

        assertThat(cluster.runningOn()).isPresent();
        assertThat(cluster.status().nodeName()).isNotEqualTo("host-a");
    }

    /** Its agent renews its Lease from the next boot: nothing has been made for that boot. */
    @Test
    void aProofCountsUntilTheHostAnswersFromItsNextBoot() {
        startOnHostA();
        cluster.faults.fence(a);
        cluster.roundsUntil(() -> cluster.faults.isProvedDead(a));
        cluster.operators.newLeader();
        a.powerOn();
        a.startAgent();
        rounds(8);

        // Its agent writes a beacon, which holds the guest back until the host's boot is known.
        cluster.assertDoesNotRun();
        assertThat(cluster.status().nodeName()).isNotEqualTo("host-a");
        assertThat(new HostStatements(cluster.server).fences(a))
                .noneMatch(phase -> phase.name().equals("Contradicted"));

        cluster.faults.unfence(a);
        cluster.settle();
        assertThat(new HostStatements(cluster.server).fences(a))
                .noneMatch(phase -> phase.name().equals("Proved"));
        assertThat(cluster.server
                        .find(ClusterNode.class, "host-a")
                        .orElseThrow()
                        .getStatus()
                        .answer()
                        .bootID())
                .isEqualTo(BootId.in(a.runFolder()));
        cluster.assertRunsAsRecorded();
    }

    private void startOnHostA() {
        cluster.users.changeStrategy(RunStrategy.Always);
        cluster.rounds(6);
        cluster.assertRunsOn("host-a");
        cluster.ledger.work();
        others.forEach(host -> cluster.users.cordon(host, false));
        cluster.rounds(2);
    }

    /** The leader dies before it makes the incarnation. */
    private void reserveOnHostA() {
        cluster.users.changeStrategy(RunStrategy.Always);
        OperatorProcess first = cluster.leader();
        // Finalizer, key, epoch.
        first.writer().dieAround(3, false);
        for (int pass = 0; pass < 10 && cluster.leader() == first; pass++) {
            cluster.operate();
        }
        assertThat(cluster.leader()).isNotSameAs(first);
        assertThat(cluster.status().nodeName()).isEqualTo("host-a");
        assertThat(cluster.incarnations()).isEmpty();
    }

    /** Without host-a's agent, but for its heartbeat. */
    private void rounds(int count) {
        for (int round = 0; round < count; round++) {
            cluster.operate();
            others.forEach(cluster::act);
            cluster.pass(ClusterUnderTest.A_WHILE);
        }
    }
}
