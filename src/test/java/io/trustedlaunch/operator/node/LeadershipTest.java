package io.trustedlaunch.operator.node;

import static io.trustedlaunch.operator.node.Answers.LEADER;
import static io.trustedlaunch.operator.node.Answers.answered;
import static io.trustedlaunch.operator.node.Answers.silent;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.controller.StaleViewException;
import io.trustedlaunch.custody.Mark;
import io.trustedlaunch.custody.MarkKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LeadershipTest {
    private static final MarkKey KEY = MarkKey.derivedFrom(new byte[] {1});

    private final List<String> ends = new ArrayList<>();
    private Optional<Lease> lease = Optional.of(lease(LEADER, KEY.issue(412)));
    private long nanoTime;
    private Runnable beforeTheWrite = () -> {};
    private boolean isRenewalDue;
    private Runnable pause = () -> {};
    private final Leadership leadership = new Leadership(LEADER, new FakeLease(), () -> KEY, () -> nanoTime, ends::add);

    @Test
    void theMarkRisesOnlyOnceTheDataIsKnownToBeCurrent() {
        awaited(List.of(silent("a")));
        leadership.raise();
        assertThat(mark()).isEqualTo(412);

        assertThat(awaited(List.of(answered("a", KEY.issue(412))))).isEmpty();
        leadership.raise();
        assertThat(mark()).isEqualTo(413);
    }

    @Test
    void theMarkRisesEveryMinute() {
        lead();
        leadership.raiseIfDue();
        assertThat(mark()).isEqualTo(412);

        nanoTime = Duration.ofMinutes(1).toNanos();
        leadership.raiseIfDue();
        leadership.raiseIfDue();
        assertThat(mark()).isEqualTo(413);
    }

    /** A node that was booted a moment ago: if this leader and the others die soon, it alone can vouch for the data. */
    @Test
    void theMarkRisesAtOnceIfANodeDoesNotRememberIt() {
        awaited(List.of(answered("a", KEY.issue(411)), answered("b", KEY.issue(412)), answered("c", KEY.issue(412))));
        leadership.raiseIfDue();
        leadership.raiseIfDue();

        assertThat(mark()).isEqualTo(413);
    }

    @Test
    void aNodeThatFallsSilentLaterIsNotAwaited() {
        lead();
        assertThat(awaited(List.of(silent("a")))).isEmpty();
    }

    @Test
    void withoutANodeNothingIsKnown() {
        lease = Optional.of(lease(LEADER));
        assertThat(awaited(List.of())).isEmpty();
        assertThat(awaited(List.of(silent("a")))).containsExactly("a");
    }

    @Test
    void theTimeToAnswerBeginsWithTheLeadership() {
        List<ClusterNode> nodes = List.of(answered("a", KEY.issue(412)), silent("dead"));
        nanoTime = AgentLiveness.TIMEOUT.toNanos();
        assertThat(awaited(nodes)).containsExactly("dead");
        nanoTime *= 2;
        assertThat(awaited(nodes)).isEmpty();
    }

    @Test
    void afterARestoreTheMarkRisesAboveAllThatWereEverIssued() {
        List<ClusterNode> nodes = List.of(answered("a", KEY.issue(500)));
        awaited(nodes);
        nanoTime = AgentLiveness.TIMEOUT.toNanos();
        assertThat(awaited(nodes)).isEmpty();
        leadership.raise();
        assertThat(mark()).isEqualTo(501);
    }

    @Test
    void aRenewalBetweenReadAndWriteIsNoFault() {
        lead();
        beforeTheWrite = this::failOnce;
        leadership.raise();
        assertThat(mark()).isEqualTo(413);
    }

    /** The election tries again only after a while, and a leader whose attempts fail in a row ends. */
    @Test
    void aMarkWaitsUntilTheDueRenewalIsDone() {
        lead();
        isRenewalDue = true;
        pause = () -> {
            assertThat(mark()).isEqualTo(412);
            isRenewalDue = false;
        };
        leadership.raise();
        assertThat(isRenewalDue).isFalse();
        assertThat(mark()).isEqualTo(413);
    }

    @Test
    void aProcessThatStopsWhileAMarkWaitsGivesItsLeaseUp() {
        lead();
        isRenewalDue = true;
        pause = () -> CompletableFuture.runAsync(leadership::release)
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
        leadership.raise();
        assertThat(holder()).isEmpty();
        assertThat(mark()).isEqualTo(412);
    }

    @Test
    void aWriteWithoutAnAnswerMayHaveSucceededOrNot() {
        lead();
        beforeTheWrite = () -> {
            throw new IllegalStateException("timeout");
        };
        assertThatThrownBy(leadership::raise).hasMessage("timeout");
        lease = Optional.of(lease(LEADER, KEY.issue(413)));
        beforeTheWrite = () -> {};
        leadership.raise();
        assertThat(mark()).isEqualTo(414);
        assertThat(ends).isEmpty();
    }

    /** The Lease may have been renewed since: by the time in it, the restore would not show. */
    @Test
    void aLeaderWhoseMarkIsGoneFromTheDataEnds() {
        lead();
        leadership.raise();
        lease = Optional.of(lease(LEADER, KEY.issue(412)));
        assertEnds("restored from a backup");
    }

    @Test
    void aLeaderWhoseLeaseWasMadeAnewEnds() {
        awaited(List.of(silent("a")));
        lease = Optional.of(lease(LEADER));
        assertEnds("restored from a backup");
    }

    @Test
    void aLeaderThatAnotherProcessHasReplacedEnds() {
        lead();
        lease = Optional.of(lease("another", KEY.issue(412)));
        assertEnds("another process holds");
    }

    @Test
    void aLeaderWhoseLeaseWasDeletedEnds() {
        lead();
        lease = Optional.empty();
        assertEnds("was deleted");
    }

    @Test
    void aLeaderThatStopsGivesItsLeaseUp() {
        lead();
        leadership.release();
        assertThat(holder()).isEmpty();
    }

    @Test
    void aRenewalJustBeforeTheReleaseIsNoFault() {
        lead();
        beforeTheWrite = this::failOnce;
        leadership.release();
        assertThat(holder()).isEmpty();
    }

    @Test
    void aProcessThatWaitsForTheLeaseLeavesItToItsHolder() {
        lease = Optional.of(lease("another"));
        leadership.release();
        assertThat(holder()).isEqualTo("another");
    }

    @Test
    void noMarkIsRaisedAfterTheRelease() {
        lead();
        leadership.release();
        leadership.raise();
        assertThat(ends).isEmpty();
        assertThat(mark()).isEqualTo(412);
    }

    private List<String> awaited(List<ClusterNode> nodes) {
        return leadership.awaited(() -> nodes);
    }

    private void lead() {
        awaited(List.of(answered("a", KEY.issue(412))));
    }

    private void assertEnds(String why) {
        assertThatThrownBy(leadership::confirm).hasMessageContaining(why);
        assertThat(ends).hasSize(1).first().asString().contains(why);
    }

    private void failOnce() {
        beforeTheWrite = () -> {};
        throw new StaleViewException("Lease leader");
    }

    private String holder() {
        return lease.orElseThrow().getSpec().getHolderIdentity();
    }

    private long mark() {
        return Mark.parse(lease.orElseThrow().getMetadata().getAnnotations().get(Api.MARK))
                .orElseThrow()
                .number();
    }

    private static Lease lease(String holder, Mark mark) {
        Lease lease = lease(holder);
        lease.getMetadata().setAnnotations(Map.of(Api.MARK, mark.toString()));
        return lease;
    }

    private static Lease lease(String holder) {
        return new LeaseBuilder()
                .withNewMetadata()
                .endMetadata()
                .withNewSpec()
                .withHolderIdentity(holder)
                .endSpec()
                .build();
    }

    private final class FakeLease implements MarkedLease {
        @Override
        public Optional<Lease> read() {
            return lease;
        }

        @Override
        public void mark(Lease read, Mark mark) {
            beforeTheWrite.run();
            lease = Optional.of(lease(LEADER, mark));
        }

        @Override
        public void release(Lease read) {
            beforeTheWrite.run();
            read.getSpec().setHolderIdentity("");
        }

        @Override
        public boolean isRenewalDue(Lease read) {
            return isRenewalDue;
        }

        @Override
        public void pause() {
            pause.run();
        }
    }
}
