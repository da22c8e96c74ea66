package io.trustedlaunch.operator;

import static io.trustedlaunch.operator.PlayedStatus.runs;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.vm.ConsoleKind;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.VMConsole;
import io.trustedlaunch.api.vm.VMConsoleSpec;
import io.trustedlaunch.api.vm.VMConsoleStatus;
import io.trustedlaunch.api.vm.VMConsoleStatusBuilder;
import io.trustedlaunch.controller.Conditions;
import io.trustedlaunch.custody.NodeCertificateVerifier;
import io.trustedlaunch.testkit.Cluster;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Console sessions on a real API server, under the roles of the chart; the test plays the agent and the users. */
class ConsoleIT {
    @Order(1)
    @RegisterExtension
    static final Cluster CLUSTER = new Cluster();

    @Order(2)
    @RegisterExtension
    static final OperatorUnderTest OPERATOR = new OperatorUnderTest(CLUSTER, "console");

    private static final Duration PATIENCE = Cluster.TIMEOUT;
    private static final String KEY = "0123456789abcdef".repeat(4);

    private PlayedAgent agent;
    private String namespace;
    private TrustedLaunchVM vm;

    @BeforeEach
    void runAVm() {
        agent = new PlayedAgent(CLUSTER, CLUSTER.node(Cluster.uniqueName("host-a"))).register();
        namespace = CLUSTER.namespace();
        vm = CLUSTER.admin()
                .resource(OfferedImage.vm(
                        namespace, "payroll", OfferedImage.allowed(CLUSTER, Cluster.uniqueName("publisher")), null))
                .create();
        bind("trusted-launch-console", "ada");
        bind("view", "eve");
    }

    @AfterEach
    void deleteAll() {
        CLUSTER.admin().resource(vm).delete();
        agent.close();
    }

    /** The operator writes a status without them. */
    @Test
    void labelsAndAnnotationsThatTheOperatorDoesNotReadStay() {
        VMConsole console = console(KEY, "ada");
        console.getMetadata().setLabels(Map.of("app", "payroll"));
        console.getMetadata().setAnnotations(Map.of("owner", "ada"));
        VMConsole created = as("ada").resource(console).create();
        awaitStatus(created, Reason.ConsolePending, status -> true);

        VMConsole stored = CLUSTER.admin().resource(created).get();
        assertThat(stored.getMetadata().getLabels()).containsEntry("app", "payroll");
        assertThat(stored.getMetadata().getAnnotations()).containsEntry("owner", "ada");
    }

    @Test
    void aConsoleIsOpenWhereItsVmRunsAndWhileItRuns() {
        VMConsole console = as("ada").resource(console(KEY, "ada")).create();
        awaitStatus(console, Reason.ConsolePending, status -> status.nodeName() == null);

        agent.report(incarnation(1), runs(1));
        VMConsoleStatus open = awaitStatus(console, Reason.ConsoleOpen, status -> true);
        assertThat(open.nodeName()).isEqualTo(agent.name());
        assertThat(open.address()).isEqualTo("192.0.2.10");
        assertThat(open.port()).isEqualTo(PlayedAgent.CONSOLE_PORT);
        assertThat(open.vmUID()).isEqualTo(vm.getMetadata().getUid());
        assertThat(open.epoch()).isEqualTo(1);
        assertThat(NodeCertificateVerifier.fromPem(open.authority())).isNotNull();
        assertThat(seenBy(agent.name())).hasSize(1);
        assertThat(seenBy("another-node")).isEmpty();

        CLUSTER.admin()
                .resource(vm)
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"spec\": {\"runStrategy\": \"" + RunStrategy.Halted + "\"}}");
        agent.report(incarnation(1), PlayedStatus.ended(1));
        awaitStatus(console, Reason.ConsolePending, status -> status.nodeName() == null && status.authority() == null);
        assertThat(seenBy(agent.name())).isEmpty();
    }

    @Test
    void editorsMayOpenConsolesAndViewersMayNotAndUsersCannotWriteTheirStatus() {
        assertForbidden(() -> as("eve").resource(console(KEY, "eve")).create());
        VMConsole console = as("ada").resource(console(KEY, "ada")).create();
        console.setStatus(VMConsoleStatusBuilder.builder()
                .observedGeneration(1L)
                .nodeName("host-x")
                .address("192.0.2.66")
                .port(1)
                .authority("pem")
                .vmUID("uid")
                .epoch(1L)
                .expirationTime("2100-01-01T00:00:00Z")
                .build());
        assertForbidden(() -> as("ada").resource(console).updateStatus());
        assertForbidden(() -> agent.client().resource(console).updateStatus());
        assertForbidden(() -> agent.client().resource(console(KEY, "ada")).create());
        assertForbidden(() -> agent.client().resource(console).delete());
        assertForbidden(() -> as("eve").resource(console).delete());
        assertThat(as("ada").resource(console).delete()).isNotEmpty();
    }

    @Test
    void theKeyOfASessionIsImmutable() {
        VMConsole console =
                CLUSTER.admin().resource(console(KEY, CLUSTER.adminName())).create();

        assertThatThrownBy(() -> CLUSTER.admin()
                        .resource(console)
                        .patch(
                                PatchContext.of(PatchType.JSON_MERGE),
                                "{\"spec\": {\"clientKeySHA256\": \"" + "f".repeat(64) + "\"}}"))
                .hasMessageContaining("a VMConsole is immutable: delete it");
        assertThatThrownBy(() -> CLUSTER.admin()
                        .resource(console("not a hash", CLUSTER.adminName()))
                        .create())
                .hasMessageContaining("spec.clientKeySHA256");
    }

    @Test
    void aConsoleIsSerialUnlessItSaysScreenWhichOnlyAnAgentThatKnowsScreensServes() {
        agent.report(incarnation(1), runs(1));
        VMConsole unsaid = console(KEY, "ada");
        VMConsole serial = as("ada").resource(unsaid).create();
        assertThat(serial.getSpec().kind()).isEqualTo(ConsoleKind.Serial);

        unsaid.setSpec(new VMConsoleSpec(new ObjectRef("payroll"), ConsoleKind.Screen, KEY, "ada"));
        VMConsole screen = as("ada").resource(unsaid).create();
        awaitStatus(screen, Reason.ConsoleUnavailable, status -> status.nodeName() == null);
        agent.serveScreens();
        awaitStatus(screen, Reason.ConsoleOpen, status -> agent.name().equals(status.nodeName()));

        assertThatThrownBy(() -> CLUSTER.admin()
                        .resource(screen)
                        .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\": {\"kind\": \"Serial\"}}"))
                .hasMessageContaining("a VMConsole is immutable: delete it");
    }

    private void bind(String role, String user) {
        CLUSTER.admin()
                .resource(new RoleBindingBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName(role)
                        .endMetadata()
                        .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", role)
                        .addNewSubject("rbac.authorization.k8s.io", "User", user, null)
                        .build())
                .create();
    }

    private static KubernetesClient as(String user) {
        return CLUSTER.impersonating(user, List.of("system:authenticated"), Map.of());
    }

    private VMConsole console(String key, String user) {
        VMConsole console = new VMConsole();
        console.setMetadata(new ObjectMetaBuilder()
                .withNamespace(namespace)
                .withGenerateName("payroll-")
                .build());
        console.setSpec(new VMConsoleSpec(new ObjectRef("payroll"), ConsoleKind.Serial, key, user));
        return console;
    }

    /** Lists them as an agent does. */
    private List<VMConsole> seenBy(String node) {
        return agent.client()
                .resources(VMConsole.class)
                .inAnyNamespace()
                .withField("status.nodeName", node)
                .list()
                .getItems();
    }

    private VMConsoleStatus awaitStatus(VMConsole console, Reason reason, Predicate<VMConsoleStatus> what) {
        return await("the console to be " + reason)
                .atMost(PATIENCE)
                .until(
                        () -> CLUSTER.admin().resource(console).get().getStatus(),
                        status -> status != null
                                && Conditions.find(status.conditions(), ConditionType.Open)
                                        .filter(open -> open.getReason().equals(reason.name()))
                                        .isPresent()
                                && what.test(status));
    }

    private VMIncarnation incarnation(long epoch) {
        String name = VMIncarnation.nameOf(vm.getMetadata().getUid(), epoch);
        return await(name)
                .atMost(PATIENCE)
                .until(
                        () -> CLUSTER.admin()
                                .resources(VMIncarnation.class)
                                .inNamespace(Cluster.NAMESPACE)
                                .withName(name)
                                .get(),
                        found -> found != null);
    }

    private static void assertForbidden(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        KubernetesClientException.class,
                        refused -> assertThat(refused.getCode()).isEqualTo(403));
    }
}
