package io.trustedlaunch.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.protocol.ClusterUnderTest.Folders;
import io.trustedlaunch.testkit.FakeApiServer;
import io.trustedlaunch.testkit.Vms;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The record lost what it said of a VM that runs, and so did the records of its incarnations. */
class LostRecordTest {
    private final ClusterUnderTest cluster = new ClusterUnderTest(Folders.SEPARATE, "host-a", "host-b");
    private final Host a = cluster.host("host-a");
    private final Host b = cluster.host("host-b");

    @AfterEach
    void close() {
        cluster.close();
    }

    /** What is left of the record is an incarnation that was prepared for a later start and never ran. */
    @Test
    void aVmThatRanIsNotTakenForOneThatNeverRan() {
        cluster.start();
        cluster.assertRunsOn("host-a");
        cluster.users.changeStrategy(RunStrategy.Halted);
        cluster.rounds(2);
        a.hypervisor().powerOff(ClusterUnderTest.VM);
        cluster.settle();
        cluster.users.changeStrategy(RunStrategy.Always);
        for (int pass = 0; pass < 10 && cluster.incarnation(2).isEmpty(); pass++) {
            cluster.operate();
        }
        cluster.users.changeStrategy(RunStrategy.Halted);
        for (int pass = 0; pass < 5; pass++) {
            cluster.operate();
        }
        cluster.settle();
        assertThat(cluster.incarnation(2).orElseThrow().getStatus().exit()).isEqualTo(Exit.NeverRan);
        cluster.server.loseStatus(cluster.vm().orElseThrow());
        cluster.operators.newLeader();

        cluster.users.cordon(a, true);
        cluster.users.changeStrategy(RunStrategy.Always);
        cluster.settle();
        cluster.assertDoesNotRun();
        cluster.users.cordon(a, false);
        cluster.settle();

        assertThat(cluster.tpms.made()).isEqualTo(1);
        cluster.assertRunsAsRecorded();
    }

    /** Its incarnation was created, and its agent has not seen it yet. */
    @Test
    void aVmThatNeverRanStartsAgain() {
        cluster.rounds(3);
        cluster.apply(Vms.vm(Vms.spec().build()));
        for (int pass = 0; pass < 10 && cluster.incarnation(1).isEmpty(); pass++) {
            cluster.operate();
        }
        cluster.server.loseStatus(cluster.vm().orElseThrow());
        for (int pass = 0; pass < 5; pass++) {
            cluster.operate();
        }
        cluster.users.changeStrategy(RunStrategy.Halted);
        for (int pass = 0; pass < 5; pass++) {
            cluster.operate();
        }
        cluster.settle();
        assertThat(cluster.incarnation(1).orElseThrow().getStatus().exit()).isEqualTo(Exit.NeverRan);

        cluster.users.changeStrategy(RunStrategy.Always);
        cluster.settle();

        cluster.assertRunsAsRecorded();
    }

    /** The VM's record was lost since that operator read it: what the incarnation before has reported is all that is left. */
    @Test
    void anIncarnationIsNotRemovedByAnOperatorThatHasNotSeenTheLoss() {
        cluster.start();
        cluster.assertRunsOn("host-a");
        cluster.users.changeStrategy(RunStrategy.Halted);
        cluster.rounds(2);
        a.hypervisor().powerOff(ClusterUnderTest.VM);
        cluster.settle();
        cluster.users.changeStrategy(RunStrategy.Always);
        for (int pass = 0; pass < 10 && cluster.incarnation(2).isEmpty(); pass++) {
            cluster.operate();
        }
        cluster.leader().look();

        cluster.server.loseStatus(cluster.vm().orElseThrow());
        cluster.leader().pass();

        assertThat(cluster.incarnation(1)).isPresent();
    }

    /** The record has lost all that it said of the VM's TPM, and the only node that knows it is proved dead. */
    @Test
    void noTpmIsMadeAgainWhileAProvedlyDeadNodeMayHaveOne() {
        cluster.start();
        cluster.assertRunsOn("host-a");
        cluster.server.loseStatus(cluster.vm().orElseThrow());
        cluster.server.loseStatus(cluster.incarnation(1).orElseThrow());
        for (int pass = 0; pass < 5; pass++) {
            cluster.operate();
        }

        cluster.faults.fence(a);
        cluster.rounds(20);

        assertThat(cluster.tpms.made()).isEqualTo(1);
        cluster.assertDoesNotRun();
    }

    /** The record is from before the VM's first start, and the only node that knows better is proved dead. */
    @Test
    void noTpmIsMadeAgainAfterARestoreWhileAProvedlyDeadNodeMayHaveOne() {
        cluster.rounds(2);
        cluster.apply(Vms.vm(Vms.spec().build()));
        FakeApiServer backup = cluster.server.snapshot();
        cluster.start();
        cluster.assertRunsOn("host-a");

        cluster.faults.restore(backup);
        cluster.faults.fence(a);
        cluster.rounds(20);

        assertThat(cluster.tpms.made()).isEqualTo(1);
        cluster.assertDoesNotRun();
    }

    /** The node that it left says that it did, before that death or after it. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aVmIsNotStartedFromAFolderThatItLeftWhenTheNodeThatItMovedToIsProvedDead(boolean isAdopted) {
        moveToHostBAndForgetIt();
        cluster.hosts.forEach(host -> host.startAgent().report(cluster.leader().identity()));
        cluster.operate();
        if (isAdopted) {
            for (int pass = 0; pass < 3; pass++) {
                cluster.operate();
                cluster.act(a);
            }
            assertThat(cluster.status().nodeName()).as(cluster.description()).isEqualTo("host-b");
        }

        cluster.faults.fence(b);
        cluster.rounds(20);

        cluster.assertDoesNotRun();
    }

    @Test
    void theFolderThatAForgottenIncarnationLeftGoesWithTheVm() {
        moveToHostBAndForgetIt();
        cluster.settle();
        cluster.assertRunsOn("host-b");

        cluster.users.delete();
        cluster.settle();

        cluster.users.assertNothingIsLeft(ClusterUnderTest.VM);
    }

    /** The guest has moved with its disks since the backup, and the folder that it left is still there. */
    private void moveToHostBAndForgetIt() {
        cluster.start();
        FakeApiServer backup = cluster.server.snapshot();
        cluster.users.changeStrategy(RunStrategy.Halted);
        cluster.settle();
        cluster.users.changeStrategy(RunStrategy.Always);
        cluster.settle();
        cluster.users.requestMigration("host-b");
        cluster.roundsUntil(() -> {
            cluster.network.advance();
            return cluster.runningOn().filter("host-b"::equals).isPresent();
        });
        a.powerOff();
        cluster.ledger.work();
        cluster.rounds(2);
        a.powerOn();
        cluster.faults.restore(backup);
    }
}
