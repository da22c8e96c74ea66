package io.trustedlaunch.operator;

import static io.trustedlaunch.operator.PlayedStatus.ended;
import static io.trustedlaunch.operator.PlayedStatus.runs;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.EvictionBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.PodResource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.testkit.Cluster;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The pods that stand for a node's VMs, on a real API server; the test plays the agents and the kubelet. */
class GuardIT {
    @Order(1)
    @RegisterExtension
    static final Cluster CLUSTER = new Cluster();

    @Order(2)
    @RegisterExtension
    static final OperatorUnderTest OPERATOR =
            new OperatorUnderTest(CLUSTER, "guard", "--guard-image", "example.test/agent:1");

    private PlayedAgent from;
    private PlayedAgent to;
    private String namespace;
    private TrustedLaunchVM vm;

    @BeforeEach
    void registerTwoNodesWithOneFolder() {
        from = new PlayedAgent(CLUSTER, CLUSTER.node(Cluster.uniqueName("host-a"))).register();
        to = new PlayedAgent(CLUSTER, CLUSTER.node(Cluster.uniqueName("host-b"))).register();
        from.sharesWith(to);
        to.sharesWith(from);
        namespace = CLUSTER.namespace();
        cordon(to, true);
        vm = CLUSTER.admin()
                .resource(OfferedImage.vm(
                        namespace, "payroll", OfferedImage.allowed(CLUSTER, Cluster.uniqueName("publisher"))))
                .create();
        from.report(awaitIncarnation(), runs(1));
        runPods();
        cordon(to, false);
    }

    @AfterEach
    void deleteAll() {
        CLUSTER.admin().resource(vm).delete();
        from.close();
        to.close();
    }

    @Test
    void anEvictionOfTheGuardIsRefusedAndThatOfTheSignalMigratesTheVmsOfACordonedNode() {
        Pod guard = guard().get();
        awaitBudget();
        assertThat(evict(guard())).isFalse();

        assertThat(evict(signal())).isTrue();
        await("another signal, as the node is not cordoned")
                .atMost(Cluster.TIMEOUT)
                .until(() -> signal().get() != null);
        assertThat(migrations()).isEmpty();

        cordon(from, true);
        assertThat(evict(signal())).isTrue();
        await("a migration").atMost(Cluster.TIMEOUT).until(() -> !migrations().isEmpty());
        assertThat(signal().get()).isNull();
        assertThat(guard().get().getMetadata().getUid())
                .isEqualTo(guard.getMetadata().getUid());

        cordon(from, false);
        await("another signal, as the cordon has ended").atMost(Cluster.TIMEOUT).until(() -> signal().get() != null);
    }

    @Test
    void aDeletedGuardIsMadeAnewUntilNoVmIsLeft() {
        String first = guard().get().getMetadata().getUid();
        guard().delete();
        await("another guard")
                .atMost(Cluster.TIMEOUT)
                .until(() -> Optional.ofNullable(guard().get())
                        .filter(pod -> !pod.getMetadata().getUid().equals(first))
                        .isPresent());

        CLUSTER.admin()
                .resource(vm)
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\": {\"runStrategy\": \"Halted\"}}");
        from.report(from.incarnation(vm.getMetadata().getUid(), 1), ended(1));
        await("both pods to go").atMost(Cluster.TIMEOUT).until(() -> guard().get() == null && signal().get() == null);
    }

    @Test
    void theOperatorsAccountCreatesAndDeletesNoOtherPods() {
        KubernetesClient operator =
                CLUSTER.withToken(CLUSTER.token(Cluster.NAMESPACE, "trusted-launch-operator", Optional.empty()));
        Pod other = CLUSTER.create(new PodBuilder()
                .withNewMetadata()
                .withNamespace(Cluster.NAMESPACE)
                .withName(Cluster.uniqueName("other"))
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("other")
                .withImage("example.test/other:1")
                .endContainer()
                .endSpec()
                .build());
        assertForbidden(() -> operator.resource(other).delete());

        Pod powerful =
                copy(guard().get()).editSpec().withHostPID(true).endSpec().build();
        assertForbidden(() -> operator.resource(powerful).create());
        Pod unlabelled = copy(guard().get())
                .editMetadata()
                .withLabels(null)
                .endMetadata()
                .build();
        assertForbidden(() -> operator.resource(unlabelled).create());
    }

    private static PodBuilder copy(Pod pod) {
        return new PodBuilder(pod)
                .withStatus(null)
                .editMetadata()
                .withName(Cluster.uniqueName("copy"))
                .withUid(null)
                .withResourceVersion(null)
                .endMetadata();
    }

    private static void assertForbidden(Runnable write) {
        assertThatThrownBy(write::run)
                .isInstanceOfSatisfying(
                        KubernetesClientException.class,
                        e -> assertThat(e.getCode()).isEqualTo(403))
                .hasMessageContaining("trusted-launch-guard");
    }

    private VMIncarnation awaitIncarnation() {
        return from.awaitIncarnation(vm.getMetadata().getUid(), 1);
    }

    /** As a kubelet does. */
    private void runPods() {
        for (PodResource pod : List.of(guard(), signal())) {
            CLUSTER.removeAfterClass(await("a pod").atMost(Cluster.TIMEOUT).until(pod::get, Objects::nonNull));
            pod.subresource("status").patch(PatchContext.of(PatchType.JSON_MERGE), """
                    {"status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}}""");
        }
    }

    /** The disruption controller counts guards: it is no failure that refuses their eviction. */
    private void awaitBudget() {
        await("the disruption budget")
                .atMost(Cluster.TIMEOUT)
                .until(() -> Optional.ofNullable(CLUSTER.admin()
                                .policy()
                                .v1()
                                .podDisruptionBudget()
                                .inNamespace(Cluster.NAMESPACE)
                                .withName("trusted-launch-guard")
                                .get()
                                .getStatus())
                        .filter(status -> status.getCurrentHealthy() > 0 && status.getDisruptionsAllowed() == 0)
                        .stream()
                        .flatMap(status -> status.getConditions().stream())
                        .anyMatch(condition -> condition.getReason().equals("InsufficientPods")));
    }

    /** @return false if a disruption budget refuses it */
    private static boolean evict(PodResource pod) {
        Pod found = pod.get();
        return pod.evict(new EvictionBuilder()
                .withNewMetadata()
                .withNamespace(found.getMetadata().getNamespace())
                .withName(found.getMetadata().getName())
                .endMetadata()
                .build());
    }

    private PodResource guard() {
        return pod("trusted-launch-guard-");
    }

    private PodResource signal() {
        return pod("trusted-launch-drain-signal-");
    }

    private PodResource pod(String prefix) {
        return CLUSTER.admin().pods().inNamespace(Cluster.NAMESPACE).withName(prefix + from.name());
    }

    private List<VMMigration> migrations() {
        return CLUSTER.admin()
                .resources(VMMigration.class)
                .inNamespace(namespace)
                .list()
                .getItems();
    }

    private static void cordon(PlayedAgent agent, boolean cordoned) {
        CLUSTER.admin()
                .nodes()
                .withName(agent.name())
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\": {\"unschedulable\": " + cordoned + "}}");
    }
}
