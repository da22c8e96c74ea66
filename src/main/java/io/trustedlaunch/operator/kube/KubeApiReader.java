package io.trustedlaunch.operator.kube;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.backup.StoredBackupRun;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.NodeFence;
import io.trustedlaunch.api.restore.DiskFill;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import java.net.HttpURLConnection;
import java.util.List;
import java.util.Optional;

/** Reads from a real API server. */
public final class KubeApiReader implements ApiReader {
    private final KubernetesClient client;

    public KubeApiReader(KubernetesClient client) {
        this.client = client;
    }

    @Override
    public boolean isTerminating(String namespace) {
        Namespace found = client.namespaces().withName(namespace).get();
        return found == null || found.isMarkedForDeletion();
    }

    @Override
    public Optional<String> namespaceUid(String namespace) {
        return Optional.ofNullable(client.namespaces().withName(namespace).get())
                .map(found -> found.getMetadata().getUid());
    }

    @Override
    public Optional<Secret> secret(String namespace, String name) {
        return Optional.ofNullable(
                client.secrets().inNamespace(namespace).withName(name).get());
    }

    @Override
    public Optional<ConfigMap> configMap(String namespace, String name) {
        return Optional.ofNullable(
                client.configMaps().inNamespace(namespace).withName(name).get());
    }

    @Override
    public List<Secret> protectionKeys(String namespace) {
        return client.secrets()
                .inNamespace(namespace)
                .withField("type", Api.PROTECTION_KEY_TYPE)
                .list()
                .getItems();
    }

    @Override
    public TenantSecret tenantSecret(String namespace, String name) {
        try {
            return secret(namespace, name)
                    .<TenantSecret>map(TenantSecret.Found::new)
                    .orElseGet(TenantSecret.NotFound::new);
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_FORBIDDEN) {
                return new TenantSecret.Forbidden();
            }
            throw e;
        }
    }

    @Override
    public Optional<TrustedLaunchVM> vm(String namespace, String name) {
        return named(TrustedLaunchVM.class, namespace, name);
    }

    @Override
    public List<TrustedLaunchVM> vms() {
        return client.resources(TrustedLaunchVM.class).inAnyNamespace().list().getItems();
    }

    @Override
    public Optional<VMIncarnation> incarnation(String namespace, String name) {
        return named(VMIncarnation.class, namespace, name);
    }

    @Override
    public Optional<VMMigration> migration(String namespace, String name) {
        return named(VMMigration.class, namespace, name);
    }

    @Override
    public Optional<VMBackup> backup(String namespace, String name) {
        return named(VMBackup.class, namespace, name);
    }

    @Override
    public Optional<BackupLocation> backupLocation(String name) {
        return Optional.ofNullable(
                client.resources(BackupLocation.class).withName(name).get());
    }

    @Override
    public List<BackupLocation> backupLocations() {
        return client.resources(BackupLocation.class).list().getItems();
    }

    @Override
    public Optional<BackupRun> backupRun(String namespace, String name) {
        return named(BackupRun.class, namespace, name);
    }

    @Override
    public Optional<DiskFill> diskFill(String namespace, String name) {
        return named(DiskFill.class, namespace, name);
    }

    @Override
    public List<BackupRun> backupRuns(String namespace) {
        return client.resources(BackupRun.class).inNamespace(namespace).list().getItems();
    }

    @Override
    public List<StoredBackupRun> storedBackupRuns(String namespace) {
        return client.resources(StoredBackupRun.class)
                .inNamespace(namespace)
                .list()
                .getItems();
    }

    @Override
    public List<NodeFence> nodeFences() {
        return client.resources(NodeFence.class).list().getItems();
    }

    @Override
    public Optional<ClusterNode> clusterNode(String name) {
        return Optional.ofNullable(
                client.resources(ClusterNode.class).withName(name).get());
    }

    private <T extends HasMetadata> Optional<T> named(Class<T> kind, String namespace, String name) {
        return Optional.ofNullable(
                client.resources(kind).inNamespace(namespace).withName(name).get());
    }
}
