package io.trustedlaunch.operator.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AgentLivenessTest {
    private long now = Long.MAX_VALUE - 5;
    private final AgentLiveness liveness = new AgentLiveness(() -> now);

    @Test
    void anAgentIsAliveWhileItsLeaseChanges() {
        liveness.seen("node-a", "1");
        pass(Duration.ofSeconds(30));
        liveness.seen("node-a", "2");
        pass(Duration.ofSeconds(30));
        assertThat(liveness.isAlive("a")).isTrue();
    }

    @Test
    void anUnchangedLeaseDoesNotKeepAnAgentAlive() {
        liveness.seen("node-a", "1");
        pass(Duration.ofSeconds(30));
        liveness.seen("node-a", "1");
        pass(Duration.ofSeconds(10));
        assertThat(liveness.isAlive("a")).isFalse();
    }

    @Test
    void anAgentWithoutALeaseIsNotAlive() {
        assertThat(liveness.isAlive("a")).isFalse();
        liveness.seen("node-a", "1");
        liveness.deleted("node-a");
        assertThat(liveness.isAlive("a")).isFalse();
    }

    @Test
    void theOperatorsOwnLeaseIsNotAnAgents() {
        liveness.seen("trusted-launch-operator", "1");
        assertThat(liveness.changed()).isEmpty();
    }

    @Test
    void aChangeIsReportedOnce() {
        liveness.seen("node-a", "1");
        assertThat(liveness.changed()).containsExactly("a");
        assertThat(liveness.changed()).isEmpty();
        pass(AgentLiveness.TIMEOUT);
        assertThat(liveness.changed()).containsExactly("a");
        liveness.seen("node-a", "2");
        assertThat(liveness.changed()).containsExactly("a");
    }

    @Test
    void aGapRestartsThePeriodThatAnAgentHasBeenAlive() {
        Duration minute = Duration.ofMinutes(1);
        liveness.seen("node-a", "1");
        pass(Duration.ofSeconds(30));
        liveness.seen("node-a", "2");
        assertThat(liveness.isAliveSince("a", minute)).isFalse();
        pass(Duration.ofSeconds(30));
        assertThat(liveness.isAliveSince("a", minute)).isTrue();

        pass(AgentLiveness.TIMEOUT);
        assertThat(liveness.isAliveSince("a", minute)).isFalse();
        liveness.seen("node-a", "3");
        assertThat(liveness.isAliveSince("a", minute)).isFalse();
        assertThat(liveness.isAliveSince("unknown", Duration.ZERO)).isFalse();
    }

    @Test
    void onlyALeaseThatChangesShowsThatItsAgentRunsNow() {
        List<String> renewed = new ArrayList<>();
        liveness.onRenewal(renewed::add);
        liveness.seen("node-a", "1");
        liveness.seen("node-a", "1");
        assertThat(renewed).as("it may have been there for weeks").isEmpty();

        liveness.seen("node-a", "2");
        liveness.seen("trusted-launch-operator", "1");
        liveness.seen("trusted-launch-operator", "2");
        assertThat(renewed).containsExactly("a");
    }

    private void pass(Duration time) {
        now += time.toNanos();
    }
}
