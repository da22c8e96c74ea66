package io.trustedlaunch.operator.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.trustedlaunch.testkit.FakeApiServer;
import io.trustedlaunch.testkit.FakeLeaderLease;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import org.junit.jupiter.api.Test;

class KubeMarkedLeaseTest {
    private static final Instant RENEWED = Instant.parse("2026-01-01T00:00:00Z");

    private Instant now = RENEWED;
    private final FakeApiServer server = new FakeApiServer();
    private final MarkedLease lease =
            new KubeMarkedLease(new FakeLeaderLease(server, "leader"), server, Duration.ofMillis(2500), () -> now);

    @Test
    void theNextRenewalIsDueShortlyBeforeItBegins() {
        assertThat(isDueAfter(0)).isFalse();
        assertThat(isDueAfter(2249)).isFalse();
        assertThat(isDueAfter(2250)).isTrue();
    }

    /** So two in a row do not meet a mark. */
    @Test
    void aRenewalThatFailedStaysDue() {
        assertThat(isDueAfter(2600)).isTrue();
        assertThat(isDueAfter(5000)).isTrue();
    }

    @Test
    void aLeaseThatWasNeverRenewedIsLeftToWhoeverWritesIt() {
        assertThat(lease.isRenewalDue(new LeaseBuilder().withNewSpec().endSpec().build()))
                .isFalse();
    }

    private boolean isDueAfter(int millis) {
        now = RENEWED.plusMillis(millis);
        Lease renewed = new LeaseBuilder()
                .withNewSpec()
                .withRenewTime(ZonedDateTime.ofInstant(RENEWED, ZoneOffset.UTC))
                .endSpec()
                .build();
        return lease.isRenewalDue(renewed);
    }
}
