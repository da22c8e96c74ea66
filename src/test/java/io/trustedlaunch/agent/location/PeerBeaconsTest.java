package io.trustedlaunch.agent.location;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.ClusterNodeStatus.Peer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PeerBeaconsTest {
    private static final Duration INTERVAL = Duration.ofSeconds(30);
    private static final String T1 = "1".repeat(32);
    private static final String T2 = "2".repeat(32);

    private final PeerBeacons peers = new PeerBeacons();
    private long now = Long.MAX_VALUE - 5;

    @Test
    void anUnchangingBeaconIsNoPeer() {
        read(new Beacon("b", T1, 7));
        read(new Beacon("b", T1, 7));
        assertThat(neighbours()).isEmpty();
    }

    @Test
    void aChangingBeaconIsAPeerUntilItStopsChanging() {
        read(new Beacon("b", T1, 7));
        read(new Beacon("b", T1, 8));
        assertThat(neighbours()).containsExactly(new Peer("b", T1));

        for (int i = 0; i < 3; i++) {
            read(new Beacon("b", T1, 8));
        }
        assertThat(neighbours()).hasSize(1);
        read(new Beacon("b", T1, 8));
        assertThat(neighbours()).isEmpty();
        read(new Beacon("b", T1, 9));
        assertThat(neighbours()).hasSize(1);
    }

    /** For two minutes after it was first seen or last changed, nobody can say that a node writes nothing. */
    @Test
    void aNodeMayBeAliveUntilItsBeaconHasStoodStillForTwoMinutes() {
        read(new Beacon("b", T1, 7));
        for (int i = 0; i < 3; i++) {
            assertThat(peers.maybeAlive(now)).containsExactly("b");
            read(new Beacon("b", T1, 7));
        }
        read(new Beacon("b", T1, 7));
        assertThat(peers.maybeAlive(now)).isEmpty();

        read(new Beacon("b", T1, 8));
        assertThat(peers.maybeAlive(now)).containsExactly("b");
        for (int i = 0; i < 4; i++) {
            read(new Beacon("b", T1, 8));
        }
        assertThat(peers.maybeAlive(now)).isEmpty();
    }

    /** It may have been read a moment too early, or lie beyond the files that are read. */
    @Test
    void aBeaconThatIsMissingInOneListingMayBeAliveStill() {
        read(new Beacon("b", T1, 7));
        read(new Beacon("b", T1, 8));
        read();
        assertThat(peers.maybeAlive(now)).containsExactly("b");
    }

    @Test
    void aDecreasedBeatIsAChangeToo() {
        read(new Beacon("b", T1, 7));
        read(new Beacon("b", T1, 3));
        assertThat(neighbours()).hasSize(1);
    }

    @Test
    void anotherTokenIsAnotherAgent() {
        read(new Beacon("b", T1, 7));
        read(new Beacon("b", T1, 8));
        read(new Beacon("b", T2, 9));
        assertThat(neighbours()).isEmpty();
        read(new Beacon("b", T2, 10));
        assertThat(neighbours()).containsExactly(new Peer("b", T2));
    }

    @Test
    void aRemovedBeaconIsForgotten() {
        read(new Beacon("b", T1, 7));
        read(new Beacon("b", T1, 8));
        read();
        assertThat(neighbours()).isEmpty();
        read(new Beacon("b", T1, 8));
        assertThat(neighbours()).isEmpty();
    }

    @Test
    void aNewBeaconIsReadAgainSoonUntilItIsDecided() {
        read(new Beacon("b", T1, 7));
        assertThat(peers.isUndecided(now)).isTrue();
        read(new Beacon("b", T1, 8));
        assertThat(peers.isUndecided(now)).isFalse();

        read(new Beacon("b", T1, 8), new Beacon("old", T1, 1));
        assertThat(peers.isUndecided(now)).isTrue();
        now += Duration.ofMinutes(1).toNanos();
        assertThat(peers.isUndecided(now)).isFalse();
    }

    /** Reports are mutual, and the pairs of all nodes are connected, which proves one shared folder. */
    @Test
    void aHundredNodesReportTheirNeighboursAndFormOneGroup() {
        List<String> names = IntStream.range(0, 100).mapToObj(i -> "n" + i).toList();
        Map<String, List<String>> reports = names.stream()
                .collect(Collectors.toMap(Function.identity(), name -> toldBy(name, names), (a, b) -> a, TreeMap::new));

        reports.forEach((name, peers) -> assertThat(peers)
                .hasSize(8)
                .allSatisfy(peer -> assertThat(reports.get(peer)).contains(name)));
        List<String> reached = new ArrayList<>(List.of("n0"));
        for (int at = 0; at < reached.size(); at++) {
            reports.get(reached.get(at)).stream()
                    .filter(peer -> !reached.contains(peer))
                    .forEach(reached::add);
        }
        assertThat(reached).hasSize(100);
    }

    private List<String> toldBy(String own, List<String> all) {
        PeerBeacons of = new PeerBeacons();
        for (long beat = 1; beat <= 2; beat++) {
            long moved = beat;
            of.observe(
                    all.stream()
                            .filter(name -> !name.equals(own))
                            .map(name -> new Beacon(name, T1, moved))
                            .toList(),
                    now);
        }
        return of.neighbours(own, now).stream().map(Peer::nodeName).toList();
    }

    private void read(Beacon... beacons) {
        now += INTERVAL.toNanos();
        peers.observe(List.of(beacons), now);
    }

    private List<Peer> neighbours() {
        return peers.neighbours("a", now);
    }
}
