package io.trustedlaunch.agent.migration.ports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.trustedlaunch.process.Command;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/** The kernel's rules, in a network of their own: this host and two others are addresses of its loopback interface. */
@Tag("host")
@EnabledIfEnvironmentVariable(
        named = "TRUSTEDLAUNCH_HOST",
        matches = ".+",
        disabledReason = "runs inside a host of a lab")
class NftablesIT {
    private static final String TARGET = "192.0.2.1";
    private static final String SOURCE = "192.0.2.2";
    private static final String OTHER = "192.0.2.3";
    private static final String TARGET6 = "2001:db8::1";
    private static final String SOURCE6 = "2001:db8::2";
    private static final String OTHER6 = "2001:db8::3";
    private static final List<Integer> GUARDED = List.of(49_152, 49_215);
    private static final List<Integer> OTHERS = List.of(49_151, 49_216);

    private final String network = "nftables-" + UUID.randomUUID();
    private final List<Process> servers = new ArrayList<>();
    private final Nftables nftables = new Nftables(inNetwork("nft", "-f", "-"));

    @BeforeEach
    void makeANetworkWithServers() throws IOException {
        run(List.of("ip", "netns", "add", network));
        run(inNetwork("ip", "link", "set", "lo", "up"));
        for (String address : List.of(TARGET, SOURCE, OTHER)) {
            run(inNetwork("ip", "address", "add", address + "/32", "dev", "lo"));
        }
        for (String address : List.of(TARGET6, SOURCE6, OTHER6)) {
            run(inNetwork("ip", "address", "add", address + "/128", "dev", "lo", "nodad"));
        }
        for (int port : GUARDED) {
            serve(port);
        }
        for (int port : OTHERS) {
            serve(port);
        }
    }

    @AfterEach
    void removeIt() {
        servers.forEach(Process::destroyForcibly);
        run(List.of("ip", "netns", "delete", network));
    }

    @Test
    void onlyTheSourceConnectsAndOnlyWhileItsGuestArrives() throws IOException {
        nftables.admit(Set.of());
        for (int port : GUARDED) {
            assertThat(connects(SOURCE, TARGET, port)).as("before, at %s", port).isFalse();
        }

        nftables.admit(addresses(SOURCE));
        for (int port : GUARDED) {
            assertThat(connects(SOURCE, TARGET, port))
                    .as("the source, at %s", port)
                    .isTrue();
            assertThat(connects(OTHER, TARGET, port)).as("another, at %s", port).isFalse();
            assertThat(connects(SOURCE6, TARGET6, port))
                    .as("over IPv6, at %s", port)
                    .isFalse();
        }

        nftables.admit(Set.of());
        for (int port : GUARDED) {
            assertThat(connects(SOURCE, TARGET, port))
                    .as("afterwards, at %s", port)
                    .isFalse();
        }
    }

    @Test
    void theSameHoldsOverIpv6() throws IOException {
        nftables.admit(addresses(SOURCE6));
        for (int port : GUARDED) {
            assertThat(connects(SOURCE6, TARGET6, port)).isTrue();
            assertThat(connects(OTHER6, TARGET6, port)).isFalse();
        }
    }

    @Test
    void otherPortsStayOpen() throws IOException {
        nftables.admit(Set.of());
        for (int port : OTHERS) {
            assertThat(connects(OTHER, TARGET, port)).isTrue();
            assertThat(connects(OTHER6, TARGET6, port)).isTrue();
        }
    }

    @Test
    void thisHostsOwnConnectionsMayHaveAPortOfTheRange() throws IOException {
        nftables.admit(Set.of());

        assertThat(succeeds(inNetwork(
                        "socat", "-u", "/dev/null", "TCP:" + TARGET + ":49151,bind=" + SOURCE + ":49200,reuseaddr")))
                .isTrue();
    }

    private void serve(int port) throws IOException {
        servers.add(Command.start(
                inNetwork("socat", "-u", "TCP6-LISTEN:" + port + ",fork,reuseaddr,ipv6only=0", "/dev/null")));
        await().until(() -> connects(SOURCE, TARGET, port));
    }

    private boolean connects(String from, String to, int port) {
        boolean ipv6 = from.contains(":");
        String target = ipv6 ? "TCP6:[" + to + "]:" + port : "TCP4:" + to + ":" + port;
        return succeeds(inNetwork("socat", "-u", "/dev/null", target + ",bind=" + (ipv6 ? "[" + from + "]" : from)));
    }

    private List<String> inNetwork(String... command) {
        List<String> line = new ArrayList<>(List.of("ip", "netns", "exec", network));
        line.addAll(List.of(command));
        return line;
    }

    private static Set<InetAddress> addresses(String address) throws IOException {
        return Set.of(InetAddress.getByName(address));
    }

    private static boolean succeeds(List<String> command) {
        return new Command(command, new byte[0], Duration.ofSeconds(20)).run().succeeded();
    }

    private static void run(List<String> command) {
        Command.Result result = new Command(command, new byte[0], Duration.ofSeconds(20)).run();
        assertThat(result.succeeded()).as(result.output()).isTrue();
    }
}
