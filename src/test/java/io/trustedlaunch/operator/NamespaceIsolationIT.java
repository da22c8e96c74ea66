package io.trustedlaunch.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.GuestImage;
import io.trustedlaunch.api.node.StorageLocation;
import io.trustedlaunch.api.node.StorageLocationSpec;
import io.trustedlaunch.api.node.VMNetwork;
import io.trustedlaunch.api.vm.NetworkInterface;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMSpecBuilder;
import io.trustedlaunch.testkit.Cluster;
import io.trustedlaunch.testkit.Networks;
import io.trustedlaunch.testkit.Tenant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A tenant that names what an administrator offers to other namespaces. */
class NamespaceIsolationIT {
    private static final String MAC = "52:54:00:12:34:56";

    @Order(1)
    @RegisterExtension
    static final Cluster CLUSTER = new Cluster();

    @Order(2)
    @RegisterExtension
    static final OperatorUnderTest OPERATOR = new OperatorUnderTest(CLUSTER, "operator");

    private PlayedAgent agent;
    private KubernetesClient tenant;
    private String namespace;
    private String image;
    private String location;
    private String network;

    @BeforeEach
    void offerEverythingToOthers() {
        agent = new PlayedAgent(CLUSTER, CLUSTER.node(Cluster.uniqueName("host"))).register();
        namespace = CLUSTER.namespace();
        Tenant tess = new Tenant(CLUSTER, namespace, "tess");
        tenant = tess.client();
        tess.grant("trusted-launch-view");
        tess.grant("trusted-launch-edit");
        image = OfferedImage.allowed(CLUSTER, Cluster.uniqueName("publisher"));
        StorageLocation folder = new StorageLocation();
        folder.setMetadata(
                new ObjectMetaBuilder().withName(Cluster.uniqueName("location")).build());
        folder.setSpec(new StorageLocationSpec("/srv/others", List.of("others")));
        location = CLUSTER.create(folder).getMetadata().getName();
        network = CLUSTER.create(Networks.network(Cluster.uniqueName("network")))
                .getMetadata()
                .getName();
        offer(GuestImage.class, image, "others");
        offer(VMNetwork.class, network, "others");
        Networks.offer(CLUSTER.admin(), "default");
    }

    @AfterEach
    void stopAgent() {
        if (agent != null) {
            agent.close();
        }
    }

    @Test
    void aTenantUsesWhatIsOfferedToItsNamespaceOnly() {
        TrustedLaunchVM vm = create("payroll", new NetworkInterface("nic0", network, null));

        awaitReady(vm, Reason.NamespaceNotAllowed, "GuestImage " + image);
        assertThatThrownBy(() -> tenant.resources(GuestImage.class)
                        .withName(image)
                        .patch(merge(), "{\"spec\": {\"allowedNamespaces\": null}}"))
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining("forbidden");

        offer(GuestImage.class, image, namespace);
        awaitReady(vm, Reason.NamespaceNotAllowed, "StorageLocation " + location);
        change(vm, "{\"spec\": {\"storageLocationRef\": {\"name\": \"default\"}}}");
        awaitReady(vm, Reason.NamespaceNotAllowed, "VMNetwork " + network);

        change(vm, cards("storage", "null"));
        awaitReady(vm, Reason.NetworkNotFound, "storage");
        change(vm, cards("default", "null"));
        assertThat(agent.awaitIncarnation(vm.getMetadata().getUid(), 1)
                        .getSpec()
                        .machine()
                        .nics()
                        .getFirst()
                        .filter())
                .contains("clean-traffic");
    }

    @Test
    void aTenantDoesNotGetAnothersMacAddress() {
        offer(GuestImage.class, image, namespace);
        NetworkInterface card = new NetworkInterface("nic0", "default", MAC);
        TrustedLaunchVM first = create("first", card);
        change(first, "{\"spec\": {\"storageLocationRef\": {\"name\": \"default\"}}}");
        agent.awaitIncarnation(first.getMetadata().getUid(), 1);

        TrustedLaunchVM second = create("second", card);
        change(second, "{\"spec\": {\"storageLocationRef\": {\"name\": \"default\"}}}");
        awaitReady(second, Reason.MacAddressInUse, MAC);
        change(second, cards("default", "null"));
        agent.awaitIncarnation(second.getMetadata().getUid(), 1);
    }

    private TrustedLaunchVM create(String name, NetworkInterface card) {
        TrustedLaunchVM vm = OfferedImage.vm(namespace, name, image);
        vm.setSpec(TrustedLaunchVMSpecBuilder.builder(vm.getSpec())
                .storageLocationRef(new ObjectRef(location))
                .networkInterfaces(List.of(card))
                .build());
        return tenant.resource(vm).create();
    }

    private static String cards(String network, String mac) {
        return "{\"spec\": {\"networkInterfaces\": [{\"name\": \"nic0\", \"network\": \"" + network
                + "\", \"macAddress\": " + mac + "}]}}";
    }

    private void change(TrustedLaunchVM vm, String change) {
        tenant.resource(vm).patch(merge(), change);
    }

    private static PatchContext merge() {
        return PatchContext.of(PatchType.JSON_MERGE);
    }

    private static <R extends CustomResource<?, ?>> void offer(Class<R> kind, String name, String to) {
        CLUSTER.admin()
                .resources(kind)
                .withName(name)
                .patch(merge(), "{\"spec\": {\"allowedNamespaces\": [\"" + to + "\"]}}");
    }

    private void awaitReady(TrustedLaunchVM vm, Reason reason, String text) {
        await("Ready with reason " + reason)
                .atMost(Cluster.TIMEOUT)
                .untilAsserted(() -> assertThat(
                                tenant.resource(vm).get().getStatus().conditions())
                        .anySatisfy(condition -> {
                            assertThat(condition.getType()).isEqualTo(ConditionType.Ready.name());
                            assertThat(condition.getReason()).isEqualTo(reason.name());
                            assertThat(condition.getMessage()).contains(text);
                        }));
    }
}
