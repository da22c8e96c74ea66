package io.trustedlaunch.agent.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class KnownNodesTest {
    private final AtomicLong time = new AtomicLong();
    private final AtomicInteger lookUps = new AtomicInteger();
    private List<String> addresses = List.of("192.0.2.1");
    private boolean away;
    private final KnownNodes nodes = new KnownNodes(this::lookUp, time::get, Runnable::run);

    private Stream<String> lookUp() {
        lookUps.incrementAndGet();
        if (away) {
            throw new IllegalStateException("the API server is away");
        }
        return addresses.stream();
    }

    @Test
    void aNodesAddressIsKnownAndAnotherIsNot() {
        assertThat(isKnown("192.0.2.1")).isTrue();
        assertThat(isKnown("192.0.2.66")).isFalse();
    }

    @Test
    void strangersCauseOneLookUpAMinute() {
        for (int i = 0; i < 100; i++) {
            isKnown("192.0.2.66");
        }
        assertThat(lookUps).hasValue(1);

        addresses = List.of("192.0.2.1", "192.0.2.2");
        assertThat(isKnown("192.0.2.2")).isFalse();
        time.addAndGet(Duration.ofMinutes(2).toNanos());
        assertThat(isKnown("192.0.2.2")).isTrue();
        assertThat(lookUps).hasValue(2);
    }

    @Test
    void nodesStayKnownWhileTheApiServerIsAway() {
        assertThat(isKnown("192.0.2.1")).isTrue();
        away = true;
        time.addAndGet(Duration.ofMinutes(2).toNanos());

        assertThat(isKnown("192.0.2.66")).isFalse();
        assertThat(isKnown("192.0.2.1")).isTrue();
    }

    private boolean isKnown(String address) {
        try {
            return nodes.isKnown(InetAddress.getByName(address));
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
