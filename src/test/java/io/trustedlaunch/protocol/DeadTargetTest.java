package io.trustedlaunch.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.protocol.ClusterUnderTest.Folders;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A guest has left its node, and its target dies before it has reported that the guest runs there. All nodes share the VM's folder,
 * so the source sees whether the target had taken the guest state. The VM starts again by itself either way.
 */
class DeadTargetTest {
    private final ClusterUnderTest cluster = new ClusterUnderTest(Folders.SHARED, "host-a", "host-b", "host-c");
    private final Host a = cluster.host("host-a");
    private final Host b = cluster.host("host-b");

    @BeforeEach
    void leave() {
        cluster.start();
        cluster.assertRunsOn("host-a");
        cluster.ledger.work();
        cluster.rounds(2);
        cluster.users.requestMigration("host-b");
        cluster.roundsUntil(() -> cluster.network.underway().findAny().isPresent());
        cluster.network.advanceUntilLeft();
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    @Test
    void aGuestThatDiedBeforeItWasResumedGoesOnFromWhatItsSourceSeals() {
        cluster.faults.fence(b);
        cluster.settle();

        assertRunsOnALivingHost();
        assertThat(cluster.home(a).versions().getFirst().epoch()).isEqualTo(3);
    }

    @Test
    void aGuestThatRanUnseenGoesOnFromWhatItsTargetSealed() {
        b.agent().orElseThrow().cutOffFromApiServer(true);
        a.agent().orElseThrow().migrations().learn();
        b.agent().orElseThrow().act();
        cluster.assertRunsOn("host-b");
        cluster.ledger.work();
        b.agent().orElseThrow().seal();
        assertThat(cluster.home(b).versions().getFirst().epoch()).isEqualTo(2);

        cluster.faults.fence(b);
        cluster.settle();

        assertRunsOnALivingHost();
    }

    @Test
    void aTargetThatComesBackAfterwardsRunsNothing() {
        cluster.faults.fence(b);
        cluster.settle();
        assertRunsOnALivingHost();

        cluster.faults.heal();
        cluster.settle();
        assertRunsOnALivingHost();
    }

    @Test
    void aTargetOfWhichNobodyKnowsWhetherItIsDeadIsWaitedFor() {
        b.powerOff();
        cluster.settle();

        cluster.assertDoesNotRun();
    }

    /** With the TPM and the disks that it had last: the ledger of guests checks both at each start. */
    private void assertRunsOnALivingHost() {
        assertThat(cluster.runningOn())
                .as(cluster.description())
                .isPresent()
                .isNotEqualTo(Optional.of("host-b"))
                .isEqualTo(Optional.of(cluster.status().nodeName()));
        assertThat(cluster.status().vTPM().ekDigest())
                .isEqualTo(cluster.ledger.ek(cluster.identity()).orElseThrow());
    }
}
