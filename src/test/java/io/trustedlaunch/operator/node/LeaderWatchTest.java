package io.trustedlaunch.operator.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import java.time.ZonedDateTime;
import org.junit.jupiter.api.Test;

class LeaderWatchTest {
    private static final ZonedDateTime NOON = ZonedDateTime.parse("2026-01-01T12:00:00Z");

    private final LeaderWatch watch = new LeaderWatch("leader", "me");

    @Test
    void renewalsEndNothing() {
        assertThat(watch.seen(lease("me", NOON))).isEmpty();
        assertThat(watch.seen(lease("me", NOON))).isEmpty();
        assertThat(watch.seen(lease("me", NOON.plusSeconds(2)))).isEmpty();
    }

    @Test
    void anotherLeaderDoesNotEndAStandby() {
        assertThat(watch.seen(lease("other", NOON))).isEmpty();
        assertThat(watch.deleted(lease("other", NOON))).isEmpty();
        assertThat(watch.seen(lease("me", NOON.plusSeconds(20)))).isEmpty();
    }

    @Test
    void anOlderLeaseEndsTheLeader() {
        watch.seen(lease("me", NOON));
        assertThat(watch.seen(lease("me", NOON.minusSeconds(60)))).isPresent();
    }

    @Test
    void aLeaseOfAnotherHolderEndsTheLeader() {
        watch.seen(lease("me", NOON));
        assertThat(watch.seen(lease("other", NOON.minusSeconds(60)))).isPresent();
    }

    @Test
    void aDeletedLeaseEndsTheLeader() {
        watch.seen(lease("me", NOON));
        assertThat(watch.deleted(lease("me", NOON))).isPresent();
    }

    @Test
    void theLeasesOfAgentsAreIgnored() {
        watch.seen(lease("me", NOON));
        Lease agents = lease("host-a", NOON.minusSeconds(60));
        agents.getMetadata().setName("node-host-a");
        assertThat(watch.seen(agents)).isEmpty();
        assertThat(watch.deleted(agents)).isEmpty();
    }

    private static Lease lease(String holder, ZonedDateTime renewed) {
        return new LeaseBuilder()
                .withNewMetadata()
                .withName("leader")
                .endMetadata()
                .withNewSpec()
                .withHolderIdentity(holder)
                .withRenewTime(renewed)
                .endSpec()
                .build();
    }
}
