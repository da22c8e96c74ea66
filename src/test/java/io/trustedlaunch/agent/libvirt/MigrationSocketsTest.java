package io.trustedlaunch.agent.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MigrationSocketsTest {
    @Test
    void onlyOutgoingConnectionsToThatAddresssMigrationPortsAreClosed() {
        assertThat(String.join(" ", MigrationSockets.line("10.0.0.7")))
                .isEqualTo("ss --kill --tcp --numeric --no-header dst 10.0.0.7 and dport >= :49152 and dport <= :49215"
                        + " and sport >= :32768");
        assertThat(MigrationSockets.line("2001:db8::7")).contains("[2001:db8::7]");
    }
}
