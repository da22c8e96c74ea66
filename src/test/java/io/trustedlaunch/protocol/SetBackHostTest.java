package io.trustedlaunch.protocol;

import static io.trustedlaunch.protocol.ClusterUnderTest.VM;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.protocol.ClusterUnderTest.Folders;
import io.trustedlaunch.testkit.FakeApiServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The VM's second incarnation runs on a host whose disk is set back to before it: what that incarnation reported remains. */
class SetBackHostTest {
    private final ClusterUnderTest cluster = new ClusterUnderTest(Folders.SEPARATE, "host-a", "host-b");
    private final Host a = cluster.host("host-a");
    private final Host b = cluster.host("host-b");
    private Snapshot before;
    private FakeApiServer backup;

    @BeforeEach
    void startAgain() {
        cluster.start();
        cluster.assertRunsOn("host-a");
        cluster.users.changeStrategy(RunStrategy.Halted);
        cluster.roundsUntil(() -> cluster.runningOn().isEmpty());
        cluster.settle();
        before = a.snapshot(true);
        cluster.users.changeStrategy(RunStrategy.Always);
        for (int pass = 0; pass < 10 && cluster.incarnation(2).isEmpty(); pass++) {
            cluster.operate();
        }
        backup = cluster.server.snapshot();
        cluster.roundsUntil(() -> cluster.runningOn().isPresent());
        cluster.rounds(2);
        cluster.ledger.work();
        cluster.rounds(2);
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    /** Host-b is not heard. */
    private void actOnHostA() {
        for (int pass = 0; pass < 10; pass++) {
            cluster.operate();
            a.startAgent().look();
            a.startAgent().act();
            cluster.check();
        }
    }

    private void setBack() {
        a.powerOff();
        before.restore();
        a.powerOn();
    }

    @Test
    void itDoesNotRunAgainAndItsVmDoesNotStartFromAnOlderTpm() {
        setBack();
        cluster.settle();

        cluster.assertDoesNotRun();
        assertThat(ConditionType.Ready.in(cluster.status().conditions())
                        .orElseThrow()
                        .getMessage())
                .contains("spec.approveGuestState");
    }

    /** Neither the host nor the API server knows that the guest has migrated since. */
    @Test
    void itDoesNotRunAgainIfTheApiServerIsRestoredFromTheSameTime() {
        cluster.users.requestMigration("host-b");
        cluster.settle();
        cluster.assertRunsOn("host-b");
        b.agent().orElseThrow().cutOffFromApiServer(true);

        cluster.faults.restore(backup);
        setBack();
        actOnHostA();
        cluster.assertRunsOn("host-b");

        b.agent().orElseThrow().cutOffFromApiServer(false);
        cluster.settle();
        cluster.assertRunsAsRecorded();
        cluster.assertRunsOn("host-b");
    }

    @Test
    void itDoesNotRunAgainAfterItsGuestHasLeft() {
        cluster.users.requestMigration("host-b");
        cluster.roundsUntil(() -> cluster.network.underway().findAny().isPresent());
        cluster.network.advanceUntilLeft();
        a.agent().orElseThrow().migrations().learn();
        b.agent().orElseThrow().cutOffFromApiServer(true);
        b.agent().orElseThrow().act();
        cluster.assertRunsOn("host-b");

        setBack();
        actOnHostA();

        cluster.assertRunsOn("host-b");
        assertThat(cluster.ledger.running(VM)).hasSize(1);
    }
}
