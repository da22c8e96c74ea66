package io.trustedlaunch.protocol;

import static io.trustedlaunch.protocol.ClusterUnderTest.VM;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.node.FenceDeviceSpec.Agent;
import io.trustedlaunch.api.node.NodeFenceStatus.Phase;
import io.trustedlaunch.protocol.GuestLedger.Place;
import io.trustedlaunch.protocol.Host.Reach;
import io.trustedlaunch.protocol.PowerSwitches.Manner;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The clocks of hosts and operators differ, and are set while all goes on. */
class ClocksTest extends RunningVm {
    private static final Duration HOUR = Duration.ofHours(1);

    private final HostStatements words = new HostStatements(cluster.server);

    ClocksTest() {
        cluster.clock.of("host-a").step(HOUR);
        cluster.clock.of("host-b").step(HOUR.negated());
    }

    @Test
    void aGuestMovesBetweenHostsWhoseClocksDiffer() {
        cluster.users.requestMigration("host-b");
        cluster.settle();
        cluster.assertRunsOn("host-b");

        cluster.clock.of("host-b").step(HOUR);
        cluster.clock.of("host-a").step(HOUR.multipliedBy(-3));
        cluster.users.requestMigration("host-a");
        cluster.settle();

        cluster.assertRunsOn("host-a");
        cluster.assertRunsAsRecorded();
        assertThat(GuestFiles.disk(a, VM)).isEqualTo(1);
    }

    /** The agent counts the time itself. */
    @Test
    void aClockThatIsSetMakesNoBeaconStandStill() {
        a.reach(Reach.STORAGE);
        cluster.faults.lie(a, false);
        cluster.rounds(6);
        cluster.clock.of("host-b").step(HOUR.multipliedBy(2));
        cluster.clock.of(cluster.leader().identity()).step(HOUR);
        cluster.rounds(2);

        assertThat(cluster.ledger.running(VM)).extracting(Place::host).containsExactly(a);
    }

    @Test
    void aBeaconThatStandsStillDoesSoWhateverTheClocksSay() {
        a.reach(Reach.NOTHING);
        cluster.faults.lie(a, false);
        cluster.clock.of("host-b").step(HOUR.negated());
        cluster.clock.of(cluster.leader().identity()).step(HOUR.negated());
        cluster.rounds(12);

        assertThat(cluster.ledger.running(VM)).extracting(Place::host).contains(cluster.host("host-b"));
    }

    /** Its retry is due a minute after a time that is an hour away then. */
    @Test
    void anOperatorWhoseClockIsSetBackTriesAgainToCutThePower() {
        PowerSwitches switches = new PowerSwitches(cluster);
        switches.attach(a, Agent.fence_redfish, false);
        switches.behave(a, Manner.STUCK);
        switches.request(a);
        cluster.roundsUntil(() -> words.fences(a).anyMatch(phase -> phase == Phase.Failed));

        cluster.clock.of(cluster.leader().identity()).step(HOUR.negated());
        switches.behave(a, Manner.HONEST);
        cluster.rounds(10);

        assertThat(switches.cuts()).contains(a);
    }

    /** The agent waits some seconds for the hypervisor's word on how the guest ended. */
    @Test
    void aGuestThatEndedStartsAgainAlthoughTheClockIsSetBackMeanwhile() {
        a.powerOff();
        a.powerOn();
        cluster.act(a);
        cluster.clock.of("host-a").step(HOUR.negated());
        cluster.rounds(6);

        cluster.assertRunsAsRecorded();
        assertThat(cluster.status().epoch()).isEqualTo(2);
    }
}
