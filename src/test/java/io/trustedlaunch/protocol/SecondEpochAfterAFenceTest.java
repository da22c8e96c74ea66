package io.trustedlaunch.protocol;

import static io.trustedlaunch.protocol.ClusterUnderTest.VM;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.node.NodeFenceStatus.Phase;
import io.trustedlaunch.api.vm.FailoverStrategy;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.operator.fencing.HeardNodes;
import io.trustedlaunch.protocol.ClusterUnderTest.Folders;
import io.trustedlaunch.protocol.Host.Reach;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Host-a is cut off from the API server only, and is said to be dead: its guest runs, and its beacon moves. The start on host-b
 * waits for the beacon, as it should. Whatever ends that start, the next one waits for the same beacon.
 */
class SecondEpochAfterAFenceTest {
    private static final int ROUNDS = 12;

    private final ClusterUnderTest cluster = new ClusterUnderTest(Folders.SHARED, "host-a", "host-b", "host-c");
    private final Host a = cluster.host("host-a");
    private final Host b = cluster.host("host-b");
    private final Host c = cluster.host("host-c");
    private final HostStatements words = new HostStatements(cluster.server);

    @BeforeEach
    void start() {
        cluster.start();
        cluster.assertRunsOn("host-a");
        cluster.ledger.work();
        cluster.rounds(2);
        cluster.users.cordon(c, true);
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    /** Without a second step by anybody. */
    @Test
    void theFirstStartElsewhereWaitsForTheBeacon() {
        waitOnHostB();
        roundsWithOneGuest();
    }

    @Test
    void afterAChangeOfTheMachineTheNextStartWaitsForTheSameBeacon() {
        waitForAnHour();
        cluster.users.edit(spec -> spec.cores(1));
        roundsWithOneGuest();
    }

    @Test
    void afterAHaltTheNextStartWaitsForTheSameBeacon() {
        waitForAnHour();
        cluster.users.changeStrategy(RunStrategy.Halted);
        roundsWithOneGuest();
        cluster.users.changeStrategy(RunStrategy.Always);
        roundsWithOneGuest();
    }

    @Test
    void afterACordonOfTheWaitingNodeTheNextStartWaitsForTheSameBeacon() {
        waitForAnHour();
        cluster.users.cordon(c, false);
        cluster.users.cordon(b, true);
        roundsWithOneGuest();
    }

    /** A Lease of host-a is renewed once, so that the word is withdrawn and given anew. */
    @Test
    void afterAWordThatIsGivenAnewTheNextStartWaitsForTheBeacon() {
        waitOnHostB();
        contradict(a);
        cluster.pass(Duration.ofHours(1));
        sayAgain(a);
        roundsWithOneGuest();
    }

    @Test
    void afterTheDeathOfTheWaitingNodeTheNextStartWaitsForTheFirstNodesBeacon() {
        waitForAnHour();
        cluster.users.cordon(c, false);
        cluster.faults.fence(b);
        roundsWithOneGuest();
    }

    /** Its source dies in truth, and the host that it has moved to is cut off from the API server only. */
    @Test
    void afterAHandoverThatTheOperatorDidNotSeeTheNextStartWaitsForTheTargetsBeacon() {
        cluster.users.requestMigration("host-b");
        cluster.roundsUntil(() -> cluster.network.underway().findAny().isPresent());
        a.reach(Reach.STORAGE);
        b.reach(Reach.STORAGE);
        cluster.network.advanceUntilLeft();
        a.agent().orElseThrow().migrations().learn();
        b.agent().orElseThrow().act();
        cluster.assertRunsOn("host-b");

        cluster.users.cordon(c, false);
        cluster.faults.lie(b, false);
        cluster.faults.fence(a);
        roundsWithOneGuest();
        cluster.assertRunsOn("host-b");
    }

    @Test
    void aVmThatIsToStayDoesNotStartElsewhereAfterAWordThatIsGivenAnew() {
        waitOnHostB();
        contradict(a);
        cluster.users.edit(spec -> spec.failoverStrategy(FailoverStrategy.None));
        a.powerOff();
        sayAgain(a);
        assertWaits(Reason.FailoverOff);
    }

    /** After the agent was heard last, the kubelet was: nobody sealed what the guest changed meanwhile. */
    @Test
    void aVmWhoseGuestWasNotWatchedAtTheEndDoesNotStartElsewhereAfterAWordThatIsGivenAnew() {
        waitOnHostB();
        contradict(a);
        cluster.pass(Duration.ofHours(1));
        a.reach(Reach.ALL);
        cluster.pass(Duration.ofSeconds(1));
        a.reach(Reach.STORAGE);
        cluster.operate();
        for (int beat = 0; beat < 10; beat++) {
            cluster.pass(Duration.ofSeconds(10));
            cluster.server.put(new LeaseBuilder()
                    .withNewMetadata()
                    .withNamespace(HeardNodes.KUBELETS)
                    .withName(a.name())
                    .endMetadata()
                    .withNewSpec()
                    .withRenewTime(cluster.clock.of(a.name()).instant().atZone(ZoneOffset.UTC))
                    .endSpec()
                    .build());
            cluster.operate();
        }
        a.powerOff();
        sayAgain(a);
        assertWaits(Reason.GuestStateLagUnknown);
    }

    /** The second one of two that died with the VM in an hour. */
    @Test
    void aVmThatFailedOverWithinTheHourDoesNotStartElsewhereAfterAWordThatIsGivenAnew() {
        cluster.faults.fence(a);
        roundsWithOneGuest();
        cluster.assertRunsOn("host-b");
        b.reach(Reach.STORAGE);
        cluster.faults.lie(b, false);
        roundsWithOneGuest();
        contradict(b);
        b.powerOff();
        sayAgain(b);
        assertWaits(Reason.FailoverRepeated);
    }

    /** Its guest has not run on the node to which it was given: one node died with it. */
    @Test
    void aVmThatOnlyWaitedToFailOverStartsElsewhereWithinTheHour() {
        waitOnHostB();
        contradict(a);
        a.powerOff();
        sayAgain(a);
        cluster.roundsUntil(() -> cluster.runningOn().isPresent());
    }

    /** Within the hour, another failover of the VM would wait for its end. */
    private void waitForAnHour() {
        waitOnHostB();
        cluster.pass(Duration.ofHours(1));
    }

    private void waitOnHostB() {
        a.reach(Reach.STORAGE);
        cluster.faults.lie(a, false);
        roundsWithOneGuest();
        assertThat(cluster.incarnation(2).map(VMIncarnation::getStatus).map(VMIncarnationStatus::reason))
                .as(cluster.description())
                .contains(Reason.AwaitingFence.name());
        assertThat(cluster.status().nodeName()).isEqualTo("host-b");
    }

    /** One renewal gets through, and what was to start elsewhere ends without having run. */
    private void contradict(Host host) {
        host.reach(Reach.ALL);
        cluster.pass(Duration.ofSeconds(1));
        host.reach(Reach.STORAGE);
        cluster.operate();
        assertThat(words.fences(host)).containsExactly(Phase.Contradicted);
        roundsWithOneGuest();
    }

    private void sayAgain(Host host) {
        words.withdraw(host);
        cluster.operate();
        cluster.faults.lie(host, false);
        cluster.users.cordon(c, false);
    }

    private void roundsWithOneGuest() {
        for (int round = 0; round < ROUNDS; round++) {
            cluster.operate();
            for (Host host : List.of(a, b, c)) {
                cluster.act(host);
                assertThat(cluster.ledger.running(VM)).as(cluster.description()).hasSizeLessThan(2);
            }
            cluster.pass(ClusterUnderTest.A_WHILE);
        }
    }

    private void assertWaits(Reason reason) {
        roundsWithOneGuest();
        assertThat(cluster.incarnation(3)).as(cluster.description()).isEmpty();
        assertThat(ConditionType.Ready.in(cluster.status().conditions())
                        .orElseThrow()
                        .getReason())
                .isEqualTo(reason.name());
    }
}
