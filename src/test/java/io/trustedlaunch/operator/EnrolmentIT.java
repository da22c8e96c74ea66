package io.trustedlaunch.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.trustedlaunch.agent.kube.AgentWriter;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.incarnation.VMIncarnationStatusBuilder;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeSpec;
import io.trustedlaunch.api.node.ClusterNodeSpec.Maintenance;
import io.trustedlaunch.api.node.ClusterNodeStatus;
import io.trustedlaunch.api.node.Enrolment;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.testkit.Cluster;
import io.trustedlaunch.testkit.EndorsementKeys;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Which nodes take part, against a real API server under the roles and policies of the chart. */
class EnrolmentIT {
    @Order(1)
    @RegisterExtension
    static final Cluster CLUSTER = new Cluster();

    @Order(2)
    @RegisterExtension
    static final OperatorUnderTest OPERATOR = new OperatorUnderTest(CLUSTER, "enrolment");

    private static final Duration PATIENCE = Cluster.TIMEOUT;

    /**
     * Nodes that do not answer hold up the starts of the next test. The operator registers a node again while its agent's
     * Lease is young.
     */
    @AfterEach
    void removeNodes() {
        CLUSTER.admin().leases().inNamespace(Cluster.NAMESPACE).list().getItems().stream()
                .filter(lease -> lease.getMetadata().getName().startsWith("node-"))
                .forEach(lease -> CLUSTER.admin().resource(lease).delete());
        CLUSTER.admin().resources(ClusterNode.class).delete();
    }

    @Test
    void aNodeGetsCertificatesAndVmsFromItsApprovalToItsRevocation() {
        Node node = CLUSTER.unapprovedNode(Cluster.uniqueName("host"));
        try (PlayedAgent agent = new PlayedAgent(CLUSTER, node)) {
            agent.startHeartbeat();
            CertificateSigningRequest request = agent.requestCertificate();
            agent.answerLeader();
            TrustedLaunchVM vm = CLUSTER.create(vm());
            String uid = vm.getMetadata().getUid();
            awaitEnrolled(agent.name(), "False", Reason.NodeNotApproved);
            await("the VM to say why it is not placed")
                    .atMost(PATIENCE)
                    .until(() -> condition(vm, ConditionType.Placed)
                            .filter(placed ->
                                    placed.getMessage().contains("run kubectl tlvm node approve " + agent.name()))
                            .isPresent());
            assertUnanswered(request);
            assertThat(agent.incarnation(uid, 1)).isNull();

            approve(agent.name());
            awaitEnrolled(agent.name(), "True", Reason.NodeApproved);
            agent.useCertificate(agent.awaitCertificate(request));
            agent.answerLeader();
            run(agent, uid);

            revoke(agent.name());
            awaitEnrolled(agent.name(), "False", Reason.NodeNotApproved);
            await("the VM to say that it cannot migrate")
                    .atMost(PATIENCE)
                    .until(() -> condition(vm, ConditionType.Migratable)
                            .filter(migratable -> migratable.getReason().equals(Reason.NodeNotApproved.name()))
                            .isPresent());
            CLUSTER.admin().resource(request).delete();
            CertificateSigningRequest renewal = agent.requestCertificate();
            TrustedLaunchVM other = CLUSTER.create(vm());
            await("the other VM to say why it is not placed")
                    .atMost(PATIENCE)
                    .until(() -> condition(other, ConditionType.Placed)
                            .filter(placed -> placed.getMessage().contains("it is not enrolled"))
                            .isPresent());
            assertUnanswered(renewal);
            assertThat(agent.incarnation(other.getMetadata().getUid(), 1)).isNull();
            assertThat(condition(vm, ConditionType.Running))
                    .as("what runs there keeps running")
                    .hasValueSatisfying(
                            running -> assertThat(running.getStatus()).isEqualTo("True"));
        }
    }

    @Test
    void theMachineOfANodeIsTakenOverWhenItIsApprovedAndNotLater() {
        Node node = CLUSTER.unapprovedNode(Cluster.uniqueName("host"));
        String name = node.getMetadata().getName();
        AgentWriter agent = new AgentWriter(CLUSTER.agentOf(node), Cluster.NAMESPACE, name);
        awaitRegistered(name, agent);
        reportMachine(name, "11111111-7e2c-45ed-8737-b6004f4224cf");
        awaitEnrolled(name, "False", Reason.NodeNotApproved);
        assertThat(clusterNode(name).get().getSpec().machineUUID()).isNull();

        reportMachine(name, "dd1f0b6f-7e2c-45ed-8737-b6004f4224cf");
        approve(name);
        await("the machine to be confirmed")
                .atMost(PATIENCE)
                .until(() -> machine(name), Reason.MachineConfirmed::equals);
        reportMachine(name, "11111111-7e2c-45ed-8737-b6004f4224cf");
        await("the change to be noticed").atMost(PATIENCE).until(() -> machine(name), Reason.MachineChanged::equals);
        assertThat(clusterNode(name).get().getSpec().machineUUID()).isEqualTo("dd1f0b6f-7e2c-45ed-8737-b6004f4224cf");
    }

    /** Only that field, as the operator writes others meanwhile. */
    private static void reportMachine(String name, String uuid) {
        clusterNode(name)
                .subresource("status")
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"status\": {\"machineUUID\": \"" + uuid + "\"}}");
    }

    private static Reason machine(String name) {
        return Optional.ofNullable(clusterNode(name).get().getStatus())
                .flatMap(status -> ConditionType.MachineConfirmed.in(status.conditions()))
                .map(condition -> Reason.valueOf(condition.getReason()))
                .orElse(null);
    }

    @Test
    void theOperatorRegistersANodeWhoseAgentRunsAndKeepsItsMaintenance() {
        Node node = CLUSTER.unapprovedNode(Cluster.uniqueName("host"));
        String name = node.getMetadata().getName();
        AgentWriter agent = new AgentWriter(CLUSTER.agentOf(node), Cluster.NAMESPACE, name);

        awaitRegistered(name, agent);
        awaitEnrolled(name, "False", Reason.NodeNotApproved);

        clusterNode(name).edit(registered -> {
            registered.setSpec(new ClusterNodeSpec(null, Maintenance.Drain, null, null));
            return registered;
        });
        await("the operator to remember it")
                .atMost(PATIENCE)
                .until(() -> Optional.ofNullable(CLUSTER.admin()
                                .configMaps()
                                .inNamespace(Cluster.NAMESPACE)
                                .withName("trusted-launch-maintenance")
                                .get())
                        .map(kept -> kept.getData().get(name))
                        .filter(Maintenance.Drain.name()::equals)
                        .isPresent());
        OPERATOR.kill();
        clusterNode(name).delete();
        OPERATOR.start();

        assertThat(awaitRegistered(name, agent).getSpec().maintenance()).isEqualTo(Maintenance.Drain);
    }

    /** It would attract operators, which avoid nodes with agents. */
    @Test
    void aKubeletCannotMakeItsNodeOneWithoutAnAgent() {
        String name = CLUSTER.node(Cluster.uniqueName("host")).getMetadata().getName();
        assertThatThrownBy(() -> kubelet(name)
                        .nodes()
                        .withName(name)
                        .edit(now -> new NodeBuilder(now)
                                .editMetadata()
                                .removeFromLabels(Enrolment.LABEL)
                                .endMetadata()
                                .build()))
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining("is not allowed to modify labels: " + Enrolment.LABEL);
    }

    private static KubernetesClient kubelet(String node) {
        return CLUSTER.impersonating("system:node:" + node, List.of("system:nodes", "system:authenticated"), Map.of());
    }

    @Test
    void aKubeletCannotApproveItsOwnNode() {
        Node node = CLUSTER.unapprovedNode(Cluster.uniqueName("host"));
        String name = node.getMetadata().getName();
        KubernetesClient kubelet = kubelet(name);

        label(kubelet, name, "example.org/rack", "7");
        assertThatThrownBy(() -> label(kubelet, name, Enrolment.LABEL, Enrolment.APPROVED))
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining("is not allowed to modify labels: " + Enrolment.LABEL);
        assertThat(CLUSTER.admin().resource(node).get().getMetadata().getLabels())
                .containsKey("example.org/rack")
                .doesNotContainKey(Enrolment.LABEL);
    }

    private static void run(PlayedAgent agent, String uid) {
        VMIncarnation incarnation = agent.awaitIncarnation(uid, 1);
        agent.report(
                incarnation,
                VMIncarnationStatusBuilder.builder()
                        .observedGeneration(1L)
                        .phase(Phase.Running)
                        .ekDigest(EndorsementKeys.ONE.digest())
                        .ekPublic(EndorsementKeys.ONE.toBase64())
                        .build());
    }

    /** Its agent renews its Lease meanwhile. */
    private static ClusterNode awaitRegistered(String name, AgentWriter agent) {
        return await("ClusterNode " + name)
                .atMost(PATIENCE)
                .until(
                        () -> {
                            agent.renewLease("b007", ZonedDateTime.now(ZoneOffset.UTC), Duration.ofSeconds(40));
                            return clusterNode(name).get();
                        },
                        found -> found != null);
    }

    private static io.fabric8.kubernetes.client.dsl.Resource<ClusterNode> clusterNode(String name) {
        return CLUSTER.admin().resources(ClusterNode.class).withName(name);
    }

    private static void approve(String node) {
        label(CLUSTER.admin(), node, Enrolment.LABEL, Enrolment.APPROVED);
    }

    private static void revoke(String node) {
        label(CLUSTER.admin(), node, Enrolment.LABEL, Enrolment.REVOKED);
    }

    private static void label(KubernetesClient client, String node, String label, String value) {
        client.nodes()
                .withName(node)
                .edit(now -> new NodeBuilder(now)
                        .editMetadata()
                        .addToLabels(label, value)
                        .endMetadata()
                        .build());
    }

    private static void awaitEnrolled(String node, String status, Reason reason) {
        await(node + " to be " + reason)
                .atMost(PATIENCE)
                .until(() -> Optional.ofNullable(clusterNode(node).get().getStatus())
                        .map(ClusterNodeStatus::conditions)
                        .flatMap(ConditionType.Enrolled::in)
                        .filter(enrolled -> enrolled.getStatus().equals(status)
                                && enrolled.getReason().equals(reason.name()))
                        .isPresent());
    }

    private static Optional<Condition> condition(TrustedLaunchVM vm, ConditionType type) {
        return Optional.ofNullable(CLUSTER.admin().resource(vm).get().getStatus())
                .flatMap(status -> type.in(status.conditions()));
    }

    private static void assertUnanswered(CertificateSigningRequest request) {
        assertThat(CLUSTER.admin().resource(request).get().getStatus().getConditions())
                .isNullOrEmpty();
    }

    private static TrustedLaunchVM vm() {
        String image = OfferedImage.allowed(CLUSTER, Cluster.uniqueName("publisher"));
        return OfferedImage.vm(CLUSTER.namespace(), "payroll", image);
    }
}
