package io.trustedlaunch.protocol;

import static io.trustedlaunch.protocol.ClusterUnderTest.VM;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.node.NodeFenceStatus.Phase;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.protocol.GuestLedger.Place;
import io.trustedlaunch.protocol.Host.Reach;
import io.trustedlaunch.testkit.FakeApiServer;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A host that lives is said to be dead, is not heard, and writes nothing for two minutes: its VM starts elsewhere. */
class FalseStatementsTest extends RunningVm {
    private static final Duration LOOKS_AGAIN = Duration.ofSeconds(2);

    @Test
    void aGuestOnAHostThatReachesTheStorageAgainEndsWithinTwoSeconds() {
        deceive();

        a.reach(Reach.STORAGE);
        cluster.pass(LOOKS_AGAIN);

        assertOneGuestIsLeft();
    }

    @Test
    void aGuestOnAHostThatIsHeardAgainEndsAtOnceAndTheWordIsContradicted() {
        deceive();

        a.reach(Reach.ALL);
        cluster.act(a);
        cluster.pass(LOOKS_AGAIN);
        cluster.operate();

        assertOneGuestIsLeft();
        assertThat(new HostStatements(cluster.server).fences(a)).containsExactly(Phase.Contradicted);
    }

    /** Its VM was not given away, since no other node took it. All that waits is looked at again when the host is back. */
    @Test
    void aGuestOnAHostThatIsHeardBeforeItsVmWasGivenAwayKeepsItsPower() {
        cluster.power.watch();
        cluster.users.cordon(b, true);
        a.reach(Reach.NOTHING);
        cluster.faults.lie(a, false);
        cluster.rounds(12);
        assertThat(new HostStatements(cluster.server).fences(a)).containsExactly(Phase.Proved);
        cluster.power.mustKeep(VM);

        a.reach(Reach.ALL);
        cluster.users.cordon(b, false);
        cluster.act(a);
        cluster.pass(LOOKS_AGAIN);
        cluster.settle();

        cluster.assertRunsOn("host-a");
        assertThat(cluster.status().epoch()).isEqualTo(1);
        assertThat(new HostStatements(cluster.server).fences(a)).containsExactly(Phase.Contradicted);
    }

    /** It has no key, and so cannot tell from the home. */
    @Test
    void aGuestWhoseAgentWasRestartedMeanwhileEndsAtOnceWhenItsHostIsHeardAgain() {
        deceive();

        a.killAgent();
        a.reach(Reach.ALL);
        cluster.act(a);
        cluster.pass(LOOKS_AGAIN);

        assertOneGuestIsLeft();
    }

    /** Nobody asks for its end: the data was restored from a backup that does not know it. */
    @Test
    void aGuestWhoseAgentWasRestartedEndsAtOnceAlsoIfItsIncarnationIsGone() {
        deceive();

        a.killAgent();
        cluster.server.delete(cluster.incarnation(1).orElseThrow());
        a.reach(Reach.ALL);
        cluster.act(a);
        cluster.act(a);

        assertOneGuestIsLeft();
    }

    @Test
    void aGuestOnAHostThatThawsEndsWithinTwoSeconds() {
        a.freeze(true);
        cluster.faults.lie(a, true);
        cluster.rounds(12);
        cluster.assertRunsOn("host-b");

        a.reach(Reach.STORAGE);
        a.freeze(false);
        cluster.pass(LOOKS_AGAIN);

        assertOneGuestIsLeft();
    }

    /** Its agent writes its beacon. */
    @Test
    void nothingStartsWhileTheHostReachesTheStorage() {
        a.reach(Reach.STORAGE);
        cluster.faults.lie(a, false);
        cluster.rounds(20);

        cluster.assertRunsOn("host-a");
        assertThat(cluster.ledger.running()).hasSize(1);
    }

    /** Its VM was given to host-b, which waits. Once host-a is heard, it stops the guest, and host-b is not needed any more. */
    @Test
    void aDeletedVmKeepsItsFolderWhileTheHostReachesTheStorage() {
        deleteWhileTheHostReachesTheStorage();

        a.reach(Reach.ALL);
        cluster.settle();
        cluster.users.assertNothingIsLeft(VM);
    }

    @Test
    void aDeletedVmLosesItsFolderOnceTheHostWritesNothingMore() {
        deleteWhileTheHostReachesTheStorage();

        cluster.faults.crash(a);
        cluster.settle();
        assertThat(cluster.vm()).isEmpty();
        assertThat(cluster.home(b).folder()).doesNotExist();
    }

    /** It is made anew, when no NodeFence counts any more. */
    @Test
    void aDeletedVmKeepsItsFolderAlsoIfTheIncarnationThatRemovesItWasDeleted() {
        deleteWhileTheHostReachesTheStorage();

        a.reach(Reach.ALL);
        a.startAgent().report(cluster.leader().identity());
        cluster.pass(LOOKS_AGAIN);
        cluster.operate();
        assertThat(new HostStatements(cluster.server).fences(a)).containsExactly(Phase.Contradicted);
        cluster.server.delete(cluster.incarnation(2).orElseThrow());
        cluster.operate();
        cluster.act(b);
        cluster.assertRunsOn("host-a");

        cluster.settle();
        cluster.users.assertNothingIsLeft(VM);
    }

    private void deleteWhileTheHostReachesTheStorage() {
        a.reach(Reach.STORAGE);
        cluster.faults.lie(a, false);
        cluster.roundsUntil(() -> cluster.incarnation(2).isPresent());
        cluster.users.delete();
        cluster.rounds(20);

        cluster.assertRunsOn("host-a");
        assertThat(cluster.status().conditions())
                .anyMatch(condition -> condition.getMessage().contains("host-a's agent writes nothing"));
    }

    /** The guest on the other host seals more after its copy was made, before that host is silent again for two minutes. */
    @Test
    void aStartElsewhereBeginsAnewIfTheHostHasSealedMoreThanItsCopyHas() {
        prepareElsewhere();
        a.reach(Reach.STORAGE);
        cluster.ledger.work();
        cluster.act(a);
        int written = cluster.ledger.tpm(VM);

        a.reach(Reach.NOTHING);
        cluster.rounds(12);

        assertThat(cluster.ledger.running(VM))
                .as(cluster.description())
                .extracting(Place::host)
                .contains(b);
        assertThat(GuestFiles.tpm(b, VM)).isEqualTo(written);
    }

    /** The backup is from before the word, so that no record says any more why the guest would run on host-b. */
    @Test
    void aStartElsewhereOfWhichRestoredDataDoesNotKnowStillNeedsItsProof() {
        FakeApiServer backup = cluster.server.snapshot();
        prepareElsewhere();

        cluster.faults.restore(backup);
        a.reach(Reach.ALL);

        for (int round = 0; round < 20; round++) {
            cluster.operate();
            for (Host host : cluster.hosts) {
                cluster.act(host);
                assertThat(cluster.ledger.running(VM)).as(cluster.description()).hasSizeLessThan(2);
            }
            cluster.pass(ClusterUnderTest.A_WHILE);
        }
        cluster.settle();
        cluster.assertRunsAsRecorded();
    }

    /** Its VM was given to host-b, where its copy is made after two minutes of silence; then the agent there dies. */
    private void prepareElsewhere() {
        a.reach(Reach.NOTHING);
        cluster.faults.lie(a, false);
        for (int round = 0; round < 20 && b.hypervisor().find(VM).isEmpty(); round++) {
            cluster.operate();
            actUntilItsCopyIsMade();
            cluster.pass(Duration.ofSeconds(10));
        }
        assertThat(b.hypervisor().find(VM)).isPresent();
        assertThat(cluster.ledger.running(VM)).hasSize(1);
    }

    private void actUntilItsCopyIsMade() {
        AgentProcess agent = b.startAgent();
        agent.look();
        agent.report(cluster.leader().identity());
        agent.atFailpoint(point -> {
            if (point == Failpoint.AGENT_DOMAIN_CREATED) {
                throw new Died(point.id());
            }
        });
        try {
            agent.act();
        } catch (Died died) {
            b.killAgent();
        }
    }

    private void deceive() {
        a.reach(Reach.NOTHING);
        cluster.faults.lie(a, false);
        cluster.rounds(12);
        assertThat(cluster.ledger.running()).as("guests of one VM").hasSize(2);
        cluster.ledger.work();
    }

    private void assertOneGuestIsLeft() {
        assertThat(cluster.ledger.running(VM))
                .as(cluster.description())
                .extracting(place -> place.host().name())
                .containsExactly("host-b");
        a.reach(Reach.ALL);
        cluster.settle();
        cluster.assertRunsAsRecorded();
        cluster.assertRunsOn("host-b");
    }
}
