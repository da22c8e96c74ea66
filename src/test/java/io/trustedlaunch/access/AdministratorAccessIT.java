package io.trustedlaunch.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeSpec;
import io.trustedlaunch.testkit.Call;
import io.trustedlaunch.testkit.Cluster;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The roles that the chart has for administrators, each with what it is for and without what the others are for. */
class AdministratorAccessIT {
    @RegisterExtension
    static final Cluster CLUSTER = new Cluster();

    private static final String GROUP = "/apis/trustedlaunch.io/v1alpha1";
    private static final String NAME = Cluster.uniqueName("admins");

    private static final Call APPROVE =
            Call.merge("/api/v1/nodes/" + NAME, "{\"metadata\": {\"labels\": {\"example.org/x\": \"y\"}}}");
    private static final Call CORDON =
            Call.merge(GROUP + "/clusternodes/" + NAME, "{\"spec\": {\"maintenance\": \"Cordon\"}}");
    private static final Call LOCATION = create("StorageLocation", "storagelocations", "path: /srv/vms");
    private static final Call BACKUP_LOCATION = create("BackupLocation", "backuplocations", "folder: {path: /backups}");
    private static final Call NETWORK = create("VMNetwork", "vmnetworks", "{}");
    private static final Call FENCE_DEVICE = create(
            "FenceDevice",
            "fencedevices",
            "{nodeName: host-a, agent: fence_redfish, address: bmc-a, secretRef: {name: bmc-a}}");
    private static final Call IMAGE = create(
            "GuestImage",
            "guestimages",
            "{osType: Windows, identifier: {publisher: p, offer: o, sku: s}, version: '1.0', sha256: "
                    + "a".repeat(64)
                    + ", source: {file: {storageLocationRef: {name: csv-01}, path: a.vhdx}}}");
    private static final Call POLICY = create("ImageEligibilityPolicy", "imageeligibilitypolicies", "rules: []");
    private static final Call CATALOG = create(
            "ImageCatalog",
            "imagecatalogs",
            "{catalogName: mine, publicKeys: [mine], source: {configMap: {name: mine}}}");
    private static final Call SECRETS = Call.get("/api/v1/secrets");
    private static final Call VMS = create(
            "TrustedLaunchVM",
            "namespaces/default/trustedlaunchvms",
            "{imageRef: {name: x}, cores: 1, memory: 1Gi, osDisk: {size: 10Gi}}");

    @BeforeAll
    static void createObjects() {
        CLUSTER.node(NAME);
        ClusterNode node = new ClusterNode();
        node.setMetadata(new ObjectMetaBuilder().withName(NAME).build());
        node.setSpec(new ClusterNodeSpec(null, ClusterNodeSpec.Maintenance.None, null, null));
        CLUSTER.create(node);
    }

    @Test
    void whoLooksAfterNodesOffersFoldersAndNetworksAndNoImages() {
        KubernetesClient admin = with("trusted-launch-node-admin");
        assertAllowed(admin, APPROVE, CORDON, LOCATION, BACKUP_LOCATION, NETWORK, FENCE_DEVICE);
        assertForbidden(admin, IMAGE, POLICY, CATALOG, SECRETS, VMS);
    }

    @Test
    void whoOffersImagesDoesNotDecideWhichAreEligible() {
        KubernetesClient admin = with("trusted-launch-image-admin");
        assertAllowed(admin, IMAGE, Call.get(GROUP + "/imageeligibilitypolicies"), Call.get(GROUP + "/imagecatalogs"));
        assertForbidden(
                admin,
                POLICY,
                CATALOG,
                LOCATION,
                BACKUP_LOCATION,
                NETWORK,
                FENCE_DEVICE,
                APPROVE,
                CORDON,
                SECRETS,
                VMS);
    }

    @Test
    void whoDecidesWhichImagesAreEligibleOffersNone() {
        KubernetesClient admin = with("trusted-launch-policy-admin");
        assertAllowed(admin, POLICY, CATALOG, Call.get(GROUP + "/guestimages"));
        assertForbidden(admin, IMAGE, LOCATION, BACKUP_LOCATION, NETWORK, FENCE_DEVICE, APPROVE, CORDON, SECRETS, VMS);
    }

    @Test
    void aTenantReadsWhatIsOfferedAndChangesNothing() {
        KubernetesClient tenant = with("trusted-launch-offers");
        assertAllowed(
                tenant,
                Call.get(GROUP + "/guestimages"),
                Call.get(GROUP + "/vmnetworks"),
                Call.get(GROUP + "/storagelocations"),
                Call.get(GROUP + "/backuplocations"));
        assertForbidden(
                tenant,
                IMAGE,
                NETWORK,
                LOCATION,
                BACKUP_LOCATION,
                Call.get(GROUP + "/clusternodes"),
                Call.get(GROUP + "/imageeligibilitypolicies"),
                SECRETS,
                VMS);
    }

    private static Call create(String kind, String path, String spec) {
        return Call.create(
                GROUP + "/" + path,
                "{apiVersion: trustedlaunch.io/v1alpha1, kind: " + kind + ", metadata: {name: " + NAME + "}, spec: "
                        + (spec.startsWith("{") ? spec : "{" + spec + "}") + "}");
    }

    private static void assertAllowed(KubernetesClient user, Call... calls) {
        for (Call call : calls) {
            assertThat(call.dryRun().by(user).message())
                    .as(call.method() + " " + call.path())
                    .isEmpty();
        }
    }

    private static void assertForbidden(KubernetesClient user, Call... calls) {
        for (Call call : calls) {
            assertThat(call.dryRun().by(user).forbidden())
                    .as(call.method() + " " + call.path())
                    .isTrue();
        }
    }

    /** Returns once the API server knows of the binding. */
    private static KubernetesClient with(String clusterRole) {
        String user = clusterRole + "-" + NAME;
        CLUSTER.create(new ClusterRoleBindingBuilder()
                .withNewMetadata()
                .withName(user)
                .endMetadata()
                .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", clusterRole)
                .addNewSubject("rbac.authorization.k8s.io", "User", user, null)
                .build());
        KubernetesClient client = CLUSTER.impersonating(user, List.of("system:authenticated"), Map.of());
        await(clusterRole + " to be in force")
                .atMost(Cluster.TIMEOUT)
                .until(() -> Call.get(GROUP + "/storagelocations").by(client).succeeded()
                        || Call.get(GROUP + "/guestimages").by(client).succeeded());
        return client;
    }
}
