package io.trustedlaunch.protocol;

import static io.trustedlaunch.protocol.ClusterUnderTest.VM;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Outcome;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Phase;
import io.trustedlaunch.protocol.ClusterUnderTest.Folders;
import io.trustedlaunch.testkit.FakeApiServer;
import io.trustedlaunch.testkit.Vms;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A node dies, is proved dead, is unregistered or comes back, in the middle of something: one interleaving a test. */
class LostNodesTest {
    private ClusterUnderTest cluster;
    private Host a;
    private Host b;

    /** The VM runs on host-a, and has written to its TPM and its disk. All of it is sealed. */
    private void start(Folders folders) {
        begin(folders);
        cluster.start();
        cluster.assertRunsOn("host-a");
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

    /** The guest is being copied to host-b, and runs on host-a. */
    private void startCopying() {
        cluster.users.requestMigration("host-b");
        cluster.roundsUntil(() -> cluster.network.underway().findAny().isPresent());
        cluster.assertRunsOn("host-a");
    }

    @Test
    void aVmIsNotStartedFromDisksThatWereHalfCopiedWhenItsNodeDied() {
        start(Folders.SEPARATE);
        startCopying();
        cluster.ledger.work();

        cluster.faults.fence(a);
        cluster.rounds(20);

        assertThat(cluster.runningOn()).as("its disks are on host-a alone").isEmpty();
        cluster.faults.unfence(a);
        cluster.settle();
        cluster.assertRunsOn("host-a");
    }

    /** The VM's TPM is made for its first start, and what its agent reported of it is lost. */
    private void prepareOnHostA() {
        begin(Folders.SEPARATE);
        cluster.rounds(3);
        cluster.users.cordon(b, true);
        cluster.apply(Vms.vm(Vms.spec().build()));
        for (int pass = 0; pass < 10 && cluster.incarnation(1).isEmpty(); pass++) {
            cluster.operate();
        }
        // It sees a mark that is raised once it has seen another one.
        cluster.act(a);
        cluster.leader().raiseMark();
        cluster.act(a);
        assertThat(cluster.tpms.made()).isEqualTo(1);
        cluster.server.loseStatus(cluster.incarnation(1).orElseThrow());
    }

    @Test
    void aVmWhoseFirstNodeIsProvedDeadBeforeItsTpmIsOnRecordStartsElsewhere() {
        prepareOnHostA();

        cluster.faults.fence(a);
        cluster.users.cordon(b, false);
        cluster.settle();

        cluster.assertRunsOn("host-b");
    }

    /** Its host was heard again before the guest ran elsewhere: what it wrote meanwhile is what the VM goes on with. */
    @Test
    void aFalseWordThatIsContradictedInTimeCostsARestartAndNothingElse() {
        start(Folders.SHARED);
        a.reach(Host.Reach.STORAGE);
        cluster.faults.lie(a, false);
        for (int pass = 0; pass < 8; pass++) {
            cluster.operate();
            cluster.pass(Duration.ofSeconds(10));
        }
        assertThat(cluster.status().nodeName()).isEqualTo("host-b");
        cluster.ledger.work();

        a.reach(Host.Reach.ALL);
        cluster.act(b);
        cluster.settle();

        cluster.assertRunsAsRecorded();
        assertThat(cluster.status().epoch()).isEqualTo(3);
    }

    /** It runs elsewhere, and the API server's data was restored from before that. */
    @Test
    void aFirstStartOfRestoredDataWaitsUntilAllNodesHaveReported() {
        prepareOnHostA();
        FakeApiServer backup = cluster.server.snapshot();
        cluster.faults.fence(a);
        cluster.users.cordon(b, false);
        cluster.settle();
        cluster.assertRunsOn("host-b");

        cluster.faults.restore(backup);
        cluster.faults.unfence(a);
        for (int pass = 0; pass < 5; pass++) {
            cluster.operate();
            cluster.act(a);
        }
        assertThat(cluster.ledger.running(VM)).hasSize(1);
        cluster.settle();

        cluster.assertRunsAsRecorded();
        cluster.assertRunsOn("host-b");
    }

    @Test
    void anIncarnationThatWaitedForAGuestThatNeverLeftItsNodeHasNeverRun() {
        start(Folders.SHARED);
        startCopying();
        cluster.ledger.work();
        cluster.ledger.allowTpm(VM, 1);

        cluster.faults.fence(a);
        b.hypervisor().find(VM).ifPresent(domain -> assertThat(domain.epoch()).isEqualTo(2));
        for (int round = 0; round < 20; round++) {
            cluster.round();
            cluster.incarnation(2)
                    .map(VMIncarnation::getStatus)
                    .filter(status -> status.exit() != null)
                    .ifPresent(status -> {
                        assertThat(status.exit()).isEqualTo(Exit.NeverRan);
                        assertThat(status.guestState()).matches(state -> state == null || !state.complete());
                    });
        }
    }

    @Test
    void aVmWhoseNodeIsProvedDeadInAMigrationStartsFromTheNewestStateAtHome() {
        start(Folders.SHARED);
        startCopying();
        cluster.ledger.work();
        cluster.ledger.allowTpm(VM, 1);

        cluster.faults.fence(a);
        cluster.settle();

        cluster.assertRunsOn("host-b");
        assertThat(cluster.status().guestState().home().nodeName()).isEqualTo("host-b");
    }

    @Test
    void aVmWhoseNodeIsSilentDoesNotStartElsewhere() {
        start(Folders.SHARED);
        startCopying();

        a.powerOff();
        cluster.network.react();
        cluster.rounds(20);

        assertThat(cluster.runningOn())
                .as("what the guest wrote last may be on host-a alone, and nothing proves that it is dead")
                .isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Folders.class)
    void aSourceThatIsUnregisteredForAMomentHasNotHandedOverItsGuest(Folders folders) {
        start(folders);
        startCopying();

        cluster.faults.deleteClusterNode(a);
        cluster.operate();
        a.startAgent().look();
        a.startAgent().report(cluster.leader().identity());
        cluster.operate();
        cluster.operate();
        cluster.network.advance();
        cluster.act(b);
        cluster.network.cut(a, b);
        cluster.check();

        cluster.assertRunsOn("host-a");
    }

    @ParameterizedTest
    @EnumSource(Folders.class)
    void aGuestWhoseMigrationFailsIsKeptAlthoughItsNodeWasUnregisteredForAMoment(Folders folders) {
        start(folders);
        startCopying();

        cluster.faults.deleteClusterNode(a);
        cluster.operate();
        cluster.operate();
        cluster.act(a);
        cluster.network.cut(a, b);
        cluster.rounds(20);

        cluster.assertRunsOn("host-a");
        assertThat(cluster.ledger.starts(VM))
                .as("how often the guest was started")
                .isEqualTo(1);
        assertThat(cluster.status().migration().outcome()).isEqualTo(Outcome.Stayed);
    }

    @Test
    void aNodeThatWasClearedBeforeAFirstStartElsewhereTakesTheVmLater() {
        startElsewhereAfterAClearedNode(Folders.SEPARATE);

        cluster.users.requestMigration("host-a");
        cluster.settle();

        cluster.assertRunsOn("host-a");
    }

    @Test
    void aNodeThatWasClearedBeforeAFirstStartElsewhereStartsTheVmLater() {
        startElsewhereAfterAClearedNode(Folders.SHARED);

        cluster.users.changeStrategy(RunStrategy.Halted);
        cluster.rounds(2);
        b.hypervisor().powerOff(VM);
        cluster.settle();
        cluster.users.cordon(b, true);
        cluster.users.changeStrategy(RunStrategy.Always);
        cluster.settle();

        cluster.assertRunsOn("host-a");
    }

    @Test
    void aNodeThatWasClearedAndFitsAgainStartsTheVm() {
        hinderFirstStart(Folders.SEPARATE);
        cluster.roundsUntil(() -> cluster.incarnation(1)
                .map(VMIncarnation::getStatus)
                .filter(status -> status.phase() == VMIncarnationStatus.Phase.Erased)
                .isPresent());

        cluster.users.cordon(a, false);
        cluster.users.cordon(b, true);
        cluster.settle();

        cluster.assertRunsOn("host-a");
    }

    /** What was prepared there stays in a folder that no other node has: an administrator removes it (docs/failover.md). */
    @ParameterizedTest
    @EnumSource(Folders.class)
    void aFirstStartGoesOnElsewhereIfTheNodeThatIsBeingClearedIsProvedDead(Folders folders) {
        hinderFirstStart(folders);
        cluster.act(a);
        for (int pass = 0; pass < 10 && !isBeingCleared(); pass++) {
            cluster.operate();
        }
        assertThat(isBeingCleared()).isTrue();

        cluster.faults.fence(a);
        cluster.settle();

        cluster.assertRunsOn("host-b");
        cluster.assertRunsAsRecorded();
    }

    private boolean isBeingCleared() {
        return cluster.incarnation(1)
                .filter(incarnation -> incarnation.getSpec().desiredState() == DesiredState.Erased)
                .isPresent();
    }

    private void startElsewhereAfterAClearedNode(Folders folders) {
        hinderFirstStart(folders);
        cluster.settle();
        cluster.assertRunsOn("host-b");
        cluster.users.cordon(a, false);
        cluster.rounds(2);
    }

    /** The image could not be read on host-a, until that is mended and the machine is changed; now host-a is cordoned. */
    private void hinderFirstStart(Folders folders) {
        begin(folders);
        a.lackImage(true);
        cluster.apply(io.trustedlaunch.testkit.Vms.vm(
                io.trustedlaunch.testkit.Vms.spec().build()));
        cluster.rounds(6);
        assertThat(cluster.incarnation(1)).isPresent();
        cluster.assertDoesNotRun();
        a.lackImage(false);
        cluster.users.cordon(a, true);
        cluster.users.edit(spec -> spec.cores(1));
        // No pass of host-a before the operator has asked it to stop.
        cluster.operate();
    }

    @ParameterizedTest
    @EnumSource(Folders.class)
    void aVmInItsFirstIncarnationSurvivesARestoreThroughTheApi(Folders folders) {
        start(folders);

        cluster.faults.recreateFrom(cluster.server.snapshot());
        cluster.rounds(20);

        assertThat(cluster.ledger.running(VM)).as("the guest that ran before").hasSize(1);
        assertThat(a.vms().resolve(VM.toString())).isNotEmptyDirectory();
    }

    @Test
    void noTpmIsMadeAgainOnAHostWhoseDiskIsFromBeforeTheVm() {
        begin(Folders.SEPARATE);
        Snapshot before = a.snapshot(true);
        cluster.start();
        cluster.assertRunsOn("host-a");
        cluster.ledger.work();
        cluster.rounds(2);

        a.powerOff();
        before.restore();
        a.powerOn();
        cluster.rounds(20);

        assertThat(cluster.tpms.made()).isEqualTo(1);
        cluster.assertDoesNotRun();
    }

    @Test
    void aVmWhoseNodeIsProvedDeadStartsElsewhereWithItsTpm() {
        start(Folders.SHARED);
        cluster.faults.fence(a);
        cluster.settle();

        cluster.assertRunsOn("host-b");
        assertThat(cluster.tpms.made()).isEqualTo(1);
    }

    /** Nothing has run in the boot that it was heard from, which nobody can name in a statement. */
    @Test
    void aHostThatDiesRightAfterItsAgentWasHeardFromAnotherBootIsProvedDead() {
        start(Folders.SHARED);
        a.powerOff();
        cluster.rounds(1);
        a.powerOn();
        a.startAgent().beat();
        cluster.operate();

        cluster.faults.fence(a);
        cluster.settle();

        cluster.assertRunsOn("host-b");
    }

    /**
     * Its agent has renewed its Lease, and has not reported its host yet: what was made now would be for the boot that is over.
     */
    @Test
    void aVmIsNotGivenBackToADeadNodeBeforeItsNextBootIsReported() {
        start(Folders.SHARED);
        cluster.faults.fence(a);
        for (int pass = 0; pass < 10 && !cluster.faults.isProvedDead(a); pass++) {
            cluster.pass(Duration.ofSeconds(10));
            cluster.operate();
        }
        assertThat(cluster.status().nodeName()).isEqualTo("host-a");

        a.powerOn();
        a.startAgent().beat();
        for (int pass = 0; pass < 5; pass++) {
            cluster.operate();
        }

        assertThat(cluster.status().nodeName()).isEqualTo("host-b");
        cluster.settle();
        cluster.assertRunsAsRecorded();
    }

    @ParameterizedTest
    @EnumSource(Folders.class)
    void aVmWhoseNodeIsProvedDeadCanBeHalted(Folders folders) {
        start(folders);
        cluster.faults.fence(a);
        cluster.rounds(3);

        cluster.users.changeStrategy(RunStrategy.Halted);
        cluster.settle();

        assertThat(cluster.status().phase()).isEqualTo(Phase.Halted);
    }
}
