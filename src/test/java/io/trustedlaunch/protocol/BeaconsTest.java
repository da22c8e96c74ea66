package io.trustedlaunch.protocol;

import static io.trustedlaunch.protocol.ClusterUnderTest.VM;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.protocol.ClusterUnderTest.Folders;
import io.trustedlaunch.protocol.GuestLedger.Place;
import io.trustedlaunch.protocol.Host.Reach;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What an agent reads of another host's beacon decides alone whether a false word starts a second guest. */
class BeaconsTest {
    private static final Duration CHECK = Duration.ofSeconds(2);

    private final ClusterUnderTest cluster = new ClusterUnderTest(Folders.SHARED, "host-a", "host-b");
    private final Host a = cluster.host("host-a");
    private final Host b = cluster.host("host-b");

    /** Host-b was given the VM of host-a, whose beacon moves: only the API server does not hear it. */
    @BeforeEach
    void waitForTheBeacon() {
        cluster.start();
        cluster.assertRunsOn("host-a");
        a.reach(Reach.STORAGE);
        cluster.faults.lie(a, false);
        cluster.rounds(8);
        assertThat(cluster.incarnations())
                .anyMatch(incarnation -> incarnation.getSpec().nodeName().equals("host-b"));
        assertOnlyHostARuns();
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    @Test
    void aBeaconThatMovesHoldsTheSecondGuestBack() {
        cluster.rounds(20);

        assertOnlyHostARuns();
    }

    @Test
    void aBeaconCountsAsStillTwoMinutesAfterItWasReadToChangeLast() {
        a.reach(Reach.NOTHING);
        cluster.pass(Duration.ofSeconds(85));
        cluster.act(b);
        assertOnlyHostARuns();

        cluster.pass(Duration.ofSeconds(95));
        cluster.act(b);
        assertThat(cluster.ledger.running(VM)).extracting(Place::host).contains(b);
    }

    /** It is forgotten then, and must not count as still at once. */
    @Test
    void aBeaconThatIsMissingInOneListingDoesNotCountAsStill() {
        b.missBeacon("host-a");
        while (!b.missedBeacons().isEmpty()) {
            cluster.pass(CHECK);
        }
        cluster.act(b);

        assertOnlyHostARuns();
    }

    /** Before the probe hung, the beacon stood still. */
    @Test
    void whatWasReadLongAgoDoesNotCount() {
        a.reach(Reach.NOTHING);
        cluster.pass(Duration.ofMinutes(3));
        b.hangProbe(true);
        a.reach(Reach.STORAGE);
        cluster.pass(Duration.ofMinutes(3));
        cluster.act(b);

        assertOnlyHostARuns();
    }

    private void assertOnlyHostARuns() {
        assertThat(cluster.ledger.running(VM))
                .as(cluster.description())
                .extracting(Place::host)
                .containsExactly(a);
    }
}
