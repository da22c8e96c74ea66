package io.trustedlaunch.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.operator.vm.FakeOperator;
import io.trustedlaunch.protocol.ClusterUnderTest.Folders;
import io.trustedlaunch.testkit.FakeApiServer;
import io.trustedlaunch.testkit.Vms;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A new leader, a node that is silent, and data that may come from a backup. */
class RestoredDataTest {
    /** Longer than a leader waits for agents that are alive. */
    private static final int ROUNDS = 10;

    private final ClusterUnderTest cluster = new ClusterUnderTest(Folders.SEPARATE, "host-a", "host-b");
    private final Host a = cluster.host("host-a");
    private final Host b = cluster.host("host-b");
    private final List<Host> inTouch = new ArrayList<>(cluster.hosts);

    /** The VM is applied, but off; both agents remember the last mark. */
    @BeforeEach
    void lead() {
        cluster.operators.shareLease();
        cluster.raiseMarksByHand();
        cluster.apply(Vms.vm(Vms.spec().runStrategy(RunStrategy.Halted).build()));
        rounds(3);
        aMinutePasses();
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    /** The other agent restarts as well: the mark is on its host. */
    @Test
    void aNodeThatDiedBeforeTheOperatorRestartedHoldsUpNoOtherNode() {
        goesSilent(a);
        cluster.users.changeStrategy(RunStrategy.Always);
        b.killAgent();
        cluster.operators.newLeader();
        rounds(1);
        leadOn();
        assertWaitsForHostA();
        assertThat(cluster.incarnations()).isEmpty();

        rounds(ROUNDS);
        cluster.assertRunsOn("host-b");
    }

    /** Its key is younger than the backup as well: it is lost, and none is made in its place. */
    @Test
    void aGuestThatARestoredRecordDoesNotKnowIsAdoptedAndNotStartedElsewhere() {
        FakeApiServer backup = backUpAndStartOnHostA();
        goesSilent(a);

        cluster.faults.restore(backup);
        rounds(ROUNDS);
        assertWaitsForHostA();

        inTouch.add(a);
        rounds(ROUNDS);
        cluster.assertRunsOn("host-a");
        assertThat(cluster.status().nodeName()).isEqualTo("host-a");
        assertThat(cluster.status().epoch()).isEqualTo(1);
        assertThat(cluster.ledger.starts(ClusterUnderTest.VM)).isEqualTo(1);
        assertThat(cluster.server.secrets()).isZero();
    }

    /** Nothing that has run is lost; but its TPM is sealed under that key, and another one is not made. */
    @Test
    void soIsTheKeyOfAGuestThatHasItsTpmAndHasNotRunYet() {
        cluster.users.changeStrategy(RunStrategy.Always);
        FakeApiServer backup = backUp();
        for (int round = 0; cluster.home(a).versions().isEmpty() && round < ROUNDS; round++) {
            rounds(1);
        }
        cluster.assertDoesNotRun();

        cluster.faults.restore(backup);
        rounds(ROUNDS);
        cluster.assertDoesNotRun();
        assertThat(cluster.tpms.made()).isEqualTo(1);
        assertThat(cluster.server.secrets()).isZero();
        assertThat(new Remedies(cluster).isKeyLost()).as(cluster.description()).isTrue();
    }

    /** docs/recovery.md: it cannot be migrated until the key is back. Nobody needs to ask for it again then. */
    @Test
    void aMigrationOfAGuestWhoseKeyIsYoungerThanTheBackupWaitsForTheKey() {
        FakeApiServer backup = backUpAndStartOnHostA();
        Secret key =
                cluster.server.find(Secret.class, cluster.identity().toString()).orElseThrow();
        cluster.faults.restore(backup);
        rounds(ROUNDS);
        cluster.users.requestMigration("host-b");
        cluster.settle();
        cluster.assertRunsOn("host-a");
        cluster.assertMigrationsHaveEnded();

        cluster.server.put(key);
        cluster.settle();
        cluster.assertRunsOn("host-b");
        cluster.assertMigrationsHaveEnded();
        assertThat(cluster.ledger.starts(ClusterUnderTest.VM)).isEqualTo(2);
    }

    /** No mark but that of the incarnation itself was raised between backup and outage. */
    @Test
    void aGuestThatStartedRightAfterTheBackupIsNotForgottenEither() {
        cluster.users.changeStrategy(RunStrategy.Always);
        FakeApiServer backup = cluster.server.snapshot();
        startOnHostA();
        loses(a);

        cluster.faults.restore(backup);
        rounds(ROUNDS);
        assertWaitsForHostA();
        cluster.assertRunsOn("host-a");
    }

    @Test
    void aNodeThatMissedTheBackupAndWhatFollowedConfirmsNothing() {
        goesSilent(b);
        FakeApiServer backup = backUpAndStartOnHostA();
        goesSilent(a);
        inTouch.add(b);

        cluster.faults.restore(backup);
        rounds(ROUNDS);
        assertWaitsForHostA();
        cluster.assertRunsOn("host-a");
    }

    @Test
    void aLeaderThatWaitedLeavesNothingThatItsSuccessorWouldTrust() {
        FakeApiServer backup = backUpAndStartOnHostA();
        goesSilent(a);

        cluster.faults.restore(backup);
        rounds(ROUNDS);
        aMinutePasses();
        cluster.operators.newLeader();
        rounds(ROUNDS);
        assertWaitsForHostA();
        cluster.assertRunsOn("host-a");
    }

    @Test
    void aLeaderThatDidNotNoticeTheRestoreReservesNothing() {
        FakeApiServer backup = backUpAndStartOnHostA();

        cluster.server.restore(backup);
        assertThatThrownBy(this::leadOn).isInstanceOf(FakeOperator.Crash.class);
        assertThat(cluster.status().epoch()).isNull();
        assertThat(cluster.incarnations()).isEmpty();
    }

    /** Time stands still. */
    private void leadOn() {
        for (int pass = 0; pass < ROUNDS; pass++) {
            cluster.leader().look();
            cluster.leader().pass();
        }
    }

    private FakeApiServer backUpAndStartOnHostA() {
        cluster.users.changeStrategy(RunStrategy.Always);
        FakeApiServer backup = backUp();
        startOnHostA();
        return backup;
    }

    private void startOnHostA() {
        rounds(ROUNDS);
        cluster.assertRunsOn("host-a");
    }

    /** It has seen the last mark, and misses the next one. */
    private void goesSilent(Host host) {
        aMinutePasses();
        loses(host);
        aMinutePasses();
    }

    /** Its guest runs on. */
    private void loses(Host host) {
        host.killAgent();
        inTouch.remove(host);
    }

    /** With a mark of its own, and another one after it. */
    private FakeApiServer backUp() {
        aMinutePasses();
        FakeApiServer backup = cluster.server.snapshot();
        aMinutePasses();
        return backup;
    }

    /** The leader raises its mark. Agents watch its Lease all the time. */
    private void aMinutePasses() {
        look();
        cluster.pass(Duration.ofSeconds(30));
        look();
        cluster.pass(Duration.ofSeconds(30));
        cluster.leader().raiseMark();
        look();
    }

    private void look() {
        inTouch.forEach(host -> host.startAgent().look());
    }

    private void rounds(int count) {
        for (int round = 0; round < count; round++) {
            cluster.operate();
            inTouch.forEach(cluster::act);
            cluster.pass(ClusterUnderTest.A_WHILE);
        }
    }

    private void assertWaitsForHostA() {
        assertThat(ConditionType.Ready.in(cluster.status().conditions())).hasValueSatisfying(ready -> {
            assertThat(ready.getReason()).isEqualTo(Reason.AwaitingInventory.name());
            assertThat(ready.getMessage()).contains("host-a");
        });
    }
}
