package io.trustedlaunch.operator.vm;

import io.trustedlaunch.testkit.FakeApiServer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RunStrategy;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.testkit.Vms;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A new leader, a node that is silent, and data that may come from a backup. */
class RestoredDataTest {
    private static final FakeCluster CLUSTER = new FakeCluster(Instant.parse("2026-01-01T12:00:00Z"));
    private static final int ROUNDS = 20;

    private final History history = new History(CLUSTER, FakeCluster::agents);
    private final FakeAgent hostA = history.agents.getFirst();
    private final FakeAgent hostB = history.agents.getLast();
    private final WatchedLease lease = new WatchedLease(CLUSTER, history);

    /** The VM is applied, but off; both agents remember the last mark. */
    @BeforeEach
    void lead() {
        history.server.createIfAbsent(
                Vms.vm(Vms.spec().runStrategy(RunStrategy.Halted).build()));
        lease.lead(List.of("host-b"));
        lease.answer();
        lease.play(1);
        lease.aMinutePasses();
    }

    @Test
    void aNodeThatDiedBeforeTheOperatorRestartedHoldsUpNoOtherNode() {
        lease.cutOff(hostB);
        history.changeStrategy(RunStrategy.Always);
        lease.lead(List.of("host-a"));
        lease.answer();
        lease.play(ROUNDS);
        assertWaitsForAnswers();

        lease.patienceEnds();
        lease.play(ROUNDS);
        assertThat(history.onlyRunning()).isSameAs(hostA);
    }

    @Test
    void aGuestThatARestoredRecordDoesNotKnowIsAdoptedAndNotStartedElsewhere() {
        history.changeStrategy(RunStrategy.Always);
        FakeApiServer backup = lease.backup();
        lease.play(ROUNDS);
        assertThat(history.onlyRunning()).isSameAs(hostB);
        lease.cutOff(hostB);

        lease.restore(backup);
        leadWithHostAUntilPatienceEnds();
        assertWaitsForAnswers();

        lease.reconnect(hostB);
        lease.answer();
        lease.play(ROUNDS);
        assertThat(history.onlyRunning()).isSameAs(hostB);
        assertThat(history.status().nodeName()).isEqualTo("host-b");
        assertThat(history.status().epoch()).isEqualTo(1);
    }

    /** No mark but that of the incarnation itself was raised between backup and outage. */
    @Test
    void aGuestThatStartedRightAfterTheBackupIsNotForgottenEither() {
        history.changeStrategy(RunStrategy.Always);
        FakeApiServer backup = history.server.snapshot();
        lease.play(ROUNDS);
        assertThat(history.onlyRunning()).isSameAs(hostB);

        lease.restore(backup);
        leadWithHostAUntilPatienceEnds();
        assertWaitsForAnswers();
        assertThat(history.onlyRunning()).isSameAs(hostB);
    }

    @Test
    void aNodeThatMissedTheBackupAndWhatFollowedConfirmsNothing() {
        lease.cutOff(hostA);
        history.changeStrategy(RunStrategy.Always);
        FakeApiServer backup = lease.backup();
        lease.play(ROUNDS);
        lease.cutOff(hostB);
        lease.reconnect(hostA);

        lease.restore(backup);
        leadWithHostAUntilPatienceEnds();
        assertWaitsForAnswers();
        assertThat(history.onlyRunning()).isSameAs(hostB);
    }

    @Test
    void aLeaderThatWaitedLeavesNothingThatItsSuccessorWouldTrust() {
        history.changeStrategy(RunStrategy.Always);
        FakeApiServer backup = lease.backup();
        lease.play(ROUNDS);
        lease.cutOff(hostB);

        lease.restore(backup);
        leadWithHostAUntilPatienceEnds();
        lease.aMinutePasses();
        leadWithHostAUntilPatienceEnds();
        assertWaitsForAnswers();
        assertThat(history.onlyRunning()).isSameAs(hostB);
    }

    @Test
    void aLeaderThatDidNotNoticeTheRestoreReservesNothing() {
        history.changeStrategy(RunStrategy.Always);
        FakeApiServer backup = lease.backup();
        lease.play(ROUNDS);

        lease.restore(backup);
        assertThatThrownBy(() -> lease.play(ROUNDS)).isInstanceOf(FakeOperator.Crash.class);
        assertThat(history.status().epoch()).isNull();
        assertThat(history.server.seen(VMIncarnation.class)).isEmpty();
    }

    private void leadWithHostAUntilPatienceEnds() {
        lease.lead(List.of("host-a"));
        lease.answer(hostA);
        lease.play(1);
        lease.patienceEnds();
        lease.play(ROUNDS);
    }

    private void assertWaitsForAnswers() {
        assertThat(ConditionType.Ready.in(history.status().conditions())).hasValueSatisfying(ready -> {
            assertThat(ready.getReason()).isEqualTo(Reason.AwaitingInventory.name());
            assertThat(ready.getMessage()).contains("host-b");
        });
    }
}
