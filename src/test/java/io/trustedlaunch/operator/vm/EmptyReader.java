package io.trustedlaunch.operator.vm;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Secret;
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
import io.trustedlaunch.operator.kube.ApiReader;
import io.trustedlaunch.operator.kube.TenantSecret;
import io.trustedlaunch.testkit.Incarnations;
import java.util.List;
import java.util.Optional;

/** Nothing there has a Secret or a migration. */
final class EmptyReader implements ApiReader {
    @Override
    public List<BackupRun> backupRuns(String namespace) {
        return List.of();
    }

    @Override
    public List<StoredBackupRun> storedBackupRuns(String namespace) {
        return List.of();
    }

    @Override
    public boolean isTerminating(String namespace) {
        return false;
    }

    @Override
    public Optional<String> namespaceUid(String namespace) {
        return Optional.of(Incarnations.CLUSTER);
    }

    @Override
    public Optional<Secret> secret(String namespace, String name) {
        return Optional.empty();
    }

    @Override
    public Optional<ConfigMap> configMap(String namespace, String name) {
        return Optional.empty();
    }

    @Override
    public TenantSecret tenantSecret(String namespace, String name) {
        return new TenantSecret.NotFound();
    }

    @Override
    public Optional<TrustedLaunchVM> vm(String namespace, String name) {
        return Optional.empty();
    }

    @Override
    public Optional<DiskFill> diskFill(String namespace, String name) {
        return Optional.empty();
    }

    @Override
    public List<Secret> protectionKeys(String namespace) {
        return List.of();
    }

    @Override
    public List<TrustedLaunchVM> vms() {
        return List.of();
    }

    @Override
    public Optional<VMIncarnation> incarnation(String namespace, String name) {
        return Optional.empty();
    }

    @Override
    public Optional<VMMigration> migration(String namespace, String name) {
        return Optional.empty();
    }

    @Override
    public Optional<VMBackup> backup(String namespace, String name) {
        return Optional.empty();
    }

    @Override
    public List<BackupLocation> backupLocations() {
        return List.of();
    }

    @Override
    public Optional<BackupLocation> backupLocation(String name) {
        return Optional.empty();
    }

    @Override
    public Optional<BackupRun> backupRun(String namespace, String name) {
        return Optional.empty();
    }

    @Override
    public List<NodeFence> nodeFences() {
        return List.of();
    }

    @Override
    public Optional<ClusterNode> clusterNode(String name) {
        return Optional.empty();
    }
}
