package io.trustedlaunch.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.protocol.ClusterUnderTest.Folders;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A guest that has left with its disks migrates on before the host that it left first knows that it runs. */
class SecondMigrationTest {
    private final ClusterUnderTest cluster = new ClusterUnderTest(Folders.SEPARATE, "host-a", "host-b", "host-c");
    private final Host a = cluster.host("host-a");

    @BeforeEach
    void migrateFromAHostThatFailsAtOnce() {
        cluster.start();
        cluster.assertRunsOn("host-a");
        cluster.ledger.work();
        cluster.rounds(2);
        cluster.users.requestMigration("host-b");
        cluster.roundsUntil(() -> cluster.network.underway().findAny().isPresent());
        cluster.network.advanceUntilLeft();
        a.agent().orElseThrow().migrations().learn();
        a.powerOff();
        cluster.faults.fence(a);
        cluster.settle();
        cluster.assertRunsOn("host-b");
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    @Test
    void theFirstSourceClearsItsFolderOnceItIsBack() {
        cluster.users.requestMigration("host-c");
        cluster.settle();
        cluster.assertRunsOn("host-c");

        cluster.faults.heal();
        cluster.settle();

        cluster.assertRunsOn("host-c");
        cluster.assertRunsAsRecorded();
        assertThat(cluster.incarnations()).hasSize(1);
        assertThat(cluster.home(a).folder()).as("what the guest left first").doesNotExist();
    }
}
