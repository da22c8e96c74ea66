package io.trustedlaunch.agent.migration.ports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class NftablesTest {
    @Test
    void onlySourcesOpenConnectionsToTheMigrationPorts() throws UnknownHostException {
        assertThat(Nftables.rules(addresses("10.0.0.8", "2001:db8::7", "10.0.0.7", "fe80::1%1")))
                .isEqualTo("""
                        add table inet trusted_launch
                        delete table inet trusted_launch
                        table inet trusted_launch {
                            set sources4 {
                                type ipv4_addr
                                elements = { 10.0.0.7, 10.0.0.8 }
                            }
                            set sources6 {
                                type ipv6_addr
                                elements = { 2001:db8:0:0:0:0:0:7, fe80:0:0:0:0:0:0:1 }
                            }
                            chain migrations {
                                type filter hook input priority filter - 10; policy accept;
                                tcp dport 49152-49215 tcp flags & (syn | ack) == syn ip saddr != @sources4 reject with tcp reset
                                tcp dport 49152-49215 tcp flags & (syn | ack) == syn ip6 saddr != @sources6 reject with tcp reset
                            }
                        }
                        """);
    }

    @Test
    void withoutSourcesThePortsAreClosedToAll() {
        assertThat(Nftables.rules(Set.of()))
                .doesNotContain("elements")
                .contains("ip saddr != @sources4 reject", "ip6 saddr != @sources6 reject");
    }

    @Test
    void aHostWithoutNftablesIsReported() {
        assertThatThrownBy(() -> new Nftables(List.of("no-such-nft")).admit(Set.of()))
                .isInstanceOf(FirewallException.class)
                .hasMessageContaining("cannot run no-such-nft");
    }

    @Test
    void aFailureOfNftIsReportedWithWhatItSays() {
        assertThatThrownBy(
                        () -> new Nftables(List.of("sh", "-c", "echo Operation not permitted; exit 1")).admit(Set.of()))
                .isInstanceOf(FirewallException.class)
                .hasMessage("nft failed: Operation not permitted");
    }

    private static Set<InetAddress> addresses(String... texts) throws UnknownHostException {
        Set<InetAddress> addresses = new HashSet<>();
        for (String text : texts) {
            addresses.add(InetAddress.getByName(text));
        }
        return addresses;
    }
}
