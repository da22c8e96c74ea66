package io.trustedlaunch.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.authentication.SelfSubjectReview;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupMode;
import io.trustedlaunch.api.backup.BackupResultBuilder;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupDownload;
import io.trustedlaunch.api.backup.VMBackupDownloadSpec;
import io.trustedlaunch.api.backup.VMBackupSpec;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.backup.VMBackupStatusBuilder;
import io.trustedlaunch.api.image.ImageCatalog;
import io.trustedlaunch.api.image.ImageCatalogSpec;
import io.trustedlaunch.api.image.ImageCatalogSpec.Source;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeSpec.Maintenance;
import io.trustedlaunch.api.node.NodeFence;
import io.trustedlaunch.api.node.NodeFenceStatus.Phase;
import io.trustedlaunch.api.quota.VMQuota;
import io.trustedlaunch.api.quota.VMQuotaStatus;
import io.trustedlaunch.api.vm.ConsoleKind;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.RestoreOutcome;
import io.trustedlaunch.api.vm.VMConsole;
import io.trustedlaunch.api.vm.VMConsoleSpec;
import io.trustedlaunch.testkit.BackupLocations;
import io.trustedlaunch.testkit.CatalogSigningKey;
import io.trustedlaunch.testkit.CatalogText;
import io.trustedlaunch.testkit.Cluster;
import io.trustedlaunch.testkit.Quotas;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What no VM of the test needs: operators and agents do that, too, with the rights that the chart gives. */
record OtherKinds(Stage stage) {
    void getTheirStatus(String vm) throws IOException {
        VMConsole console = stage.create(console(vm));
        VMBackupDownload download = stage.create(download());
        ImageCatalog catalog = stage.create(catalog());
        await("the console to be open")
                .atMost(Stage.TIMEOUT)
                .until(() -> isTrue(
                        ConditionType.Open,
                        stage.client.resource(console).get().getStatus().conditions()));
        await("the download to be refused")
                .atMost(Stage.TIMEOUT)
                .until(() -> ConditionType.Open.in(
                                stage.client.resource(download).get().conditions())
                        .isPresent());
        await("the catalog to be in force")
                .atMost(Stage.TIMEOUT)
                .until(() -> isTrue(
                        ConditionType.Current,
                        stage.client.resource(catalog).get().getStatus().conditions()));
        stage.client.resource(catalog).delete();
        stage.client.resource(console).delete();
        stage.client.resource(download).delete();
        aQuotaShowsWhatTheVmTakes();
        aBackupBeginsAndIsCancelled(vm);
    }

    private void aQuotaShowsWhatTheVmTakes() {
        VMQuota quota = Quotas.quota("team", hard -> hard.vms(9L));
        quota.setMetadata(new ObjectMetaBuilder()
                .withNamespace(stage.namespace)
                .withName("team")
                .build());
        VMQuota created = stage.create(quota);
        await("the quota to show the VM")
                .atMost(Stage.TIMEOUT)
                .until(() -> Optional.ofNullable(
                                stage.client.resource(created).get().getStatus())
                        .map(VMQuotaStatus::summary)
                        .filter(summary ->
                                summary.vms().endsWith("/9") && !summary.vms().equals("0/9"))
                        .isPresent());
        stage.client.resource(created).delete();
    }

    /** Whatever of it was saved by then. */
    private void aBackupBeginsAndIsCancelled(String vm) throws IOException {
        BackupLocation location = location("backups-" + stage.nonce);
        VMBackup backup = new VMBackup();
        backup.setMetadata(new ObjectMetaBuilder()
                .withNamespace(stage.namespace)
                .withName("backup")
                .build());
        backup.setSpec(new VMBackupSpec(
                new ObjectRef(vm), new ObjectRef(location.getMetadata().getName()), BackupMode.Auto));
        VMBackup created = stage.create(backup);
        await("the backup to begin")
                .atMost(Stage.TIMEOUT)
                .until(() -> stage.client.resource(created).get().getStatus().backupUID() != null);
        stage.client.resource(created).delete();
        await("the run of the backup to be removed")
                .atMost(Stage.TIMEOUT)
                .until(() -> stage.client
                                .resources(BackupRun.class)
                                .inNamespace(Cluster.NAMESPACE)
                                .withName(created.getMetadata().getUid())
                                .get()
                        == null);
        stage.client.resource(location).delete();
    }

    /** An empty store, which each host has. */
    private BackupLocation location(String name) throws IOException {
        Path folder = Files.createDirectory(
                stage.lab.folder().resolve(name),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        return stage.create(BackupLocations.named(
                name, BackupLocations.folder(BackupLocations.mark(folder).toString(), List.of())));
    }

    /** There are no files of the backup, so the VM starts as it was. */
    void aRestoreIsGivenUp(String vm) throws IOException {
        BackupLocation location = location("restores-" + stage.nonce);
        VMBackup backup = new VMBackup();
        backup.setMetadata(new ObjectMetaBuilder()
                .withNamespace(stage.namespace)
                .withName("lost")
                .build());
        backup.setSpec(new VMBackupSpec(
                new ObjectRef("no-such-vm"),
                new ObjectRef(location.getMetadata().getName()),
                BackupMode.Auto));
        VMBackup created = stage.create(backup);
        await("the backup to be seen")
                .atMost(Stage.TIMEOUT)
                .until(() -> stage.client.resource(created).get().getStatus().phase() == VMBackupStatus.Phase.Pending);
        VMBackupStatus completed = VMBackupStatusBuilder.builder()
                .phase(VMBackupStatus.Phase.Completed)
                .vmUID(stage.get(vm).identity())
                .backupUID(created.getMetadata().getUid())
                .locationID(BackupLocations.ID.toString())
                .completionTime("2026-01-01T00:00:00Z")
                .result(BackupResultBuilder.builder()
                        .indexSHA256("0".repeat(64))
                        .guestState(new GuestStateVersion(1L, 1L))
                        .build())
                .build();
        // Whatever the operator writes meanwhile.
        stage.client
                .resource(created)
                .subresource("status")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        stage.client.getKubernetesSerialization().asJson(Map.of("status", completed)));
        stage.setRunStrategy(vm, RunStrategy.Halted);
        stage.awaitHalted(vm);
        stage.patchSpec(
                vm, "{\"approveRestore\": {\"backupRef\": {\"name\": \"lost\"}, \"approvedBy\": \"" + user() + "\"}}");
        stage.awaitVm(
                vm,
                "Ready for no restore",
                found -> found.getStatus().restore() != null
                        && found.getStatus().restore().outcome() == RestoreOutcome.Failed);
        stage.patchSpec(vm, "{\"approveRestore\": null, \"runStrategy\": \"Always\"}");
        stage.awaitRunning(vm);
        stage.client.resource(location).delete();
    }

    /** So that a host on which somebody works takes no VM if its ClusterNode is deleted. */
    void maintenanceIsRemembered(String node) {
        stage.setMaintenance(node, Maintenance.Cordon);
        await("the maintenance of " + node + " to be remembered")
                .atMost(Stage.TIMEOUT)
                .until(() -> Optional.ofNullable(stage.client
                                .configMaps()
                                .inNamespace(Cluster.NAMESPACE)
                                .withName("trusted-launch-maintenance")
                                .get())
                        .map(ConfigMap::getData)
                        .filter(data -> Maintenance.Cordon.name().equals(data.get(node)))
                        .isPresent());
        stage.setMaintenance(node, Maintenance.None);
    }

    /** Nothing is started elsewhere: the host is heard. */
    void aFalseStatementIsContradicted(String node) {
        var clusterNode = stage.client.resources(ClusterNode.class).withName(node);
        String boot = clusterNode.get().getStatus().answer().bootID();
        var fence = stage.client.resources(NodeFence.class).withName(NodeFence.nameOf(node, boot));
        clusterNode.patch(
                PatchContext.of(PatchType.JSON_MERGE),
                "{\"spec\": {\"fencing\": {\"statement\": {\"bootID\": \"" + boot + "\", \"confirmedBy\": \"" + user()
                        + "\"}}}}");
        await("the statement about " + node + " to be contradicted")
                .atMost(Stage.TIMEOUT)
                .until(() -> Optional.ofNullable(fence.get())
                        .map(NodeFence::getStatus)
                        .filter(status -> status.phase() == Phase.Contradicted)
                        .isPresent());
        clusterNode.patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\": {\"fencing\": null}}");
        await("the fence of " + node + " to be removed").atMost(Stage.TIMEOUT).until(() -> fence.get() == null);
    }

    private static boolean isTrue(ConditionType type, List<Condition> conditions) {
        return type.in(conditions)
                .filter(condition -> condition.getStatus().equals("True"))
                .isPresent();
    }

    private VMConsole console(String vm) {
        VMConsole console = new VMConsole();
        console.setMetadata(new ObjectMetaBuilder()
                .withNamespace(stage.namespace)
                .withName("console")
                .build());
        console.setSpec(new VMConsoleSpec(new ObjectRef(vm), ConsoleKind.Serial, "0123456789abcdef".repeat(4), user()));
        return console;
    }

    /** Of a backup that is not there. */
    private VMBackupDownload download() {
        VMBackupDownload download = new VMBackupDownload();
        download.setMetadata(new ObjectMetaBuilder()
                .withNamespace(stage.namespace)
                .withName("download")
                .build());
        download.setSpec(new VMBackupDownloadSpec(new ObjectRef("none"), "root", "0123456789abcdef".repeat(4), user()));
        return download;
    }

    private String user() {
        return stage.client
                .resource(new SelfSubjectReview())
                .create()
                .getStatus()
                .getUserInfo()
                .getUsername();
    }

    /** A signed list without images. */
    private ImageCatalog catalog() {
        String name = "catalog-" + stage.nonce;
        CatalogSigningKey key = CatalogSigningKey.ecdsa();
        byte[] content = CatalogText.of(1, CatalogText.NEVER);
        stage.create(new ConfigMapBuilder()
                .withNewMetadata()
                .withNamespace(Cluster.NAMESPACE)
                .withName(name)
                .endMetadata()
                .withData(Map.of("catalog.json", new String(content, UTF_8), "catalog.json.sig", key.sign(content)))
                .build());
        ImageCatalog catalog = new ImageCatalog();
        catalog.setMetadata(new ObjectMetaBuilder().withName(name).build());
        catalog.setSpec(new ImageCatalogSpec(
                CatalogText.NAME, List.of(key.publicKey()), new Source(new ObjectRef(name), null)));
        return catalog;
    }
}
