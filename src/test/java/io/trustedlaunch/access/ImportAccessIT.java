package io.trustedlaunch.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.PolicyRuleBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.backup.BackupMode;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupSpec;
import io.trustedlaunch.recovery.ClusterBackupKeys;
import io.trustedlaunch.testkit.Call;
import io.trustedlaunch.testkit.Cluster;
import io.trustedlaunch.testkit.Manifest;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Whose word the record of a backup is. */
class ImportAccessIT {
    @RegisterExtension
    static final Cluster CLUSTER = new Cluster();

    private static final String GROUP = "/apis/trustedlaunch.io/v1alpha1";

    @Test
    void onlyTheOperatorAndWhoImportsWritesTheRecordOfABackup() {
        String namespace = CLUSTER.namespace();
        VMBackup backup = new VMBackup();
        backup.setMetadata(new ObjectMetaBuilder()
                .withNamespace(namespace)
                .withName("monday")
                .build());
        backup.setSpec(new VMBackupSpec(new ObjectRef("payroll"), new ObjectRef("nas"), BackupMode.Auto));
        CLUSTER.admin().resource(backup).create();
        String path = GROUP + "/namespaces/" + namespace + "/vmbackups/monday";
        Call forge = Call.merge(path + "/status", Manifest.json("status: {phase: Completed, escrow: Zm9yZ2Vk}"));

        KubernetesClient tenant = ownerOf(namespace);
        assertThat(forge.by(tenant).message())
                .as("a tenant with every right in the namespace")
                .contains("trusted-launch-writers", "verb import");
        assertThat(forge.by(operator()).succeeded()).isTrue();

        KubernetesClient importer = importer();
        assertThat(forge.by(importer).message()).doesNotContain("trusted-launch-writers");
        assertThat(Call.get("/api/v1/namespaces/" + Cluster.NAMESPACE + "/secrets/" + ClusterBackupKeys.NAME)
                        .by(importer)
                        .forbidden())
                .isTrue();
        assertThat(Call.merge(path, "{\"metadata\": {\"labels\": {\"x\": \"y\"}}}")
                        .by(importer)
                        .forbidden())
                .isTrue();
    }

    private static KubernetesClient ownerOf(String namespace) {
        CLUSTER.create(new RoleBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName("everything")
                .endMetadata()
                .withRules(new PolicyRuleBuilder()
                        .withApiGroups("*")
                        .withResources("*")
                        .withVerbs("*")
                        .build())
                .build());
        CLUSTER.create(new RoleBindingBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName("everything")
                .endMetadata()
                .withNewRoleRef("rbac.authorization.k8s.io", "Role", "everything")
                .addNewSubject("rbac.authorization.k8s.io", "User", "tess", null)
                .build());
        KubernetesClient tenant = CLUSTER.impersonating("tess", List.of("system:authenticated"), Map.of());
        await("tess to own the namespace")
                .atMost(Cluster.TIMEOUT)
                .until(() -> Call.get(GROUP + "/namespaces/" + namespace + "/vmbackups")
                        .by(tenant)
                        .succeeded());
        return tenant;
    }

    private static KubernetesClient operator() {
        return CLUSTER.impersonating(
                "system:serviceaccount:" + Cluster.NAMESPACE + ":trusted-launch-operator",
                List.of("system:masters"),
                Map.of());
    }

    private static KubernetesClient importer() {
        CLUSTER.create(new ClusterRoleBindingBuilder()
                .withNewMetadata()
                .withName(Cluster.uniqueName("importer"))
                .endMetadata()
                .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", "trusted-launch-backup-import")
                .addNewSubject("rbac.authorization.k8s.io", "User", "imogen", null)
                .build());
        KubernetesClient importer = CLUSTER.impersonating("imogen", List.of("system:authenticated"), Map.of());
        await("imogen to have the role")
                .atMost(Cluster.TIMEOUT)
                .until(() -> Call.get(GROUP + "/backuplocations").by(importer).succeeded());
        return importer;
    }
}
