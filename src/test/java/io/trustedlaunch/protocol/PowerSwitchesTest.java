package io.trustedlaunch.protocol;

import static io.trustedlaunch.protocol.ClusterUnderTest.VM;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.node.FenceDeviceSpec.Agent;
import io.trustedlaunch.api.node.NodeFence;
import io.trustedlaunch.api.node.NodeFenceStatus.Phase;
import io.trustedlaunch.protocol.GuestLedger.Place;
import io.trustedlaunch.protocol.Host.Reach;
import io.trustedlaunch.protocol.PowerSwitches.Manner;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The power of a host is cut by its management controller, whatever that does; the operator decides what it proves. */
class PowerSwitchesTest extends RunningVm {
    private final HostStatements words = new HostStatements(cluster.server);
    private final PowerSwitches switches = new PowerSwitches(cluster);

    PowerSwitchesTest() {
        super("host-a", "host-b", "host-c");
    }

    @Test
    void onRequestTheHostLosesItsPowerAndItsVmStartsElsewhere() {
        switches.attach(a, Agent.fence_redfish, false);
        switches.request(a);
        cluster.rounds(4);

        assertThat(switches.cuts()).containsExactly(a);
        assertThat(a.isOn()).isFalse();
        assertThat(words.fences(a)).containsExactly(Phase.Proved);
        assertRunsElsewhere();
    }

    @Test
    void theHostOfASilentNodeLosesItsPowerByItself() {
        switches.attach(a, Agent.fence_redfish, true);
        cluster.rounds(4);
        assertThat(switches.cuts()).isEmpty();

        a.reach(Reach.STORAGE);
        cluster.rounds(6);

        assertThat(switches.cuts()).containsExactly(a);
        assertRunsElsewhere();
    }

    @Test
    void aLyingControllerLetsNoSecondGuestRunWhileItsHostWrites() {
        switches.attach(a, Agent.fence_redfish, true);
        switches.behave(a, Manner.LYING);
        a.reach(Reach.STORAGE);
        cluster.rounds(12);

        assertThat(words.fences(a)).containsExactly(Phase.Proved);
        assertThat(cluster.ledger.running(VM)).extracting(Place::host).containsExactly(a);

        a.powerOff();
        assertRunsElsewhere();
    }

    /** It reaches nobody who could tell, nor anything that it could harm but its clients. */
    @Test
    void aLyingControllerLetsASecondGuestRunBesideAHostThatReachesNoStorage() {
        switches.attach(a, Agent.fence_redfish, true);
        switches.behave(a, Manner.LYING);
        a.reach(Reach.NOTHING);
        cluster.rounds(8);

        assertThat(switches.cuts()).isEmpty();
        assertThat(words.fences(a)).containsExactly(Phase.Proved);
        assertThat(cluster.ledger.running(VM))
                .hasSize(2)
                .extracting(Place::host)
                .contains(a);
    }

    /** Only once it is withdrawn and given anew, whatever NodeFence there was when the host was heard. */
    @Test
    void aWordThatStoodWhenTheHostWasHeardProvesNothingLater() {
        switches.attach(a, Agent.fence_redfish, true);
        switches.behave(a, Manner.LYING);
        a.reach(Reach.STORAGE);
        cluster.roundsUntil(() -> words.fences(a).anyMatch(phase -> phase == Phase.Proved));
        cluster.faults.lie(a, true);
        cluster.round();
        // Heard again, before its agent has stopped the guest.
        a.reach(Reach.ALL);
        cluster.pass(ClusterUnderTest.A_WHILE);
        cluster.operate();
        assertThat(words.fences(a)).containsExactly(Phase.Contradicted);

        a.reach(Reach.NOTHING);
        cluster.rounds(12);
        assertThat(words.fences(a)).containsExactly(Phase.Contradicted);
        assertThat(cluster.ledger.running(VM)).extracting(Place::host).containsExactly(a);

        a.powerOff();
        words.withdraw(a);
        cluster.operate();
        cluster.faults.fence(a, true);
        assertRunsElsewhere();
    }

    @Test
    void aControllerInAnotherMachineSwitchesNothing() {
        switches.attach(a, Agent.fence_redfish, false);
        switches.behave(a, Manner.IN_ANOTHER_MACHINE);
        switches.request(a);
        cluster.rounds(4);

        assertNothingIsProved();
    }

    @Test
    void aControllerThatAnswersNothingProvesNothing() {
        switches.attach(a, Agent.fence_redfish, true);
        switches.behave(a, Manner.SILENT);
        a.reach(Reach.STORAGE);
        cluster.rounds(8);

        assertNothingIsProved();
    }

    @Test
    void aSwitchWithoutEffectProvesNothing() {
        switches.attach(a, Agent.fence_redfish, true);
        switches.behave(a, Manner.STUCK);
        a.reach(Reach.STORAGE);
        cluster.rounds(8);

        assertNothingIsProved();
    }

    @Test
    void overIpmiTheHostLosesItsPowerAndNothingIsProved() {
        switches.attach(a, Agent.fence_ipmilan, false);
        switches.request(a);
        cluster.rounds(4);

        assertThat(switches.cuts()).containsExactly(a);
        assertThat(words.fences(a)).containsExactly(Phase.Failed);
        cluster.assertDoesNotRun();
    }

    /** The operator has given up before; the attempt goes on, and the next one proves it. */
    @Test
    void anAnswerThatComesAfterTheOperatorGaveUpIsNotLost() {
        switches.attach(a, Agent.fence_redfish, false);
        switches.beforeCut(a, () -> {
            cluster.rounds(8);
            assertNothingIsProved();
        });
        switches.request(a);
        cluster.roundsUntil(() -> words.fences(a).anyMatch(phase -> phase == Phase.Proved));

        assertThat(switches.cuts()).contains(a).doesNotContain(cluster.host("host-b"), cluster.host("host-c"));
        assertRunsElsewhere();
    }

    /** The last look is not from the cache. */
    @Test
    void aFencerWhoseWatchLagsDoesNotCutForAFenceThatIsGone() {
        switches.attach(a, Agent.fence_redfish, false);
        switches.request(a);
        while (words.fences(a).noneMatch(phase -> phase == Phase.Fencing)) {
            cluster.operate();
        }
        switches.lag(true);
        switches.withdraw(a);
        cluster.operate();
        cluster.operate();
        assertThat(cluster.server.seen(NodeFence.class)).isEmpty();
        cluster.pass(Duration.ofSeconds(30));

        assertThat(switches.cuts()).isEmpty();
    }

    private void assertNothingIsProved() {
        assertThat(switches.cuts()).isEmpty();
        assertThat(words.fences(a)).isNotEmpty().doesNotContain(Phase.Proved);
        cluster.assertRunsOn("host-a");
        assertThat(cluster.ledger.running()).hasSize(1);
    }

    private void assertRunsElsewhere() {
        cluster.roundsUntil(() -> cluster.runningOn().isPresent());
        assertThat(cluster.ledger.running(VM))
                .as(cluster.description())
                .extracting(Place::host)
                .hasSize(1)
                .doesNotContain(a);
    }
}
