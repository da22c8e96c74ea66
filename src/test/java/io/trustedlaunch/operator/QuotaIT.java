package io.trustedlaunch.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.quota.QuotaAmountsBuilder;
import io.trustedlaunch.api.quota.VMQuota;
import io.trustedlaunch.api.quota.VMQuotaStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.controller.Conditions;
import io.trustedlaunch.testkit.Cluster;
import io.trustedlaunch.testkit.Quotas;
import io.trustedlaunch.testkit.Tenant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Quotas on the real API server, with the operator's own rights. Namespaces without a quota get the default: three VMs. */
class QuotaIT {
    @Order(1)
    @RegisterExtension
    static final Cluster CLUSTER = new Cluster();

    @Order(2)
    @RegisterExtension
    static final OperatorUnderTest OPERATOR = new OperatorUnderTest(CLUSTER, "quota", "--default-quota=vms=3");

    private PlayedAgent agent;
    private KubernetesClient tenant;
    private String namespace;
    private String image;

    @BeforeEach
    void prepare() {
        agent = new PlayedAgent(CLUSTER, CLUSTER.node(Cluster.uniqueName("host"))).register();
        namespace = CLUSTER.namespace();
        Tenant tess = new Tenant(CLUSTER, namespace, "tess");
        tenant = tess.client();
        tess.grant("trusted-launch-view");
        tess.grant("trusted-launch-edit");
        image = OfferedImage.allowed(CLUSTER, Cluster.uniqueName("publisher"));
    }

    @AfterEach
    void stopAgent() {
        if (agent != null) {
            agent.close();
        }
    }

    @Test
    void ofABurstExactlyAsManyStartAsTheQuotaPermitsAndMoreOnceItIsRaised() {
        set(hard -> hard.vms(2L));
        burst(8);
        await("two to be charged, and six to be refused")
                .atMost(Cluster.TIMEOUT)
                .untilAsserted(() -> {
                    assertThat(charged()).isEqualTo(2);
                    assertThat(refused()).isEqualTo(6);
                });
        await("the status of the quota").atMost(Cluster.TIMEOUT).until(() -> shown().equals(Optional.of("2/2")));

        set(hard -> hard.vms(5L));
        await("three more to start")
                .atMost(Cluster.TIMEOUT)
                .untilAsserted(() -> assertThat(charged()).isEqualTo(5));
        set(hard -> hard.vms(0L));
        await("the new limit").atMost(Cluster.TIMEOUT).until(() -> shown().equals(Optional.of("5/0")));
        assertThat(charged()).as("what runs goes on").isEqualTo(5);
    }

    @Test
    void aNewLeaderCountsWhatTheLastOneGave() {
        set(hard -> hard.vms(2L));
        burst(2);
        await("both to be charged").atMost(Cluster.TIMEOUT).until(() -> charged() == 2);
        OPERATOR.kill();
        IntStream.range(2, 5).forEach(this::vm);
        OPERATOR.start();
        agent.awaitNewLeader();
        agent.answerLeader();
        await("three to be refused").atMost(Cluster.TIMEOUT).until(() -> refused() == 3);
        assertThat(charged()).isEqualTo(2);
    }

    @Test
    void aNamespaceWithoutAQuotaHasTheDefault() {
        burst(4);
        await("one to be refused").atMost(Cluster.TIMEOUT).untilAsserted(() -> {
            assertThat(charged()).isEqualTo(3);
            assertThat(refused()).isEqualTo(1);
        });
    }

    @Test
    void aTenantReadsAQuotaAndWritesNone() {
        set(hard -> hard.vms(1L));
        assertThat(tenant.resources(VMQuota.class).inNamespace(namespace).list().getItems())
                .hasSize(1);
        VMQuota more = Quotas.quota("more", hard -> hard.vms(100L));
        more.getMetadata().setNamespace(namespace);
        assertForbidden(() -> tenant.resource(more).create());
        assertForbidden(() -> tenant.resources(VMQuota.class)
                .inNamespace(namespace)
                .withName("team")
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\": {\"hard\": {\"vms\": 100}}}"));
        assertForbidden(() -> tenant.resources(VMQuota.class)
                .inNamespace(namespace)
                .withName("team")
                .delete());
    }

    private static void assertForbidden(ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(KubernetesClientException.class).hasMessageContaining("forbidden");
    }

    private void set(UnaryOperator<QuotaAmountsBuilder> hard) {
        VMQuota quota = Quotas.quota("team", hard);
        quota.getMetadata().setNamespace(namespace);
        quota.getMetadata().setUid(null);
        quota.getMetadata().setGeneration(null);
        CLUSTER.admin().resource(quota).forceConflicts().serverSideApply();
    }

    /** Use and limit of VMs. */
    private Optional<String> shown() {
        return Optional.ofNullable(CLUSTER.admin()
                        .resources(VMQuota.class)
                        .inNamespace(namespace)
                        .withName("team")
                        .get()
                        .getStatus())
                .map(VMQuotaStatus::summary)
                .map(VMQuotaStatus.Summary::vms);
    }

    private void burst(int count) {
        IntStream.range(0, count).parallel().forEach(this::vm);
    }

    private void vm(int number) {
        tenant.resource(OfferedImage.vm(namespace, "vm-" + number, image)).create();
    }

    private List<TrustedLaunchVM> vms() {
        return tenant.resources(TrustedLaunchVM.class)
                .inNamespace(namespace)
                .list()
                .getItems();
    }

    private long charged() {
        return vms().stream()
                .map(TrustedLaunchVM::getStatus)
                .filter(status -> status != null && Objects.nonNull(status.charged()))
                .count();
    }

    private long refused() {
        return vms().stream()
                .map(TrustedLaunchVM::getStatus)
                .filter(Objects::nonNull)
                .filter(status -> Conditions.find(status.conditions(), ConditionType.Ready)
                        .filter(ready -> ready.getReason().equals(Reason.QuotaExceeded.name()))
                        .isPresent())
                .count();
    }
}
