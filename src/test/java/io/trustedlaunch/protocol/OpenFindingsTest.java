package io.trustedlaunch.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationStatus;
import io.trustedlaunch.api.VMIncarnationStatus.Phase;
import io.trustedlaunch.protocol.ClusterUnderTest.Folders;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Found by random schedules. */
class OpenFindingsTest {
    private final ClusterUnderTest cluster = new ClusterUnderTest(Folders.SEPARATE, "host-a", "host-b");
    private final Host a = cluster.host("host-a");
    private final Host b = cluster.host("host-b");

    @AfterEach
    void close() {
        cluster.close();
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

    /** Its source was proved dead, the target had the whole guest and lost it in a power cut; the guest is on its source. */
    @Test
    void disksThatWereKeptForAGuestThatIsOnItsSourceAfterAllAreNotInTheWayLater() {
        cluster.start();
        cluster.requestMigration("host-b");
        cluster.roundsUntil(() -> cluster.network.underway().findAny().isPresent());
        cluster.network.advance();
        for (int round = 0; round < 10 && !isReceived(); round++) {
            cluster.act(b);
            cluster.pass(ClusterUnderTest.A_WHILE);
        }
        assertThat(isReceived()).isTrue();
        b.powerOff();
        cluster.faults.fence(a);
        cluster.rounds(10);
        cluster.faults.heal();
        cluster.settle();
        cluster.assertRunsOn("host-a");

        cluster.requestMigration("host-b");
        cluster.settle();

        cluster.assertRunsOn("host-b");
    }

    private boolean isReceived() {
        return cluster.incarnation(2)
                .map(VMIncarnation::getStatus)
                .map(VMIncarnationStatus::phase)
                .filter(Phase.Received::equals)
                .isPresent();
    }

    /** Its guest had arrived there, and the source still waits to hand over what it has. */
    @Test
    void aVmWhoseTargetWasSetBackBeforeTheHandOverStartsAgainAfterAnApproval() {
        cluster.start();
        cluster.faults.saveDisk(b);
        cluster.requestMigration("host-b");
        cluster.roundsUntil(() -> cluster.network.underway().findAny().isPresent());
        cluster.network.advance();
        cluster.network.advance();
        cluster.network.cut(a, b);
        cluster.roundsUntil(() -> cluster.runningOn().filter("host-b"::equals).isPresent());

        cluster.faults.setDiskBack(b);
        cluster.network.mend();
        cluster.settle();

        new Remedies(cluster).apply();
    }
}
