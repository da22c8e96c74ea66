package io.trustedlaunch.operator.network;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.VMNetwork;
import io.trustedlaunch.api.node.VMNetworkStatus;
import io.trustedlaunch.api.node.VMNetworkStatus.Node;
import io.trustedlaunch.testkit.Networks;
import io.trustedlaunch.testkit.Nodes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NetworkStatusTest {
    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

    private final VMNetwork network = Networks.network("vlan-42");
    private final List<ClusterNode> nodes = new ArrayList<>();

    @Test
    void itSaysOfEachNodeWhetherItHasTheNetwork() {
        node("host-b", Nodes.ENROLLED, "default", "vlan-42");
        node("host-a", Nodes.ENROLLED, "default");
        assertThat(status().nodes()).containsExactly(new Node("host-a", false), new Node("host-b", true));
        assertReady("True", Reason.NetworkReady, "active on host-b");
    }

    @Test
    void aNodeThatIsNotEnrolledIsNotAsked() {
        node("stranger", Nodes.NOT_ENROLLED, "vlan-42");
        assertThat(status().nodes()).isEmpty();
        assertReady("False", Reason.NoNodes, "no enrolled node has reported");
    }

    @Test
    void whereNoNodeHasItOneMayStillGetIt() {
        node("host-a", Nodes.ENROLLED, "default");
        assertReady("False", Reason.NetworkMissing, "define and start it on the hosts");
        assertThat(ConditionType.Reconciling.in(status().conditions())).isPresent();
    }

    @Test
    void aHeartbeatChangesNothing() {
        node("host-a", Nodes.ENROLLED, "vlan-42");
        VMNetworkStatus before = status();
        network.setStatus(before);
        assertThat(NetworkStatus.of(network, nodes, NOW.plusSeconds(3600))).isEqualTo(before);
    }

    @Test
    void theMessageNamesAFewOfManyNodes() {
        IntStream.range(10, 30).forEach(each -> node("host-" + each, Nodes.ENROLLED, "vlan-42"));
        assertThat(ready().getMessage()).endsWith("host-19 and 10 more");
    }

    private void node(String name, Condition enrolled, String... networks) {
        ClusterNode node = new ClusterNode();
        node.setMetadata(new ObjectMetaBuilder().withName(name).build());
        node.setStatus(Nodes.status()
                .networks(List.of(networks))
                .conditions(List.of(enrolled))
                .build());
        nodes.add(node);
    }

    private VMNetworkStatus status() {
        return NetworkStatus.of(network, nodes, NOW);
    }

    private Condition ready() {
        return ConditionType.Ready.in(status().conditions()).orElseThrow();
    }

    private void assertReady(String status, Reason reason, String message) {
        assertThat(ready().getStatus()).isEqualTo(status);
        assertThat(ready().getReason()).isEqualTo(reason.name());
        assertThat(ready().getMessage()).contains(message);
    }
}
