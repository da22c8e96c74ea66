package io.trustedlaunch.cli.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import java.time.ZonedDateTime;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CheckCommandTest {
    private static final ZonedDateTime THEN = ZonedDateTime.parse("2026-01-01T00:00:00Z");

    private static Optional<Lease> renewed(String holder, int seconds) {
        return Optional.of(new LeaseBuilder()
                .withNewSpec()
                .withHolderIdentity(holder)
                .withRenewTime(THEN.plusSeconds(seconds))
                .endSpec()
                .build());
    }

    @SafeVarargs
    private static Optional<String> leader(Optional<Lease>... seen) throws InterruptedException {
        Iterator<Optional<Lease>> looks = List.copyOf(Arrays.asList(seen)).iterator();
        return CheckCommand.leader(looks::next, seen.length - 1, () -> {});
    }

    @Test
    void whoRenewsTheLeaseLeads() throws InterruptedException {
        assertThat(leader(renewed("a", 0), renewed("a", 0), renewed("a", 2))).contains("a");
        assertThat(leader(Optional.empty(), renewed("a", 0))).contains("a");
    }

    @Test
    void aLeaseThatNobodyRenewsIsOfNobody() throws InterruptedException {
        assertThat(leader(renewed("a", 0), renewed("a", 0))).isEmpty();
        assertThat(leader(Optional.empty(), Optional.empty())).isEmpty();
    }

    @Test
    void aLeaderThatGivesItUpDoesNotLead() throws InterruptedException {
        assertThat(leader(renewed("a", 0), renewed("", 1), renewed("b", 2))).contains("b");
        assertThat(leader(renewed("a", 0), renewed("", 1))).isEmpty();
    }
}
