package io.trustedlaunch.operator.kube;

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
import java.util.List;
import java.util.Optional;

/** Single reads from the API server, for objects that are not watched or whose cached version may be too old. */
public interface ApiReader {
    boolean isTerminating(String namespace);

    /** Another one each time that the namespace is created again. */
    Optional<String> namespaceUid(String namespace);

    /** A Secret of the operator's own namespace. */
    Optional<Secret> secret(String namespace, String name);

    /** A ConfigMap of the operator's own namespace. */
    Optional<ConfigMap> configMap(String namespace, String name);

    /** The protection keys of all VMs, retained ones included, as the API server has them now. */
    List<Secret> protectionKeys(String namespace);

    /** A Secret of any namespace. */
    TenantSecret tenantSecret(String namespace, String name);

    /** The VM as the API server has it now; caches may be late. */
    Optional<TrustedLaunchVM> vm(String namespace, String name);

    /** All of all namespaces as the API server has them now. */
    List<TrustedLaunchVM> vms();

    /** The incarnation as the API server has it now; caches may be late. */
    Optional<VMIncarnation> incarnation(String namespace, String name);

    /** All NodeFences as the API server has them now. */
    List<NodeFence> nodeFences();

    /** The ClusterNode as the API server has it now. */
    Optional<ClusterNode> clusterNode(String name);

    /** The migration as the API server has it now; caches may be late. */
    Optional<VMMigration> migration(String namespace, String name);

    /** The backup as the API server has it now; caches may be late. */
    Optional<VMBackup> backup(String namespace, String name);

    /** The location as the API server has it now. */
    Optional<BackupLocation> backupLocation(String name);

    /** All of them as the API server has them now. */
    List<BackupLocation> backupLocations();

    /** The run as the API server has it now; caches may be late. */
    Optional<BackupRun> backupRun(String namespace, String name);

    /** The fill as the API server has it now; caches may be late. */
    Optional<DiskFill> diskFill(String namespace, String name);

    /** All of a namespace, as the API server has them now. */
    List<BackupRun> backupRuns(String namespace);

    List<StoredBackupRun> storedBackupRuns(String namespace);
}
