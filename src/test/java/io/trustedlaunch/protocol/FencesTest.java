package io.trustedlaunch.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.NodeFence;
import io.trustedlaunch.api.node.NodeFenceStatus.Phase;
import io.trustedlaunch.protocol.ClusterUnderTest.Folders;
import io.trustedlaunch.protocol.Host.Reach;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The operator decides on NodeFences by what its watches have brought, and by its own clock. */
class FencesTest {
    private static final Duration SILENCE = Duration.ofSeconds(41);

    private final ClusterUnderTest cluster = new ClusterUnderTest(Folders.SHARED, "host-a", "host-b");
    private final Host a = cluster.host("host-a");
    private final HostStatements words = new HostStatements(cluster.server);

    @BeforeEach
    void start() {
        cluster.start();
        cluster.assertRunsOn("host-a");
        cluster.rounds(2);
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    /** It lists them from its watch. */
    @Test
    void aProcessSeesTheFenceThatItMadeWhenItsWatchBringsIt() {
        cluster.faults.fence(a);
        cluster.leader().look();
        cluster.leader().pass();
        cluster.leader().pass();
        assertThat(cluster.server.seen(NodeFence.class)).hasSize(1);
        assertThat(words.fences(a)).isEmpty();

        cluster.leader().look();
        cluster.leader().pass();
        assertThat(words.fences(a)).containsExactly(Phase.Requested);
    }

    /** It reads them again before it believes a word. */
    @Test
    void leasesThatAreNotBroughtAreNoSilence() {
        cluster.leader().lateLeases(true);
        cluster.faults.lie(a, false);
        cluster.leader().look();
        cluster.leader().pass();
        for (int late = 0; late < 3; late++) {
            cluster.leader().look(kind -> kind == ClusterNode.class || kind == NodeFence.class);
            cluster.leader().pass();
            cluster.pass(SILENCE);
        }
        assertThat(words.fences(a)).containsExactly(Phase.Contradicted);
    }

    /** Both times are of its host's clock, which may be an hour off. */
    @Test
    void aHostThatLivedOnWithoutItsAgentMayHaveSealedNothingForLong() {
        cluster.clock.of("host-a").step(Duration.ofHours(1));
        cluster.rounds(2);
        a.killAgent();
        for (int minute = 0; minute < 20; minute++) {
            cluster.operate();
            cluster.pass(Duration.ofMinutes(1));
        }
        cluster.faults.fence(a);
        cluster.rounds(10);

        cluster.assertDoesNotRun();
        assertThat(ConditionType.Ready.in(cluster.status().conditions())
                        .orElseThrow()
                        .getReason())
                .isEqualTo(Reason.GuestStateLagUnknown.name());
    }

    @Test
    void clocksThatAreAnHourOffProveNothing() {
        cluster.clock.of("host-a").step(Duration.ofHours(1));
        cluster.clock.of("host-b").step(Duration.ofHours(-1));
        cluster.clock.of(cluster.leader().identity()).step(Duration.ofMinutes(-7));
        a.reach(Reach.STORAGE);
        cluster.faults.lie(a, false);
        cluster.rounds(20);

        cluster.assertRunsOn("host-a");
        assertThat(words.fences(a)).containsExactly(Phase.Proved);
        assertThat(cluster.ledger.running()).hasSize(1);
    }

    /** An administrator has deleted them; what they relied on went with them. */
    @Test
    void aVmGoesOnWhereItsStateIsAlthoughAllItsIncarnationsAreGone() {
        Host b = cluster.host("host-b");
        cluster.faults.fence(a);
        cluster.roundsUntil(() -> cluster.status().epoch() == 2);
        b.powerOff();
        a.powerOn();
        cluster.roundsUntil(() -> words.fences(a).anyMatch(Phase.Released::equals));
        cluster.incarnations().forEach(cluster.server::delete);
        cluster.rounds(2);
        b.powerOn();
        cluster.settle();

        cluster.assertRunsAsRecorded();
    }
}
