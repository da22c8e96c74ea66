package io.trustedlaunch.operator.fencing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.node.NodeFence;
import io.trustedlaunch.api.node.NodeFenceSpec;
import io.trustedlaunch.api.node.NodeFenceSpec.Method;
import io.trustedlaunch.api.node.NodeFenceSpecBuilder;
import io.trustedlaunch.api.node.NodeFenceStatus.Phase;
import io.trustedlaunch.api.node.NodeFenceStatus.Proof;
import io.trustedlaunch.api.node.NodeFenceStatusBuilder;
import io.trustedlaunch.controller.StaleViewException;
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
    private final FenceExecutor executor = executor("leader-1", this::read);

    private FenceExecutor executor(String leader, SilenceCheck.LeaseReader leases) {
        return new FenceExecutor(
                new SilenceCheck(heard, NAMESPACE, leader, leases, () -> leading.run()),
                server,
                Failpoints.none(),
                (fence, status) -> {},
                new NoCache());
    }

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
        assertThat(phaseAfter(fence(Method.Power, true), Phase.Fencing)).isEqualTo(Phase.Fencing);
    }

    @Test
    void anAgentThatWasHeardUnseenKeepsThePower() {
        renew(NAMESPACE, "node-host-a");
        NodeFence fence = fence(Method.Power, true);
        assertThat(phaseAfter(fence, Phase.Fencing)).isEqualTo(Phase.Requested);
        assertThat(heard.agents().wasRenewedAfter("host-a", nanos - 1)).isTrue();
        assertThat(heard.agents().boot("host-a")).contains(BOOT);
    }

    @Test
    void aKubeletThatWasHeardUnseenKeepsThePower() {
        renew(HeardNodes.KUBELETS, "host-a");
        assertThat(phaseAfter(fence(Method.Power, true), Phase.Fencing)).isEqualTo(Phase.Requested);
        assertThat(heard.kubelets().wasRenewedAfter("host-a", nanos - 1)).isTrue();
    }

    /** The plan was made before. */
    @Test
    void anAgentThatTheWatchHasBroughtMeanwhileKeepsThePower() {
        renew(NAMESPACE, "node-host-a");
        watchesBringAll();
        assertThat(phaseAfter(fence(Method.Power, true), Phase.Fencing)).isEqualTo(Phase.Requested);
    }

    @Test
    void aLeaseThatIsGoneIsSilentOnlyFromNowOn() {
        server.seen(Lease.class)
                .filter(lease -> lease.getMetadata().getName().equals("host-a"))
                .forEach(server::remove);
        NodeFence fence = fence(Method.Power, true);
        assertThat(phaseAfter(fence, Phase.Fencing)).isEqualTo(Phase.Requested);
        nanos += FencePlanner.SILENCE.toNanos();
        assertThat(phaseAfter(fence, Phase.Fencing)).isEqualTo(Phase.Fencing);
    }

    @Test
    void aProcessThatDoesNotLeadAnyMoreCutsNothing() {
        leading = () -> {
            throw new IllegalStateException("another process holds the leader Lease");
        };
        NodeFence fence = fence(Method.Power, true);
        assertThatThrownBy(() -> phaseAfter(fence, Phase.Fencing)).isInstanceOf(IllegalStateException.class);
        assertThat(phase(fence)).isEqualTo(Phase.Requested);
    }

    @Test
    void aWordIsNoProofOfANodeThatWasHeardUnseen() {
        renew(NAMESPACE, "node-host-a");
        assertThat(phaseAfter(fence(Method.Statement, false), Phase.Proved)).isEqualTo(Phase.Requested);
    }

    @Test
    void whatAPersonWantsAndWhatThePowerProvesNeedNoSilence() {
        renew(NAMESPACE, "node-host-a");
        NodeFence fence = fence(Method.Power, false);
        assertThat(phaseAfter(fence, Phase.Fencing)).isEqualTo(Phase.Fencing);
        assertThat(phaseAfter(read(fence), Phase.Proved)).isEqualTo(Phase.Proved);
    }

    /** A new leader puts its name there; it has no other reason to write before it has watched for long enough. */
    @Test
    void aFormerLeaderThatStoodStillBetweenTheReadAndTheWriteCutsNothing() {
        NodeFence fence = fence(Method.Power, true);
        FenceExecutor next = executor("leader-2", this::read);
        FenceExecutor former = executor("leader-1", (namespace, name) -> {
            Optional<Lease> lease = read(namespace, name);
            NodeFence now = read(fence);
            if (next.isOfFormerLeader(now)) {
                next.takeOver(now);
            }
            return lease;
        });
        assertThatThrownBy(() -> former.carryOut(report(fence, Phase.Fencing))).isInstanceOf(StaleViewException.class);
        assertThat(phase(fence)).isEqualTo(Phase.Requested);
        assertThat(read(fence).getStatus().leader()).isEqualTo("leader-2");
    }

    @Test
    void aFenceIsOnRecordAsRequestedBeforeItsSilenceCounts() {
        NodeFence created = created(Method.Power, true);
        executor.carryOut(report(created, Phase.Fencing));
        NodeFence requested = read(created);
        assertThat(requested.getStatus().phase()).isEqualTo(Phase.Requested);
        assertThat(executor.isOfFormerLeader(requested)).isFalse();
        assertThat(executor("leader-2", this::read).isOfFormerLeader(requested)).isTrue();
    }

    /** The fencer answers a version. */
    @Test
    void aFenceThatTheFencerIsToAnswerIsLeftAsItIs() {
        NodeFence fence = fence(Method.Power, true);
        phaseAfter(fence, Phase.Fencing);
        assertThat(executor("leader-2", this::read).isOfFormerLeader(read(fence)))
                .isFalse();
    }

    private NodeFence created(Method method, boolean automatic) {
        NodeFenceSpec spec = NodeFenceSpecBuilder.builder()
                .nodeName("host-a")
                .bootID(BOOT)
                .method(method)
                .automatic(automatic)
                .build();
        executor.carryOut(new FenceStep.Create(spec));
        return server.find(NodeFence.class, NodeFence.nameOf("host-a", BOOT)).orElseThrow();
    }

    private NodeFence fence(Method method, boolean automatic) {
        NodeFence created = created(method, automatic);
        executor.carryOut(report(created, Phase.Requested));
        return read(created);
    }

    private Phase phaseAfter(NodeFence fence, Phase next) {
        executor.carryOut(report(fence, next));
        return phase(fence);
    }

    private static FenceStep.Report report(NodeFence fence, Phase next) {
        return new FenceStep.Report(
                fence,
                NodeFenceStatusBuilder.builder()
                        .phase(next)
                        .since("2026-03-01T12:00:00Z")
                        .message("it is time")
                        .proof(next == Phase.Proved ? new Proof("alice", "silent", null, null, 0L) : null)
                        .build());
    }

    private Phase phase(NodeFence fence) {
        return read(fence).getStatus().phase();
    }

    private NodeFence read(NodeFence fence) {
        return server.find(NodeFence.class, fence.getMetadata().getName()).orElseThrow();
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
