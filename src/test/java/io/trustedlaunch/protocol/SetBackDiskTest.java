package io.trustedlaunch.protocol;

import static io.trustedlaunch.protocol.ClusterUnderTest.VM;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecBuilder;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.protocol.ClusterUnderTest.Folders;
import io.trustedlaunch.testkit.FakeApiServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A host's disk is set back to a snapshot, and with it the working copies there and what the agent remembers. The API server
 * still has on record what happened since. The ledger finds a guest that starts from less.
 */
class SetBackDiskTest {
    private ClusterUnderTest cluster;
    private Host a;
    private Host b;

    /** The VM runs on host-a. The guest has written to its TPM just before the snapshot, so that this was never sealed. */
    private void startAndSave(Folders folders) {
        begin(folders);
        cluster.start();
        cluster.assertRunsOn("host-a");
        cluster.ledger.work();
        cluster.faults.saveDisk(a);
        cluster.ledger.work();
        cluster.rounds(2);
    }

    private void begin(Folders folders) {
        cluster = new ClusterUnderTest(folders, "host-a", "host-b");
        a = cluster.host("host-a");
        b = cluster.host("host-b");
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    private void halt() {
        cluster.users.changeStrategy(RunStrategy.Halted);
        cluster.rounds(2);
        cluster.ledger.running(VM).forEach(place -> place.host().hypervisor().powerOff(VM));
        cluster.settle();
        cluster.assertDoesNotRun();
    }

    private void startAgain() {
        cluster.users.changeStrategy(RunStrategy.Always);
        cluster.settle();
    }

    private long reportedGeneration() {
        return cluster.incarnation(1)
                .orElseThrow()
                .getStatus()
                .guestState()
                .version()
                .generation();
    }

    private Reason reason() {
        return ConditionType.Ready.in(cluster.status().conditions())
                .map(condition -> Reason.valueOf(condition.getReason()))
                .orElseThrow();
    }

    @Test
    void aWorkingCopyFromBeforeACompleteEndIsNotSealedOverIt() {
        startAndSave(Folders.SHARED);
        halt();
        cluster.faults.setDiskBack(a);

        startAgain();

        cluster.assertRunsAsRecorded();
    }

    @Test
    void aWorkingCopyFromBeforeACompleteEndIsNotSealedOverItAlthoughTheReportOfTheEndIsLost() {
        startAndSave(Folders.SHARED);
        halt();
        cluster.faults.setDiskBack(a);
        cluster.server.loseStatus(cluster.incarnation(1).orElseThrow());

        cluster.settle();
        startAgain();

        cluster.assertRunsAsRecorded();
    }

    @Test
    void aWorkingCopyFromBeforeACompleteEndIsNotSealedOverItAlthoughTheOperatorHasNotSeenTheEnd() {
        startAndSave(Folders.SHARED);
        a.hypervisor().powerOff(VM);
        cluster.act(a);
        cluster.faults.setDiskBack(a);
        cluster.act(a);

        cluster.settle();

        cluster.assertRunsAsRecorded();
    }

    /** Its agent has seen the next epoch by then, and reports no state of the one before. */
    @Test
    void norIfTheReportOfTheEndIsLostOnceTheNextEpochIsKnown() {
        startAndSave(Folders.SEPARATE);
        halt();
        cluster.users.changeStrategy(RunStrategy.Always);
        while (cluster.incarnation(2).isEmpty()) {
            cluster.operate();
        }
        VMIncarnation next = cluster.incarnation(2).orElseThrow();
        next.setSpec(
                VMIncarnationSpecBuilder.builder(next.getSpec()).envelope(null).build());
        cluster.server.put(next);
        cluster.server.loseStatus(cluster.incarnation(1).orElseThrow());
        cluster.act(a);
        cluster.operate();
        cluster.faults.setDiskBack(a);

        cluster.settle();

        cluster.assertDoesNotRun();
        assertThat(reason()).isEqualTo(Reason.GuestStateRolledBack);
        new Remedies(cluster).apply();
        cluster.assertRunsAsRecorded();
    }

    /** What a fenced host reported last is the floor, and the host comes back with less. */
    @Test
    void aWorkingCopyFromBeforeTheFloorIsNotSealedAsThatState() {
        startAndSave(Folders.SEPARATE);
        cluster.roundsUntil(() -> reportedGeneration() > 1);
        cluster.faults.fence(a);
        cluster.settle();
        cluster.faults.setDiskBack(a);
        a.powerOn();

        cluster.settle();

        cluster.assertDoesNotRun();
        assertThat(reason()).isEqualTo(Reason.GuestStateRolledBack);
    }

    @ParameterizedTest
    @EnumSource(Folders.class)
    void anIncarnationThatReportedThatItRunsIsNotBegunAgain(Folders folders) {
        startAndSave(folders);
        halt();
        startAgain();
        cluster.faults.setDiskBack(a);

        cluster.settle();

        assertThat(cluster.incarnation(2).isEmpty() || cluster.ledger.starts(VM) == 2)
                .as(cluster.description())
                .isTrue();
        new Remedies(cluster).apply();
        cluster.assertRunsAsRecorded();
    }

    @ParameterizedTest
    @EnumSource(Folders.class)
    void anIncarnationThatReportedItsEndIsNotBegunAgain(Folders folders) {
        startAndSave(folders);
        halt();
        startAgain();
        cluster.ledger.work();
        a.hypervisor().powerOff(VM);
        cluster.act(a);
        cluster.faults.setDiskBack(a);

        cluster.act(a);
        cluster.act(a);
        cluster.settle();

        new Remedies(cluster).apply();
        cluster.assertRunsAsRecorded();
    }

    @ParameterizedTest
    @EnumSource(Folders.class)
    void anIncarnationWhoseClaimIsOnRecordIsNotBegunAgainAlthoughItsReportIsLost(Folders folders) {
        startAndSave(folders);
        halt();
        startAgain();
        cluster.ledger.work();
        a.hypervisor().powerOff(VM);
        cluster.act(a);
        cluster.operate();
        cluster.faults.setDiskBack(a);
        cluster.server.loseStatus(cluster.incarnation(2).orElseThrow());

        cluster.settle();

        new Remedies(cluster).apply();
        cluster.assertRunsAsRecorded();
    }

    @Test
    void noTpmIsMadeAgainAlthoughTheReportOfTheFirstStartIsLost() {
        begin(Folders.SEPARATE);
        cluster.faults.saveDisk(a);
        cluster.start();
        cluster.assertRunsOn("host-a");
        cluster.faults.setDiskBack(a);
        cluster.server.loseStatus(cluster.incarnation(1).orElseThrow());

        cluster.settle();

        assertThat(cluster.tpms.made()).isEqualTo(1);
        cluster.assertDoesNotRun();
        assertThat(reason()).isEqualTo(Reason.TpmStateMissing);
    }

    @ParameterizedTest
    @EnumSource(Folders.class)
    void aSourceThatForgotThatItsGuestHasLeftIsNotKept(Folders folders) {
        begin(folders);
        cluster.faults.saveDisk(a);
        cluster.start();
        cluster.assertRunsOn("host-a");
        leave();
        cluster.faults.setDiskBack(a);
        cluster.operate();
        cluster.operate();

        cluster.settle();

        cluster.assertRunsAsRecorded();
        cluster.assertRunsOn("host-b");
    }

    /** The guest runs on host-b, and the agent on host-a has reported that it has left. */
    private void leave() {
        cluster.users.requestMigration("host-b");
        cluster.roundsUntil(() -> cluster.network.underway().findAny().isPresent());
        cluster.network.advanceUntilLeft();
        cluster.act(a);
        cluster.operate();
        cluster.act(b);
    }

    @ParameterizedTest
    @EnumSource(Folders.class)
    void aMigrationEndsAlthoughItsSourceHasLostItsMemory(Folders folders) {
        begin(folders);
        cluster.faults.saveDisk(a);
        cluster.start();
        cluster.assertRunsOn("host-a");
        cluster.users.requestMigration("host-b");
        cluster.roundsUntil(() -> cluster.network.underway().findAny().isPresent());
        cluster.faults.setDiskBack(a);
        cluster.server.loseStatus(cluster.incarnation(1).orElseThrow());

        cluster.settle();

        assertThat(cluster.status().migration().outcome()).isNotNull();
        new Remedies(cluster).apply();
    }

    @Test
    void oneRestartIsEnoughAlthoughTheRestoredRecordIsSeveralEpochsOlderThanTheHome() {
        begin(Folders.SHARED);
        b.powerOff();
        cluster.start();
        cluster.faults.saveDisk(a);
        FakeApiServer backup = cluster.server.snapshot();
        for (int restart = 0; restart < 3; restart++) {
            halt();
            startAgain();
        }
        cluster.faults.setDiskBack(a);
        cluster.faults.restore(backup);
        b.powerOn();
        cluster.settle();
        assertThat(reason()).isEqualTo(Reason.GuestStateOfLaterEpoch);

        new Remedies(cluster).apply();

        cluster.assertRunsAsRecorded();
    }

    /** Disks that are made anew for a guest that has left its source are no copies. */
    @Test
    void aTargetThatForgotWhatItReceivedDoesNotPrepareForItAgain() {
        begin(Folders.SEPARATE);
        cluster.start();
        cluster.assertRunsOn("host-a");
        cluster.ledger.work();
        cluster.faults.saveDisk(b);
        cluster.users.requestMigration("host-b");
        cluster.roundsUntil(() -> cluster.network.underway().findAny().isPresent());
        cluster.network.advance();
        cluster.network.advance();
        cluster.faults.setDiskBack(b);

        cluster.settle();

        cluster.assertRunsAsRecorded();
        cluster.assertRunsOn("host-a");
    }

    /** The guest has started again on its target before its source handed over what it left. */
    @Test
    void aSourceThatForgotWhereItsGuestWentDoesNotKeepItsFiles() {
        begin(Folders.SEPARATE);
        cluster.start();
        cluster.assertRunsOn("host-a");
        cluster.users.requestMigration("host-b");
        cluster.roundsUntil(() -> cluster.network.underway().findAny().isPresent());
        cluster.faults.saveDisk(a);
        cluster.network.cut(a, b);
        cluster.network.react();
        cluster.roundsUntil(() -> cluster.status().migration().outcome() != null);
        cluster.network.mend();
        leave();
        startAgainOnTarget();
        cluster.faults.setDiskBack(a);
        cluster.server.loseStatus(cluster.incarnation(1).orElseThrow());
        cluster.network.mend();

        cluster.settle();

        cluster.assertRunsAsRecorded();
        cluster.assertRunsOn("host-b");
    }

    private void startAgainOnTarget() {
        long epoch = cluster.status().epoch();
        cluster.network.cut(a, b);
        b.hypervisor().powerOff(VM);
        cluster.roundsUntil(
                () -> cluster.status().epoch() > epoch && cluster.runningOn().isPresent());
    }

    @Test
    void norDoesASourceThatForgotItsGuest() {
        begin(Folders.SEPARATE);
        cluster.faults.saveDisk(a);
        cluster.start();
        cluster.assertRunsOn("host-a");
        leave();
        startAgainOnTarget();
        cluster.rounds(2);
        cluster.faults.setDiskBack(a);
        cluster.network.mend();

        cluster.settle();

        cluster.assertRunsAsRecorded();
        cluster.assertRunsOn("host-b");
    }
}
