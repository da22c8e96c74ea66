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
    void renewalsAreTheOrdinaryCourse() {
        assertThat(watch.seen(lease("me", NOON))).isEmpty();
        assertThat(watch.seen(lease("me", NOON))).isEmpty();
        assertThat(watch.seen(lease("me", NOON.plusSeconds(2)))).isEmpty();
    }

    @Test
    void anotherLeaderIsNoneOfAStandbysBusiness() {
        assertThat(watch.seen(lease("other", NOON))).isEmpty();
        assertThat(watch.gone(lease("other", NOON))).isEmpty();
        assertThat(watch.seen(lease("me", NOON.plusSeconds(20)))).isEmpty();
    }

    @Test
    void aLeaseThatIsSetBackEndsTheLeader() {
        watch.seen(lease("me", NOON));
        assertThat(watch.seen(lease("me", NOON.minusSeconds(60)))).isPresent();
    }

    @Test
    void aLeaseThatIsAnothersAgainEndsTheLeader() {
        watch.seen(lease("me", NOON));
        assertThat(watch.seen(lease("other", NOON.minusSeconds(60)))).isPresent();
    }

    @Test
    void aLeaseThatIsGoneEndsTheLeader() {
        watch.seen(lease("me", NOON));
        assertThat(watch.gone(lease("me", NOON))).isPresent();
    }

    @Test
    void theLeasesOfAgentsAreNotItsOwn() {
        watch.seen(lease("me", NOON));
        Lease agents = lease("host-a", NOON.minusSeconds(60));
        agents.getMetadata().setName("node-host-a");
        assertThat(watch.seen(agents)).isEmpty();
        assertThat(watch.gone(agents)).isEmpty();
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
