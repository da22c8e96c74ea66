package io.trustedlaunch.agent.incarnation;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.gueststate.GuestState;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two clusters have recovered one VM, or two nodes were given one epoch of it: they share its home, and nothing else. */
class RivalClaimTest extends OneHost {
    private World first;
    private World second;

    @BeforeEach
    void recoverTheVmTwice() throws IOException {
        world.server.own(1, "host-a");
        world.passWithRestarts(incarnation);
        world.guestStores("one");
        world.copyChanged();
        world.stop(incarnation);
        first = world.inAnotherCluster("cluster-b", "host-b", 1);
        second = world.inAnotherCluster("cluster-c", "host-c", 1);
    }

    @Test
    void aVmRunsWhereItWasRecoveredFirst() {
        first.start(2, "1-2");
        first.assertRuns();
        assertThat(first.stored()).isEqualTo("one");

        VMIncarnation sameEpoch = second.start(2, "1-2");
        assertThat(second.reason(sameEpoch)).isEqualTo(Reason.HomeClaimedElsewhere);
        assertThat(second.status(sameEpoch).message())
                .contains("guest-state-2-1.p7m", "node host-b of cluster cluster-b");

        VMIncarnation later = second.start(3, "1-2");
        assertThat(second.reason(later)).isEqualTo(Reason.HomeClaimedElsewhere);
        assertThat(second.status(later).message()).contains("node host-b of cluster cluster-b", "approveGuestState");
        assertThat(second.guestsStarted()).isZero();
    }

    /** It was not lost after all. */
    @Test
    void theFirstClusterDoesNotStartItAgain() {
        first.start(2, "1-2");

        assertThat(world.reason(world.start(3, "1-2"))).isEqualTo(Reason.HomeClaimedElsewhere);
    }

    /** The epoch that was recovered is the last one whose states count. */
    @Test
    void whatTheFirstClusterDidLaterIsNotStartedFrom() {
        world.start(2, "1-2");
        world.assertRuns();

        assertThat(first.reason(first.start(3, "1-2"))).isEqualTo(Reason.HomeClaimedElsewhere);
    }

    @Test
    void aStateOfAnotherClusterIsStartedFromOnceItIsApproved() {
        VMIncarnation running = first.start(2, "1-2");
        first.stop(running);
        assertThat(second.reason(second.start(3, "1-2"))).isEqualTo(Reason.HomeClaimedElsewhere);

        second.start(4, "1-2", first.home.versions().getLast());

        second.assertRuns();
        assertThat(second.home.state("4-1").claimant().cluster()).isEqualTo("cluster-c");
    }

    @Test
    void ofTwoThatAreAboutToClaimTheHomeForOneEpochOneDoes() {
        VMIncarnation one = prepare(first, 2);
        VMIncarnation other = prepare(second, 2);

        first.passWithRestarts(one);
        second.passWithRestarts(other);

        first.assertRuns();
        assertThat(second.guestsStarted()).isZero();
        assertThat(second.reason(other)).isEqualTo(Reason.HomeClaimedElsewhere);
    }

    /** Neither has seen the other's claim when it makes its own; each looks again afterwards. */
    @ParameterizedTest
    @ValueSource(longs = {2, 4})
    void ofTwoThatClaimItAtOnceForDifferentEpochsOneRuns(long slowEpoch) {
        VMIncarnation slow = first.incarnation(slowEpoch);
        first.server.own(slowEpoch, "host-b");
        first.atNextHomeWrite(() -> second.start(3, "1-2"));

        first.passWithRestarts(slow);
        first.passWithRestarts(slow);

        second.assertRuns();
        assertThat(first.guestsStarted()).isZero();
        assertThat(first.home.versions()).contains(slowEpoch + "-1", "3-1");
    }

    /** Somebody has put another claimant's line in place of this one's: nothing is sealed after it. */
    @Test
    void aGuestWhoseHomeIsAnothersKeepsItsStateUntilAPersonDecides() throws IOException {
        VMIncarnation running = first.start(2, "1-2");
        first.home.put("2-9", first.status(running).ekDigest(), "another's");
        first.restartAgent();
        first.pass(running);
        assertThat(first.reason(running)).isEqualTo(Reason.HomeClaimedElsewhere);
        first.assertRuns();

        first.stop(running);
        assertThat(first.reason(running)).isEqualTo(Reason.HomeClaimedElsewhere);
        assertThat(first.reason(first.start(3, "1-2"))).isEqualTo(Reason.HomeClaimedElsewhere);
        assertThat(first.home.versions()).doesNotContain("2-10");

        first.start(4, "1-2", "1-2");
        first.assertRuns();
        assertThat(first.stored()).isEqualTo("one");
    }

    /** The cluster was lost before its last incarnation had claimed the home; a new one gives its epoch to the same node. */
    @Test
    void anIncarnationThatClaimedNothingForTheFormerClusterClaimsTheHomeForTheNewOne() {
        VMIncarnation prepared = prepare(first, 2);
        first.server.edit(prepared, spec -> spec.cluster("cluster-d"));

        first.passWithRestarts(prepared);

        first.assertRuns();
        assertThat(first.home.state("2-1").claimant().cluster()).isEqualTo("cluster-d");
    }

    /** Its guest runs on in the new cluster, as the incarnation that it was. */
    @Test
    void aGuestThatClaimedTheHomeForTheFormerClusterKeepsItsClaim() {
        VMIncarnation running = first.start(2, "1-2");
        first.server.edit(running, spec -> spec.cluster("cluster-d"));
        first.restartAgent();
        first.passWithRestarts(running);
        first.guestStores("two");
        first.copyChanged();

        assertThat(first.home.state("2-2").claimant())
                .isEqualTo(first.home.state("2-1").claimant());
    }

    /** It is the guest of this host, whatever the disk with the record was set back to. */
    @Test
    void aGuestWhoseRecordWasLostKeepsItsClaim() throws IOException {
        VMIncarnation running = first.start(2, "1-2");
        GuestState claim = first.home.state("2-1");
        Files.delete(first.record());
        first.restartAgent();
        first.passWithRestarts(running);
        first.guestStores("two");
        assertThat(first.copyChanged()).isEqualTo(Optional.empty());

        assertThat(first.home.state("2-2").claimant()).isEqualTo(claim.claimant());
        assertThat(first.home.tpm("2-2")).contains("two");
    }

    private static VMIncarnation prepare(World cluster, long epoch) {
        VMIncarnation incarnation = cluster.incarnation(epoch);
        cluster.server.own(epoch, incarnation.getSpec().nodeName());
        cluster.dieAt(Failpoint.AGENT_EK_PROBED, incarnation);
        cluster.restartAgent();
        cluster.assertPaused();
        return incarnation;
    }
}
