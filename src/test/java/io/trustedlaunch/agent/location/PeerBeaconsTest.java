package io.trustedlaunch.agent.location;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.location.BeaconReading.Missing;
import io.trustedlaunch.agent.location.Stillness.Moving;
import io.trustedlaunch.agent.location.Stillness.NotShared;
import io.trustedlaunch.agent.location.Stillness.NotWatched;
import io.trustedlaunch.agent.location.Stillness.Still;
import io.trustedlaunch.agent.location.Stillness.Unreadable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
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
        assertThat(neighbours()).containsExactly(new Beacon("b", T1, 8));

        for (int i = 0; i < 3; i++) {
            read(new Beacon("b", T1, 8));
        }
        assertThat(neighbours()).hasSize(1);
        read(new Beacon("b", T1, 8));
        assertThat(neighbours()).isEmpty();
        read(new Beacon("b", T1, 9));
        assertThat(neighbours()).hasSize(1);
    }

    @Test
    void aBeaconIsStillOnceItHasNotMovedForTwoMinutes() {
        Beacon moved = new Beacon("b", T1, 8);
        read(new Beacon("b", T1, 7));
        read(moved);
        assertThat(look("b", found(moved))).isEqualTo(new Moving(Duration.ZERO));
        pass(Stillness.BELIEVED.minusNanos(1));
        assertThat(look("b", found(moved))).isEqualTo(new Moving(Stillness.BELIEVED.minusNanos(1)));
        pass(Duration.ofNanos(1));
        assertThat(look("b", found(moved))).isEqualTo(new Still(true));
    }

    /** The listing before is of no account. */
    @Test
    void aBeaconThatHasMovedSinceTheLastListingIsNotStill() {
        read(new Beacon("b", T1, 7));
        read(new Beacon("b", T1, 8));
        pass(Stillness.BELIEVED);

        assertThat(look("b", found(new Beacon("b", T1, 9)))).isEqualTo(new Moving(Duration.ZERO));
    }

    /** It may have been read a moment too early. */
    @Test
    void aBeaconThatIsMissingInOneListingIsWatchedOn() {
        read(new Beacon("b", T1, 7));
        read(new Beacon("b", T1, 8));
        read();
        assertThat(look("b", new Missing())).isEqualTo(new Moving(Duration.ZERO));
        pass(Stillness.BELIEVED.minusNanos(1));
        assertThat(look("b", new Missing())).isInstanceOf(Moving.class);
        pass(Duration.ofNanos(1));
        assertThat(look("b", new Missing())).isEqualTo(new Still(true));

        assertThat(look("b", found(new Beacon("b", T1, 8)))).as("it came back").isEqualTo(new Moving(Duration.ZERO));
    }

    /** More than can be read, or a file that cannot be read. */
    @Test
    void anIncompleteListingSaysNothingOfTheNodesThatItDoesNotShow() {
        Beacon moved = new Beacon("b", T1, 8);
        read(new Beacon("b", T1, 7));
        read(moved);
        peers.observe(new BeaconListing(List.of(), Set.of(), false), now);
        assertThat(neighbours()).containsExactly(moved);
        pass(Stillness.BELIEVED);

        assertThat(look("c", new Missing())).isEqualTo(new NotWatched(Duration.ZERO));
        assertThat(look("b", new BeaconReading.Unreadable("why"))).isEqualTo(new Unreadable("why"));
        assertThat(look("b", found(moved))).isEqualTo(new Still(true));
    }

    @Test
    void aNodeThatNeverHadABeaconSharesNothing() {
        assertThat(look("b", new Missing())).isEqualTo(new NotWatched(Duration.ZERO));
        read();
        Duration almost = Stillness.BELIEVED.minusNanos(1);
        pass(almost);
        assertThat(look("b", new Missing())).isEqualTo(new NotWatched(almost));
        pass(Duration.ofNanos(1));
        assertThat(look("b", new Missing())).isEqualTo(new NotShared());
    }

    /** An agent that begins after the death of the other sees its last beacon; so does one that has a copy of the folder. */
    @Test
    void aBeaconThatNeverMovedHereIsStillWithoutProofOfSharing() {
        Beacon last = new Beacon("b", T1, 8);
        read(last);
        assertThat(look("b", found(last))).isEqualTo(new NotWatched(Duration.ZERO));
        pass(Stillness.BELIEVED);
        assertThat(look("b", found(last))).isEqualTo(new Still(false));
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
        assertThat(neighbours()).containsExactly(new Beacon("b", T2, 10));
    }

    @Test
    void aRemovedBeaconIsNoPeer() {
        read(new Beacon("b", T1, 7));
        read(new Beacon("b", T1, 8));
        read();
        assertThat(neighbours()).isEmpty();
        assertThat(peers.known()).containsExactly("b");
    }

    /** Whoever writes into the folder could fill the memory with their names. */
    @Test
    void aRemovedBeaconThatNeverMovedIsForgotten() {
        read(new Beacon("b", T1, 7));
        read();
        assertThat(peers.known()).isEmpty();
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
            List<Beacon> others = all.stream()
                    .filter(name -> !name.equals(own))
                    .map(name -> new Beacon(name, T1, moved))
                    .toList();
            of.observe(new BeaconListing(others, Set.of(), true), now);
        }
        return of.neighbours(own, now).stream().map(Beacon::nodeName).toList();
    }

    private void read(Beacon... beacons) {
        pass(INTERVAL);
        Set<String> missing = new HashSet<>(peers.known());
        Stream.of(beacons).map(Beacon::nodeName).forEach(missing::remove);
        peers.observe(new BeaconListing(List.of(beacons), missing, true), now);
    }

    private Stillness look(String node, BeaconReading reading) {
        return peers.look(node, reading, now);
    }

    private static BeaconReading found(Beacon beacon) {
        return new BeaconReading.Found(beacon);
    }

    private void pass(Duration time) {
        now += time.toNanos();
    }

    private List<Beacon> neighbours() {
        return peers.neighbours("a", now);
    }
}
