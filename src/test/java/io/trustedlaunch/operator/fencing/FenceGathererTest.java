package io.trustedlaunch.operator.fencing;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.FenceDevice;
import io.trustedlaunch.api.node.NodeFence;
import io.trustedlaunch.api.node.NodeFenceSpec.Method;
import io.trustedlaunch.operator.fencing.FenceFacts.Fence;
import io.trustedlaunch.operator.fencing.FenceFacts.FenceRequest;
import io.trustedlaunch.operator.node.AgentLiveness;
import io.trustedlaunch.operator.node.LeaseWatch;
import io.trustedlaunch.testkit.Manifest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class FenceGathererTest {
    private static final String BOOT = "3f0c6d6e-0000-0000-0000-000000000001";
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final KubernetesSerialization YAML = new KubernetesSerialization();

    private static final Manifest NODE = new Manifest("""
            apiVersion: trustedlaunch.io/v1alpha1
            kind: ClusterNode
            metadata: {name: host-a, uid: uid-a}
            spec: {machineUUID: dd1f0b6f-7e2c-45ed-8737-b6004f4224cf}
            status:
              machineUUID: dd1f0b6f-7e2c-45ed-8737-b6004f4224cf
              conditions: [{type: Enrolled, status: "True", reason: NodeApproved}]
            """);

    private static final Manifest FENCE = new Manifest("""
            apiVersion: trustedlaunch.io/v1alpha1
            kind: NodeFence
            metadata: {name: host-a-3f0c6d6e, uid: one}
            spec: {nodeName: host-a, bootID: %s, method: Power, automatic: true}
            status: {phase: Fencing, since: "2026-03-01T11:59:00Z"}
            """.formatted(BOOT));

    private static final Manifest DEVICE = new Manifest("""
            apiVersion: trustedlaunch.io/v1alpha1
            kind: FenceDevice
            metadata: {name: bmc}
            spec: {nodeName: host-a, agent: fence_redfish, automatic: true, address: bmc, secretRef: {name: bmc}}
            status: {lastResult: {fence: host-a-3f0c6d6e, time: "2026-03-01T11:59:00Z"}}
            """);

    private static final String PEERS =
            "status: {storageLocations: [{name: nfs, ready: true, peers: [{nodeName: host-a, token: one}]}]}";

    private final AtomicLong nanos = new AtomicLong();
    private final HeardNodes heard = new HeardNodes(new LeaseHistory(nanos::get), new LeaseHistory(nanos::get));
    private final FenceGatherer gatherer = new FenceGatherer(heard, 51, InstantSource.fixed(NOW));
    private int renewals;

    @Test
    void aNodeIsAsSilentAsTheOneOfAgentAndKubeletThatWasHeardLast() {
        pass(Duration.ofSeconds(100));
        heard.kubelets().seen("host-b", "1", Optional.empty(), Optional.of(NOW));
        pass(Duration.ofSeconds(30));
        renew("host-c");
        assertThat(silence(node(), node("metadata: {name: host-b}"), node("metadata: {name: host-c}")))
                .containsExactly(Duration.ofSeconds(130), Duration.ofSeconds(30), Duration.ZERO);
    }

    @Test
    void nodesThatAreSilentForAKnownReasonDoNotCount() {
        pass(Duration.ofSeconds(100));
        String drained =
                "status: {conditions: [{type: Enrolled, status: \"True\"}, {type: Drained, status: \"True\"}]}";
        assertThat(silence(node(drained))).isEmpty();
        assertThat(silence(node("status: {conditions: [{type: Enrolled, status: \"False\"}]}")))
                .isEmpty();
        assertThat(silence(node("status: null"))).isEmpty();
        assertThat(gather(List.of(node()), fence("status: {phase: Proved}"))
                        .cluster()
                        .silences())
                .isEmpty();
        assertThat(gather(List.of(node()), fence("status: {phase: Failed}"))
                        .cluster()
                        .silences())
                .hasSize(1);
    }

    @Test
    void otherNodesThatWereFencedAutomaticallyInTenMinutesCount() {
        String other = "spec: {nodeName: host-b}";
        assertThat(recentAttempts(fence(other))).isOne();
        assertThat(recentAttempts(fence(other, "status: {phase: Proved}"))).isOne();
        assertThat(recentAttempts(fence(other, "status: {phase: Released}"))).isOne();
        assertThat(recentAttempts(fence(other, "status: {phase: Failed}"))).isOne();
        assertThat(recentAttempts(fence(other), fence("spec: {nodeName: host-c}")))
                .isEqualTo(2);
        assertThat(recentAttempts(fence(other, "status: {phase: Proved}"), fence(other)))
                .isOne();

        assertThat(recentAttempts(fence())).isZero();
        assertThat(recentAttempts(fence(other, "status: {since: \"2026-03-01T11:50:00Z\"}")))
                .isZero();
        assertThat(recentAttempts(fence(other, "spec: {automatic: false}"))).isZero();
        assertThat(recentAttempts(fence(other, "status: {phase: Requested}"))).isZero();
        assertThat(recentAttempts(fence(other, "status: null"))).isZero();
    }

    @Test
    void anAttemptCountsAlsoWhenItsNodeFenceWasRemoved() {
        String other = "spec: {nodeName: host-b}";
        assertThat(recentAttempts(List.of(device(other)))).isOne();
        assertThat(recentAttempts(List.of(device(other), device("spec: {nodeName: host-c}"))))
                .isEqualTo(2);
        assertThat(recentAttempts(List.of(device(other)), fence(other, "status: {phase: Requested}")))
                .isOne();
        assertThat(recentAttempts(List.of(device(other)), fence(other))).isOne();

        assertThat(recentAttempts(List.of(device()))).isZero();
        assertThat(recentAttempts(List.of(device(other, "spec: {automatic: false}"))))
                .isZero();
        assertThat(recentAttempts(List.of(device(other, "status: {lastResult: {time: \"2026-03-01T11:50:00Z\"}}"))))
                .isZero();
        assertThat(recentAttempts(List.of(device(other, "status: {lastResult: null}"))))
                .isZero();
        assertThat(recentAttempts(List.of(device(other)), fence(other, "spec: {automatic: false}")))
                .isZero();
    }

    /** Of a leader that stood still, or whose watch is being drained after a stall. */
    @Test
    void silenceCountsOnlyWhileTheWatchBringsAtLeastTheLeadersOwnLease() {
        LeaseWatch.Listener watch = heard.agents(new AgentLiveness(nanos::get));
        renew("host-a");
        for (int beat = 0; beat < 10; beat++) {
            pass(Duration.ofSeconds(5));
            watch.seen(leaderLease(beat));
        }
        assertThat(gather(List.of(node())).untilSilentWhileWatched()).isZero();

        pass(Duration.ofMinutes(1));
        assertThat(gather(List.of(node())).untilSilentWhileWatched()).isEqualTo(FencePlanner.SILENCE);
        watch.seen(leaderLease(10));
        pass(Duration.ofSeconds(5));
        assertThat(gather(List.of(node())).untilSilentWhileWatched()).isEqualTo(Duration.ofSeconds(35));
    }

    private static Lease leaderLease(int version) {
        return new LeaseBuilder()
                .withNewMetadata()
                .withName("trusted-launch-operator")
                .withResourceVersion("leader-" + version)
                .endMetadata()
                .build();
    }

    @Test
    void aBeaconIsSeenByNodesThatAreHeard() {
        ClusterNode reporter = node("metadata: {name: host-b}", PEERS);
        renew("host-b");
        assertThat(beaconSeenBy(reporter)).containsExactly("host-b");
        assertThat(beaconSeenBy(node("metadata: {name: host-b}"))).isEmpty();
        assertThat(beaconSeenBy(node("metadata: {name: host-b}", PEERS.replace("ready: true", "ready: false"))))
                .isEmpty();
        assertThat(beaconSeenBy(node("metadata: {name: host-b}", PEERS, "status: {conditions: []}")))
                .isEmpty();
        pass(ClusterSilence.LIVING);
        assertThat(beaconSeenBy(reporter)).isEmpty();
    }

    /** A compromised node would have another machine's power cut, or escape the cut. */
    @Test
    void theMachineIsTheOneThatWasApproved() {
        FenceFacts facts = gather(List.of(node("status: {machineUUID: 11111111-7e2c-45ed-8737-b6004f4224cf}")));
        assertThat(facts.machineUUID()).contains("dd1f0b6f-7e2c-45ed-8737-b6004f4224cf");
        assertThat(facts.machineChanged()).isTrue();
        assertThat(gather(List.of(node())).machineChanged()).isFalse();
        assertThat(gather(List.of(node("status: {machineUUID: 6F0B1FDD-2C7E-ED45-8737-b6004f4224cf}")))
                        .machineChanged())
                .isFalse();
        FenceFacts unapproved = gather(List.of(node("spec: {machineUUID: null}")));
        assertThat(unapproved.machineUUID()).isEmpty();
        assertThat(unapproved.machineChanged()).isFalse();
    }

    @Test
    void anAgentThatWasHeardBeforeThePowerWasCutDoesNotContradictTheProof() {
        renew("host-a");
        assertThat(seen("status: {phase: Fencing}").agentHeard()).isFalse();
        pass(Duration.ofSeconds(1));
        renew("host-a");
        assertThat(seen("status: {phase: Fencing}").agentHeard()).isTrue();
        pass(Duration.ofSeconds(1));
        NodeFence proved = fence("status: {phase: Proved}");
        assertThat(gatherer.isContradicted(proved)).isFalse();
        assertThat(seen("status: {phase: Proved}").agentHeard()).isFalse();
        pass(Duration.ofSeconds(1));
        renew("host-a");
        assertThat(gatherer.isContradicted(proved)).isTrue();
        assertThat(seen("status: {phase: Proved}").agentHeard()).isTrue();
    }

    @Test
    void aWordIsContradictedByAllThatIsHeardAfterIt() {
        renew("host-a");
        String statement = "spec: {method: Statement, automatic: false}";
        assertThat(seen(statement, "status: {phase: Requested}").agentHeard()).isFalse();
        pass(Duration.ofSeconds(1));
        renew("host-a");
        assertThat(gatherer.isContradicted(fence(statement, "status: {phase: Proved}")))
                .isTrue();
        assertThat(seen(statement, "status: {phase: Proved}").agentHeard()).isTrue();
    }

    @Test
    void aNodeThatShutsDownOrWasDrainedIsSilentOnPurpose() {
        assertThat(gather(List.of(node())).outOfService()).isFalse();
        assertThat(gather(List.of(node("status: {conditions: [{type: Drained, status: \"True\"}]}")))
                        .outOfService())
                .isTrue();
        assertThat(gather(
                                List.of(
                                        node(
                                                "status: {conditions: [{type: HostReady, status: \"False\", reason: HostShuttingDown}]}")))
                        .outOfService())
                .isTrue();
    }

    @Test
    void aPersonsWishIsAWord() {
        assertThat(gather(List.of(node("spec: {fencing: {powerOff: {bootID: " + BOOT + ", requestedBy: alice}}}")))
                        .requests())
                .containsExactly(new FenceRequest(Method.Power, BOOT, "alice"));
    }

    @Test
    void aHostWhoseKubeletWasHeardAfterItsAgentLivedOnUnwatched() {
        assertThat(unwatched()).isZero();
        renew("host-a");
        assertThat(unwatched()).isZero();
        heard.kubelets().seen("host-a", "1", Optional.empty(), Optional.of(NOW.minusSeconds(5)));
        assertThat(unwatched()).isZero();
        heard.kubelets().seen("host-a", "2", Optional.empty(), Optional.of(NOW.plusSeconds(90)));
        assertThat(unwatched()).isEqualTo(Duration.ofSeconds(90));
    }

    /** Nothing was made for a boot that the agent did not answer from. */
    @Test
    void theBootIsThatOfTheLastAnswerWhateverTheLeaseNames() {
        renew("host-a");
        assertThat(gather(List.of(node())).boot()).isEmpty();
        assertThat(gather(List.of(node("status: {answer: {leader: former, bootID: the-first}}")))
                        .boot())
                .contains("the-first");
    }

    private List<String> beaconSeenBy(ClusterNode other) {
        return gather(List.of(node(), other)).beaconSeenBy();
    }

    private Duration unwatched() {
        return gather(List.of(node())).unwatched();
    }

    private List<Duration> silence(ClusterNode... all) {
        return gather(List.of(all)).cluster().silences();
    }

    private int recentAttempts(NodeFence... fences) {
        return recentAttempts(List.of(), fences);
    }

    private int recentAttempts(List<FenceDevice> devices, NodeFence... fences) {
        return gatherer.gather(node(), Optional.empty(), List.of(node()), Arrays.asList(fences), devices)
                .cluster()
                .recentAttempts();
    }

    private Fence seen(String... changes) {
        return gather(List.of(node()), fence(changes)).fences().getFirst();
    }

    /** About the first of the nodes. */
    private FenceFacts gather(List<ClusterNode> all, NodeFence... fences) {
        return gatherer.gather(all.getFirst(), Optional.empty(), all, Arrays.asList(fences), List.<FenceDevice>of());
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    private void renew(String node) {
        heard.agents().seen(node, String.valueOf(++renewals), Optional.of(BOOT), Optional.of(NOW));
    }

    private static ClusterNode node(String... changes) {
        return YAML.unmarshal(changed(NODE, changes), ClusterNode.class);
    }

    private static FenceDevice device(String... changes) {
        return YAML.unmarshal(changed(DEVICE, changes), FenceDevice.class);
    }

    private static NodeFence fence(String... changes) {
        return YAML.unmarshal(changed(FENCE, changes), NodeFence.class);
    }

    private static String changed(Manifest manifest, String... changes) {
        return Arrays.stream(changes)
                .reduce(manifest, Manifest::with, (one, other) -> other)
                .yaml();
    }
}
