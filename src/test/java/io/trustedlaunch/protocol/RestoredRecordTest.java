package io.trustedlaunch.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.protocol.ClusterUnderTest.Folders;
import io.trustedlaunch.testkit.FakeApiServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The API server is restored from a backup that was made before a migration which came to nothing. */
class RestoredRecordTest {
    private final ClusterUnderTest cluster = new ClusterUnderTest(Folders.SEPARATE, "host-a", "host-b");
    private final Host b = cluster.host("host-b");
    private FakeApiServer backup;

    @BeforeEach
    void startAndBackUp() {
        cluster.start();
        cluster.assertRunsOn("host-a");
        backup = cluster.server.snapshot();
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    @Test
    void aNodeThatNeverPreparedForTheGuestDoesNotGetTheVm() {
        VMMigration migration = cluster.users.requestMigration("host-b");
        for (int pass = 0; pass < 5 && cluster.incarnation(2).isEmpty(); pass++) {
            cluster.operate();
        }
        cluster.server.delete(cluster.server
                .find(VMMigration.class, migration.getMetadata().getName())
                .orElseThrow());
        for (int pass = 0; pass < 5 && desired() == DesiredState.Running; pass++) {
            cluster.operate();
        }
        assertThat(desired()).isEqualTo(DesiredState.Stopped);
        cluster.act(b);

        cluster.faults.restore(backup);
        cluster.settle();

        cluster.assertRunsOn("host-a");
        assertThat(cluster.ledger.starts(ClusterUnderTest.VM)).isEqualTo(1);
    }

    private DesiredState desired() {
        return cluster.incarnation(2).orElseThrow().getSpec().desiredState();
    }

    /** Its source has not reached the agent on host-b, which does not know yet that the guest has left. */
    @Test
    void aGuestThatHasLeftIsKeptAlthoughTheIncarnationThatExpectsItIsGone() {
        cluster.ledger.work();
        cluster.users.requestMigration("host-b");
        cluster.roundsUntil(() -> cluster.network.underway().findAny().isPresent());
        b.killAgent();
        cluster.network.advance();
        cluster.network.advance();
        cluster.act(cluster.host("host-a"));
        cluster.assertDoesNotRun();

        cluster.faults.restore(backup);
        cluster.settle();

        cluster.assertRunsAsRecorded();
        cluster.assertRunsOn("host-b");
    }

    /** The target has all of the guest, and its source died before it could say that it has left. */
    @Test
    void aGuestThatEndedWhereItWasAtTheEndOfItsMigrationStartsAgain() {
        endAtTheEndOfAMigration();
    }

    /** The record has the answer to an earlier request. */
    @Test
    void soItDoesAfterAnotherMigrationFailed() {
        cluster.users.requestMigration("host-b");
        cluster.roundsUntil(() -> cluster.network.underway().findAny().isPresent());
        cluster.network.breakMigrationsThrough(b);
        cluster.settle();
        cluster.assertRunsOn("host-a");
        backup = cluster.server.snapshot();

        endAtTheEndOfAMigration();
    }

    private void endAtTheEndOfAMigration() {
        Host a = cluster.host("host-a");
        cluster.ledger.work();
        cluster.users.requestMigration("host-b");
        cluster.roundsUntil(() -> cluster.network.underway().findAny().isPresent());
        cluster.network.advance();
        cluster.faults.crash(a);
        a.powerOn();

        cluster.faults.restore(backup);
        cluster.settle();

        cluster.assertRunsAsRecorded();
        assertThat(cluster.ledger.starts(ClusterUnderTest.VM)).isEqualTo(2);
    }

    /** Its source has forgotten that it has left, too. */
    @Test
    void aGuestThatHasLeftItsSourceRunsWhereItIs() {
        Host a = cluster.host("host-a");
        cluster.faults.saveDisk(a);
        cluster.users.changeStrategy(RunStrategy.Halted);
        cluster.settle();
        cluster.users.changeStrategy(RunStrategy.Always);
        cluster.settle();
        cluster.assertRunsOn("host-a");
        cluster.users.requestMigration("host-b");
        cluster.roundsUntil(() -> cluster.network.underway().findAny().isPresent());
        b.agent().orElseThrow().cutOffFromApiServer(true);
        cluster.network.advance();
        cluster.network.advance();
        cluster.act(a);
        cluster.assertDoesNotRun();

        cluster.faults.restore(backup);
        cluster.faults.setDiskBack(a);
        b.agent().orElseThrow().cutOffFromApiServer(false);
        cluster.settle();

        cluster.assertRunsAsRecorded();
        cluster.assertRunsOn("host-b");
    }

    @Test
    void theFolderThatANodeMadeForTheGuestGoesWithTheVm() {
        cluster.users.requestMigration("host-b");
        cluster.roundsUntil(() -> cluster.incarnation(2)
                .map(VMIncarnation::getStatus)
                .map(VMIncarnationStatus::phase)
                .filter(Phase.Receiving::equals)
                .isPresent());

        cluster.faults.restore(backup);
        cluster.settle();
        cluster.assertRunsOn("host-a");
        cluster.users.delete();
        cluster.settle();

        cluster.users.assertNothingIsLeft(ClusterUnderTest.VM);
    }
}
