package io.trustedlaunch.operator.fencing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.NodeFence;
import io.trustedlaunch.api.NodeFenceSpec;
import io.trustedlaunch.api.NodeFenceSpec.Method;
import io.trustedlaunch.api.NodeFenceSpecBuilder;
import io.trustedlaunch.api.NodeFenceStatus.Phase;
import io.trustedlaunch.api.NodeFenceStatus.Proof;
import io.trustedlaunch.api.NodeFenceStatusBuilder;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.operator.node.AgentLiveness;
import io.trustedlaunch.operator.node.LeaseWatch;
import io.trustedlaunch.testkit.FakeApiServer;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is read again right before silence has consequences. The watches bring what a test lets them bring. */
class FenceExecutorTest {
    private static final String BOOT = "3f0c6d6e-0000-0000-0000-000000000001";
    private static final String NAMESPACE = "operator";

    private final FakeApiServer server = new FakeApiServer();
    private long nanos;
    private long renewals;
    private final HeardNodes heard = new HeardNodes(new LeaseHistory(() -> nanos), new LeaseHistory(() -> nanos));
    private final LeaseWatch.Listener agents = heard.agents(new AgentLiveness(() -> nanos));
    private final LeaseWatch.Listener kubelets = heard.ofKubelets();
    private Runnable leading = () -> {};
    private final FenceExecutor executor = new FenceExecutor(
            new SilenceCheck(heard, NAMESPACE, this::read, () -> leading.run()),
            server,
            Failpoints.none(),
            (fence, status) -> {},
            new NoCache());

    private final class NoCache implements FenceExecutor.Cache {
        @Override
        public void created(NodeFence fence) {}

        @Override
        public void written(NodeFence fence, NodeFence before) {}

        @Override
        public void removed(NodeFence fence) {}
    }

    @BeforeEach
    void theNodeHasBeenSilentForLong() {
        renew(NAMESPACE, "node-host-a");
        renew(HeardNodes.KUBELETS, "host-a");
        watchesBringAll();
        nanos += Duration.ofMinutes(5).toNanos();
    }

    @Test
    void aNodeThatIsSilentLosesItsPower() {
        assertThat(phaseAfter(fence(Method.Power, true), Phase.Fencing)).contains(Phase.Fencing);
    }

    @Test
    void anAgentThatWasHeardUnseenKeepsThePower() {
        renew(NAMESPACE, "node-host-a");
        NodeFence fence = fence(Method.Power, true);
        assertThat(phaseAfter(fence, Phase.Fencing)).isEmpty();
        assertThat(heard.agents().wasRenewedAfter("host-a", nanos - 1)).isTrue();
        assertThat(heard.agents().boot("host-a")).contains(BOOT);
    }

    @Test
    void aKubeletThatWasHeardUnseenKeepsThePower() {
        renew(HeardNodes.KUBELETS, "host-a");
        assertThat(phaseAfter(fence(Method.Power, true), Phase.Fencing)).isEmpty();
        assertThat(heard.kubelets().wasRenewedAfter("host-a", nanos - 1)).isTrue();
    }

    /** The plan was made before. */
    @Test
    void anAgentThatTheWatchHasBroughtMeanwhileKeepsThePower() {
        renew(NAMESPACE, "node-host-a");
        watchesBringAll();
        assertThat(phaseAfter(fence(Method.Power, true), Phase.Fencing)).isEmpty();
    }

    @Test
    void aLeaseThatIsGoneIsSilentOnlyFromNowOn() {
        server.seen(Lease.class)
                .filter(lease -> lease.getMetadata().getName().equals("host-a"))
                .forEach(server::remove);
        NodeFence fence = fence(Method.Power, true);
        assertThat(phaseAfter(fence, Phase.Fencing)).isEmpty();
        nanos += FencePlanner.SILENCE.toNanos();
        assertThat(phaseAfter(fence, Phase.Fencing)).contains(Phase.Fencing);
    }

    @Test
    void aProcessThatDoesNotLeadAnyMoreCutsNothing() {
        leading = () -> {
            throw new IllegalStateException("another process holds the leader Lease");
        };
        NodeFence fence = fence(Method.Power, true);
        assertThatThrownBy(() -> phaseAfter(fence, Phase.Fencing)).isInstanceOf(IllegalStateException.class);
        assertThat(phase(fence)).isEmpty();
    }

    @Test
    void aWordIsNoProofOfANodeThatWasHeardUnseen() {
        renew(NAMESPACE, "node-host-a");
        assertThat(phaseAfter(fence(Method.Statement, false), Phase.Proved)).isEmpty();
    }

    @Test
    void whatAPersonWantsAndWhatThePowerProvesNeedNoSilence() {
        renew(NAMESPACE, "node-host-a");
        NodeFence fence = fence(Method.Power, false);
        assertThat(phaseAfter(fence, Phase.Fencing)).contains(Phase.Fencing);
        assertThat(phaseAfter(server.find(NodeFence.class, name(fence)).orElseThrow(), Phase.Proved))
                .contains(Phase.Proved);
    }

    private NodeFence fence(Method method, boolean automatic) {
        NodeFenceSpec spec = NodeFenceSpecBuilder.builder()
                .nodeName("host-a")
                .bootID(BOOT)
                .method(method)
                .automatic(automatic)
                .build();
        executor.carryOut(new FenceStep.Create(spec));
        return server.find(NodeFence.class, NodeFence.nameOf("host-a", BOOT)).orElseThrow();
    }

    private Optional<Phase> phaseAfter(NodeFence fence, Phase next) {
        executor.carryOut(new FenceStep.Report(
                fence,
                NodeFenceStatusBuilder.builder()
                        .phase(next)
                        .since("2026-03-01T12:00:00Z")
                        .message("it is time")
                        .proof(next == Phase.Proved ? new Proof("alice", "silent", null, null, 0L) : null)
                        .build()));
        return phase(fence);
    }

    private Optional<Phase> phase(NodeFence fence) {
        return server.find(NodeFence.class, name(fence))
                .map(NodeFence::getStatus)
                .map(status -> status.phase());
    }

    private static String name(NodeFence fence) {
        return fence.getMetadata().getName();
    }

    private void watchesBringAll() {
        server.seen(Lease.class).forEach(lease -> (isOfKubelet(lease) ? kubelets : agents).seen(lease));
    }

    private static boolean isOfKubelet(Lease lease) {
        return HeardNodes.KUBELETS.equals(lease.getMetadata().getNamespace());
    }

    private Optional<Lease> read(String namespace, String name) {
        return server.seen(Lease.class)
                .filter(lease -> lease.getMetadata().getNamespace().equals(namespace)
                        && lease.getMetadata().getName().equals(name))
                .findFirst();
    }

    private void renew(String namespace, String name) {
        server.put(new LeaseBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(name)
                .addToAnnotations(Api.BOOT_ID, BOOT)
                .endMetadata()
                .withNewSpec()
                .withRenewTime(ZonedDateTime.parse("2026-03-01T12:00:00Z").plusNanos(++renewals))
                .endSpec()
                .build());
    }
}
