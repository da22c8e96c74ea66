package io.trustedlaunch.cli.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeSpec;
import io.trustedlaunch.api.node.ClusterNodeSpec.Maintenance;
import io.trustedlaunch.api.node.ClusterNodeSpec.PowerOff;
import io.trustedlaunch.api.node.ClusterNodeSpec.Statement;
import io.trustedlaunch.api.node.ClusterNodeStatus.Answer;
import io.trustedlaunch.api.node.ClusterNodeStatusBuilder;
import io.trustedlaunch.api.node.FenceDevice;
import io.trustedlaunch.api.node.FenceDeviceSpec.Agent;
import io.trustedlaunch.api.node.FenceDeviceSpecBuilder;
import io.trustedlaunch.api.node.FenceDeviceStatus;
import io.trustedlaunch.api.node.NodeFence;
import io.trustedlaunch.api.node.NodeFenceSpec;
import io.trustedlaunch.api.node.NodeFenceSpec.Method;
import io.trustedlaunch.api.node.NodeFenceStatus.Phase;
import io.trustedlaunch.api.node.NodeFenceStatusBuilder;
import io.trustedlaunch.testkit.Cluster;
import io.trustedlaunch.testkit.OwnThread;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import picocli.CommandLine;

/** {@code kubectl tlvm fence} on a real API server; the test plays the operator. */
class FenceCommandIT {
    @RegisterExtension
    static final Cluster CLUSTER = new Cluster();

    private static final long LONG = 30;
    private static final Duration SHORT = Duration.ofMillis(100);
    private static final String BOOT = "3f0c6d6e-0000-0000-0000-000000000001";

    private String node;

    private record Ran(int code, String out, String err) {}

    @BeforeEach
    void makeNode() {
        node = clusterNode();
        CLUSTER.admin().resources(ClusterNode.class).withName(node).editStatus(seen -> {
            seen.setStatus(ClusterNodeStatusBuilder.builder()
                    .observedGeneration(1L)
                    .answer(new Answer("a leader", BOOT, null, List.of()))
                    .build());
            return seen;
        });
    }

    @Test
    void aSilentNodeIsStatedDeadInOnesOwnNameAndTheProofIsAwaited() throws Exception {
        CompletableFuture<Ran> fence = inBackground(fenceCommand(""), node, "--yes");
        await().until(() -> statement().isPresent());
        assertThat(statement()).contains(new Statement(BOOT, CLUSTER.adminName()));
        NodeFence requested = createFence();
        assertThat(fence).isNotDone();
        report(requested, Phase.Proved, "its VMs start on other nodes");

        Ran ran = fence.get(LONG, TimeUnit.SECONDS);
        assertThat(ran.code()).isZero();
        assertThat(ran.out())
                .contains("Boot:         " + BOOT, "VMs:          none")
                .endsWith(requested.getMetadata().getName() + ": Proved (its VMs start on other nodes)\n");
    }

    @Test
    void aStatementThatIsContradictedFailsAndIsWithdrawnBeforeAnother() throws Exception {
        NodeFence requested = createFence();
        CompletableFuture<Ran> fence = inBackground(fenceCommand("yes\n"), node);
        await().until(() -> statement().isPresent());
        report(requested, Phase.Contradicted, "its agent was heard");
        assertThat(fence.get(LONG, TimeUnit.SECONDS).code()).isEqualTo(1);
        assertThat(run(fenceCommand("yes\n"), node).err()).contains("Contradicted (its agent was heard)");

        CompletableFuture<Ran> withdrawal = inBackground(fenceCommand(""), node, "--withdraw");
        await().until(() -> statement().isEmpty());
        CLUSTER.admin().resource(requested).delete();
        Ran ran = withdrawal.get(LONG, TimeUnit.SECONDS);
        assertThat(ran.code()).isZero();
        assertThat(ran.out()).endsWith(requested.getMetadata().getName() + " removed\n");
    }

    @Test
    void aNodeThatIsProvedDeadStaysSo() {
        report(createFence(), Phase.Proved, "its VMs start on other nodes");

        Ran again = run(fenceCommand(""), node);
        assertThat(again.code()).isZero();
        assertThat(again.out()).contains("Proved");
        assertThat(statement()).isEmpty();
        Ran withdrawal = run(fenceCommand(""), node, "--withdraw");
        assertThat(withdrawal.code()).isEqualTo(1);
        assertThat(withdrawal.out()).contains("has no statement", "stays Proved");
    }

    @Test
    void aNodeWhoseAgentIsHeardIsNotStatedDead() throws Exception {
        Lease lease = renewLease(ZonedDateTime.now(ZoneOffset.UTC));
        AtomicBoolean refused = new AtomicBoolean();
        Thread agent = Thread.ofVirtual().start(() -> {
            while (!refused.get()) {
                CLUSTER.admin()
                        .leases()
                        .inNamespace(Cluster.NAMESPACE)
                        .withName(lease.getMetadata().getName())
                        .edit(seen -> {
                            seen.getSpec().setRenewTime(ZonedDateTime.now(ZoneOffset.UTC));
                            return seen;
                        });
            }
        });

        Ran ran = run(new FenceCommand(Cluster.TIMEOUT, new StringReader("yes\n"), true), node);
        refused.set(true);
        agent.join();
        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.err()).startsWith("error: the agent of " + node + " is heard, so its host is not dead.");
        assertThat(statement()).isEmpty();
    }

    @Test
    void aNodeWhoseAgentWasHeardLatelyIsStatedDeadOnceItWasNotHeardAgain() {
        renewLease(ZonedDateTime.now(ZoneOffset.UTC).plusHours(1));

        assertThat(run(fenceCommand("no\n"), node).out())
                .contains("was heard lately", "Agent:        not heard", "nothing was changed\n");
    }

    @Test
    void aStatementIsConfirmedAndIsAboutABoot() {
        Ran unconfirmed = run(fenceCommand("no\n"), node);
        assertThat(unconfirmed.code()).isEqualTo(1);
        assertThat(unconfirmed.out()).endsWith("nothing was changed\n");
        assertThat(unconfirmed.err()).contains("Do you, " + CLUSTER.adminName() + ", state that the host of " + node);
        assertThat(run(new FenceCommand(SHORT, new StringReader(""), false), node)
                        .err())
                .contains("--yes is required");
        assertThat(run(fenceCommand("yes\n"), clusterNode()).err()).contains("has no status.answer.bootID");
        assertThat(run(fenceCommand("yes\n"), "nowhere").err())
                .isEqualTo("error: ClusterNode nowhere does not exist\n");
        assertThat(statement()).isEmpty();
    }

    @Test
    void thePowerOfANodeThatIsHeardIsCutByItsDevice() throws Exception {
        renewLease(ZonedDateTime.now(ZoneOffset.UTC));
        assertThat(run(fenceCommand("yes\n"), node, "--power-off").err())
                .startsWith("error: there is no FenceDevice with spec.nodeName " + node);
        FenceDevice device = CLUSTER.create(device());
        assertThat(run(fenceCommand("yes\n"), node, "--power-off").err()).contains("no fencer has tested it");
        tested(device);
        Ran unconfirmed = run(fenceCommand("no\n"), node, "--power-off");
        assertThat(unconfirmed.out()).contains("VMs:          none").endsWith("nothing was changed\n");
        assertThat(powerOff()).isEmpty();

        CompletableFuture<Ran> fence = inBackground(fenceCommand(""), node, "--power-off", "--yes");
        await().until(() -> powerOff().isPresent());
        assertThat(powerOff()).contains(new PowerOff(BOOT, CLUSTER.adminName()));
        NodeFence requested = createFence(Method.Power);
        report(requested, Phase.Failed, "it does not answer");
        Ran failed = fence.get(LONG, TimeUnit.SECONDS);
        assertThat(failed.code()).isEqualTo(1);
        assertThat(failed.out()).endsWith(requested.getMetadata().getName() + ": Failed (it does not answer)\n");

        CompletableFuture<Ran> statement =
                inBackground(new FenceCommand(SHORT, new StringReader(""), true), clusterNodeWithoutLease(), "--yes");
        await().until(() -> statement().isPresent());
        assertThat(powerOff()).isEmpty();
        assertThat(statement).isNotDone();
        report(CLUSTER.admin().resource(requested).get(), Phase.Proved, "it is off");
        assertThat(statement.get(LONG, TimeUnit.SECONDS).code()).isZero();
    }

    /** The same node: its agent is not heard any more. */
    private String clusterNodeWithoutLease() {
        CLUSTER.admin()
                .leases()
                .inNamespace(Cluster.NAMESPACE)
                .withName("node-" + node)
                .delete();
        return node;
    }

    private Optional<PowerOff> powerOff() {
        return Optional.ofNullable(CLUSTER.admin()
                        .resources(ClusterNode.class)
                        .withName(node)
                        .get()
                        .getSpec()
                        .fencing())
                .map(ClusterNodeSpec.Fencing::powerOff);
    }

    private FenceDevice device() {
        FenceDevice device = new FenceDevice();
        device.setMetadata(new ObjectMetaBuilder().withName(node).build());
        device.setSpec(FenceDeviceSpecBuilder.builder()
                .nodeName(node)
                .agent(Agent.fence_redfish)
                .address("bmc")
                .secretRef(new ObjectRef("bmc"))
                .build());
        return device;
    }

    private static void tested(FenceDevice device) {
        CLUSTER.admin().resource(device).editStatus(seen -> {
            seen.setStatus(new FenceDeviceStatus(
                    1L,
                    null,
                    "2026-11-24T10:00:00Z",
                    null,
                    List.of(new ConditionBuilder()
                            .withType("Ready")
                            .withStatus("True")
                            .withReason("FenceDeviceReady")
                            .withMessage("it is the node's machine")
                            .withLastTransitionTime("2026-11-24T10:00:00Z")
                            .build())));
            return seen;
        });
    }

    private static FenceCommand fenceCommand(String answers) {
        return new FenceCommand(SHORT, new StringReader(answers), true);
    }

    private Optional<Statement> statement() {
        return Optional.ofNullable(CLUSTER.admin()
                        .resources(ClusterNode.class)
                        .withName(node)
                        .get()
                        .getSpec()
                        .fencing())
                .map(ClusterNodeSpec.Fencing::statement);
    }

    private NodeFence createFence() {
        return createFence(Method.Statement);
    }

    private NodeFence createFence(Method method) {
        NodeFence fence = new NodeFence();
        fence.setMetadata(
                new ObjectMetaBuilder().withName(NodeFence.nameOf(node, BOOT)).build());
        fence.setSpec(new NodeFenceSpec(node, BOOT, method));
        return CLUSTER.create(fence);
    }

    private static void report(NodeFence fence, Phase phase, String message) {
        CLUSTER.admin().resource(fence).editStatus(seen -> {
            seen.setStatus(NodeFenceStatusBuilder.builder()
                    .phase(phase)
                    .since("2026-11-24T10:00:00Z")
                    .message(message)
                    .build());
            return seen;
        });
    }

    private Lease renewLease(ZonedDateTime time) {
        return CLUSTER.create(new LeaseBuilder()
                .withNewMetadata()
                .withNamespace(Cluster.NAMESPACE)
                .withName("node-" + node)
                .endMetadata()
                .withNewSpec()
                .withRenewTime(time)
                .endSpec()
                .build());
    }

    private static String clusterNode() {
        ClusterNode node = new ClusterNode();
        node.setMetadata(
                new ObjectMetaBuilder().withName(Cluster.uniqueName("fence")).build());
        node.setSpec(new ClusterNodeSpec("10.0.0.1", Maintenance.None, null, null));
        return CLUSTER.create(node).getMetadata().getName();
    }

    private static Ran run(FenceCommand command, String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = new CommandLine(command)
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .setExecutionExceptionHandler(new CommandExceptionHandler());
        String[] all = Stream.concat(Arrays.stream(arguments), Stream.of("--timeout", Long.toString(LONG)))
                .toArray(String[]::new);
        return new Ran(line.execute(all), out.toString(), err.toString());
    }

    private static CompletableFuture<Ran> inBackground(FenceCommand command, String... arguments) {
        return OwnThread.supply(() -> run(command, arguments));
    }
}
