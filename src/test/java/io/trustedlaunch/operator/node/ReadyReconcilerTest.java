package io.trustedlaunch.operator.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeSpec;
import io.trustedlaunch.api.node.ClusterNodeSpec.Maintenance;
import io.trustedlaunch.api.node.ClusterNodeStatus;
import io.trustedlaunch.api.node.ClusterNodeStatus.Answer;
import io.trustedlaunch.api.node.ClusterNodeStatusBuilder;
import io.trustedlaunch.api.node.NodeFence;
import io.trustedlaunch.api.node.NodeFenceSpec;
import io.trustedlaunch.api.node.NodeFenceSpec.Method;
import io.trustedlaunch.api.node.NodeFenceStatus.Phase;
import io.trustedlaunch.api.node.NodeFenceStatusBuilder;
import io.trustedlaunch.controller.ResourceWriter;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Whether the column READY of {@code kubectl get clusternodes} can be believed when a host is gone. */
class ReadyReconcilerTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final String BOOT = "3f0c6d6e-7f5b-4b39-9a3e-2d4c5b6a7f80";
    private static final String OTHER_BOOT = "7a1e9c44-0b6d-4c1f-8e2a-90d3b1c5e6f7";

    private final List<NodeFence> fences = new ArrayList<>();
    private AgentLiveness liveness = new AgentLiveness(this::nanos);
    private long seconds;
    private int renewals;
    private int writes;
    private Optional<Condition> ready = Optional.empty();
    private Optional<Condition> following = Optional.empty();
    private Optional<Condition> host = Optional.of(host("True", "PreflightPassed", "it has all"));
    private String boot = BOOT;

    @Test
    void aNodeIsReadyWhileItsAgentIsHeardAndReportsThatItsHostIs() {
        renew();
        renew();
        assertReady("True", "NodeReady", "the agent is alive");
        host = Optional.of(host("False", "HypervisorUnavailable", "libvirtd does not answer"));
        assertReady("False", "HypervisorUnavailable", "libvirtd does not answer");
    }

    @Test
    void aNodeWhoseAgentHasReportedNothingYetSaysNothing() {
        host = Optional.empty();
        renew();
        renew();
        pass();
        assertThat(ready).isEmpty();
        assertThat(writes).isZero();
    }

    @Test
    void aNodeWhoseAgentsLeaseHasRunOutIsNotKnownToBeReady() {
        renew();
        renew();
        assertReady("True", "NodeReady", "");
        seconds += 39;
        assertReady("True", "NodeReady", "");
        seconds += 1;
        assertReady("Unknown", "AgentNotAlive", "has not renewed its Lease for 40 s");
        renew();
        assertReady("True", "NodeReady", "");
    }

    /** Each five seconds it is looked at. */
    @Test
    void aNodeThatStaysSilentIsWrittenOnce() {
        renew();
        renew();
        seconds += 40;
        pass();
        int before = writes;
        seconds += 5;
        pass();
        assertThat(following).isPresent();
        assertThat(writes).isEqualTo(before);
    }

    @Test
    void whatAnAgentReportedBeforeItWentStaysInTheMessage() {
        renew();
        renew();
        host = Optional.of(host("False", "HostShuttingDown", "it is shutting down"));
        seconds += 40;
        assertReady("Unknown", "AgentNotAlive", "Reported last: HostShuttingDown");
    }

    @Test
    void itIsLookedAtAgainWhenTheLeaseRunsOut() {
        renew();
        renew();
        assertThat(pass()).isEqualTo(Duration.ofSeconds(41));
        seconds += 30;
        assertThat(pass()).isEqualTo(Duration.ofSeconds(11));
        seconds += 30;
        assertThat(pass()).isLessThan(Duration.ofSeconds(10));
    }

    /** Another process counts each Lease that it finds as renewed, also that of a host without power. */
    @Test
    void anOperatorThatHasJustStartedTakesNothingBackBeforeItHasHeardTheAgent() {
        renew();
        seconds += 40;
        assertReady("Unknown", "AgentNotAlive", "");
        liveness = new AgentLiveness(this::nanos);
        liveness.seen("node-host-a", "v" + renewals);
        assertReady("Unknown", "AgentNotAlive", "");
        renew();
        assertReady("True", "NodeReady", "");
        liveness = new AgentLiveness(this::nanos);
        liveness.seen("node-host-a", "v" + renewals);
        assertReady("True", "NodeReady", "");
    }

    @Test
    void aNodeThatIsProvedDeadIsNotReady() {
        renew();
        renew();
        fences.add(fence("host-b", BOOT, Phase.Proved));
        fences.add(fence("host-a", BOOT, Phase.Fencing));
        assertReady("True", "NodeReady", "");
        fences.add(fence("host-a", BOOT, Phase.Proved));
        assertReady("False", "NodeProvedDead", "nodefence/" + NodeFence.nameOf("host-a", BOOT));
        seconds += 300;
        assertReady("False", "NodeProvedDead", "");
    }

    @Test
    void aNodeThatIsBackInAnotherBootIsReady() {
        fences.add(fence("host-a", BOOT, Phase.Proved));
        renew();
        assertReady("False", "NodeProvedDead", "");
        boot = OTHER_BOOT;
        renew();
        assertReady("True", "NodeReady", "");
    }

    @Test
    void nothingIsWrittenWhileNothingChanges() {
        renew();
        for (int pass = 0; pass < 5; pass++) {
            renew();
            pass();
        }
        assertThat(writes).isEqualTo(1);
    }

    /** Of a newer version. */
    @Test
    void aReasonThatTheOperatorDoesNotKnowIsReplacedAndItsMessageShown() {
        renew();
        renew();
        host = Optional.of(host("False", "SomethingNew", "the message"));
        assertReady("False", "PreflightFailed", "the message");
    }

    private long nanos() {
        return Duration.ofSeconds(seconds).toNanos();
    }

    private void renew() {
        renewals++;
        liveness.seen("node-host-a", "v" + renewals);
    }

    private void assertReady(String status, String reason, String message) {
        pass();
        assertThat(ready).hasValueSatisfying(known -> {
            assertThat(known.getReason()).isEqualTo(reason);
            assertThat(known.getStatus()).isEqualTo(status);
            assertThat(known.getMessage()).contains(message);
        });
    }

    private Duration pass() {
        ClusterNode node = new ClusterNode();
        node.setMetadata(
                new ObjectMetaBuilder().withName("host-a").withGeneration(1L).build());
        node.setSpec(new ClusterNodeSpec("192.0.2.1", Maintenance.None, null, null));
        node.setStatus(ClusterNodeStatusBuilder.builder()
                .answer(new Answer("a leader", boot, null, List.of()))
                .conditions(Stream.of(following, host, ready)
                        .flatMap(Optional::stream)
                        .toList())
                .build());
        return new ReadyReconciler(liveness, writer(), () -> NOW.plusSeconds(seconds)).record(node, fences);
    }

    private ResourceWriter writer() {
        return (ResourceWriter) Proxy.newProxyInstance(
                ResourceWriter.class.getClassLoader(),
                new Class<?>[] {ResourceWriter.class},
                (proxy, method, arguments) -> {
                    assertThat(method.getName()).isEqualTo("applyStatus");
                    ClusterNodeStatus applied = ((ClusterNode) arguments[0]).getStatus();
                    ready = ConditionType.Ready.in(applied.conditions());
                    following = ConditionType.Reconciling.in(applied.conditions());
                    assertThat(applied.conditions())
                            .containsExactlyElementsOf(Stream.of(ready, following)
                                    .flatMap(Optional::stream)
                                    .toList());
                    assertThat(following.isPresent())
                            .isEqualTo(!ready.orElseThrow().getStatus().equals("True"));
                    writes++;
                    return arguments[0];
                });
    }

    private static Condition host(String status, String reason, String message) {
        return new ConditionBuilder()
                .withType("HostReady")
                .withStatus(status)
                .withReason(reason)
                .withMessage(message)
                .withLastTransitionTime(NOW.toString())
                .build();
    }

    private static NodeFence fence(String node, String boot, Phase phase) {
        NodeFence fence = new NodeFence();
        fence.setMetadata(
                new ObjectMetaBuilder().withName(NodeFence.nameOf(node, boot)).build());
        fence.setSpec(new NodeFenceSpec(node, boot, Method.Statement));
        fence.setStatus(NodeFenceStatusBuilder.builder().phase(phase).build());
        return fence;
    }
}
