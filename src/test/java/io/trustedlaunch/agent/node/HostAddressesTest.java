package io.trustedlaunch.agent.node;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HostAddressesTest {
    @Test
    void theHostListensAtTheAddressOnRecord() {
        assertThat(HostAddresses.listening("127.0.0.1", () -> "::1").getHostAddress())
                .isEqualTo("127.0.0.1");
    }

    /** 192.0.2.1 is of a network for documentation. */
    @Test
    void aHostThatDoesNotHaveTheAddressOnRecordListensAtItsOwn() {
        assertThat(HostAddresses.listening("192.0.2.1", () -> "127.0.0.1").getHostAddress())
                .isEqualTo("127.0.0.1");
    }
}
