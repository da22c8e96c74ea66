package io.trustedlaunch.protocol;

import static io.trustedlaunch.protocol.ClusterUnderTest.VM;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.node.NodeFenceStatus.Phase;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.protocol.ClusterUnderTest.Folders;
import io.trustedlaunch.testkit.FakeApiServer;
import io.trustedlaunch.testkit.Vms;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The API server's data is restored from a night in which something was being done that is over since. */
class RestoredNightTest {
    private final ClusterUnderTest cluster = new ClusterUnderTest(Folders.SHARED, "host-a", "host-b");
    private final Host a = cluster.host("host-a");
    private final Host b = cluster.host("host-b");

    @AfterEach
    void close() {
        cluster.close();
    }

    /** Host-a's disk is restored as well: its agent is asked to clear the folder in which the VM runs now. */
    @Test
    void aRequestToClearAFirstStartRemovesNothingOfTheVmThatRunsElsewhereSince() {
        a.lackImage(true);
        cluster.apply(Vms.vm(Vms.spec().build()));
        cluster.rounds(6);
        a.lackImage(false);
        cluster.users.cordon(a, true);
        cluster.users.edit(spec -> spec.cores(1));
        cluster.roundsUntil(
                () -> cluster.incarnation(1).orElseThrow().getSpec().desiredState() == DesiredState.Stopped);
        for (int pass = 0;
                pass < 10 && cluster.incarnation(1).orElseThrow().getSpec().desiredState() != DesiredState.Erased;
                pass++) {
            cluster.operate();
        }
        assertThat(cluster.incarnation(1).orElseThrow().getSpec().desiredState())
                .isEqualTo(DesiredState.Erased);
        FakeApiServer night = cluster.server.snapshot();
        Snapshot disk = a.snapshot(false);
        cluster.settle();
        cluster.assertRunsOn("host-b");
        cluster.ledger.work();
        cluster.rounds(2);

        a.powerOff();
        disk.restore();
        a.powerOn();
        cluster.faults.restore(night);
        for (int pass = 0; pass < 5; pass++) {
            a.startAgent().look();
            a.startAgent().act();
        }

        assertThat(cluster.home(b).disk())
                .as("the disk of the guest that runs on host-b")
                .exists();
        assertThat(cluster.home(b).versions()).as("its sealed guest states").isNotEmpty();
    }

    /**
     * Host-a was proved dead that night, is back since and runs the VM. Its agent answers the leader before it reports the boot of
     * its host, and acts no sooner than host-b's.
     */
    @Test
    void aProofOfThatNightTakesNoGuestFromTheBootThatHostAIsInNow() {
        cluster.start();
        cluster.assertRunsOn("host-a");
        cluster.faults.fence(a);
        cluster.settle();
        cluster.assertRunsOn("host-b");
        FakeApiServer night = cluster.server.snapshot();
        cluster.faults.unfence(a);
        cluster.settle();
        assertThat(new HostStatements(cluster.server).fences(a)).containsExactly(Phase.Released);
        moveToHostA();
        cluster.pass(Duration.ofHours(1));

        cluster.faults.restore(night);
        roundsOfHostB();
        answer(a);
        roundsOfHostB();
        answer(a);
        roundsOfHostB();
        cluster.settle();

        cluster.assertRunsAsRecorded();
        assertThat(cluster.ledger.starts(VM))
                .as("how often the guest was started")
                .isEqualTo(3);
    }

    private void roundsOfHostB() {
        for (int round = 0; round < 5; round++) {
            cluster.operate();
            answer(b);
            b.startAgent().act();
            assertThat(cluster.ledger.running(VM)).as(cluster.description()).hasSizeLessThan(2);
            cluster.pass(ClusterUnderTest.A_WHILE);
        }
    }

    private void answer(Host host) {
        host.startAgent().look();
        host.startAgent().report(cluster.leader().identity());
    }

    private void moveToHostA() {
        cluster.users.changeStrategy(RunStrategy.Halted);
        cluster.rounds(2);
        b.hypervisor().powerOff(VM);
        cluster.settle();
        cluster.users.cordon(b, true);
        cluster.users.changeStrategy(RunStrategy.Always);
        cluster.settle();
        cluster.users.cordon(b, false);
        cluster.assertRunsOn("host-a");
        assertThat(cluster.status().epoch()).isEqualTo(3);
        cluster.ledger.work();
        cluster.rounds(2);
    }
}
