package io.trustedlaunch.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.backup.BackupMode;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupDownload;
import io.trustedlaunch.api.backup.VMBackupDownloadSpec;
import io.trustedlaunch.api.backup.VMBackupDownloadStatusBuilder;
import io.trustedlaunch.api.backup.VMBackupSpec;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.incarnation.VMMigrationSpec;
import io.trustedlaunch.api.vm.ConsoleKind;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.VMConsole;
import io.trustedlaunch.api.vm.VMConsoleSpec;
import io.trustedlaunch.testkit.Call;
import io.trustedlaunch.testkit.Cluster;
import io.trustedlaunch.testkit.Manifest;
import io.trustedlaunch.testkit.Tenant;
import io.trustedlaunch.testkit.Vms;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A tenant who may write VMs and migrations, and nothing else. */
class TenantAccessIT {
    @RegisterExtension
    static final Cluster CLUSTER = new Cluster();

    private Tenant tess;
    private KubernetesClient tenant;
    private String namespace;

    @BeforeEach
    void makeVm() {
        namespace = CLUSTER.namespace();
        tess = new Tenant(CLUSTER, namespace, "tess");
        tenant = tess.client();
        tess.grant("trusted-launch-view");
        tess.grant("trusted-launch-edit");
        tenant.resource(Vms.halted(namespace, spec -> spec)).create();
        patchBy(CLUSTER.admin(), "{\"metadata\": {\"finalizers\": [\"" + Api.FINALIZER + "\"]}}");
    }

    /** The guest would run on without a VM, and count for no quota. */
    @Test
    void theOperatorsFinalizerStays() {
        assertRefused(
                () -> patch("{\"metadata\": {\"finalizers\": null}}"), "the operator removes its finalizer itself");
        assertRefused(() -> patch("{\"metadata\": {\"finalizers\": [\"example.com/other\"]}}"), "finalizer");
        assertThatCode(() ->
                        patch("{\"metadata\": {\"finalizers\": [\"example.com/other\", \"" + Api.FINALIZER + "\"]}}"))
                .doesNotThrowAnyException();
        assertThatCode(() -> patch("{\"metadata\": {\"finalizers\": [\"" + Api.FINALIZER + "\"]}}"))
                .as("another's finalizer")
                .doesNotThrowAnyException();
        tenant.resources(TrustedLaunchVM.class)
                .inNamespace(namespace)
                .withName("payroll")
                .delete();
        assertRefused(() -> patch("{\"metadata\": {\"finalizers\": null}}"), "finalizer");

        patchBy(CLUSTER.admin(), "{\"metadata\": {\"finalizers\": null}}");
        assertThat(CLUSTER.admin()
                        .resources(TrustedLaunchVM.class)
                        .inNamespace(namespace)
                        .withName("payroll")
                        .get())
                .as("an administrator of the cluster may")
                .isNull();
    }

    /** By them the operator tells migrations of drains and backups of schedules from others, and whom a VM belongs to. */
    @Test
    void whatTheOperatorSteersByIsNotTheTenants() {
        tess.grant("cluster-admin");
        for (String key : List.of("drain", "backup-schedule", "vm-uid", "image-uid", "whatever")) {
            String full = Api.GROUP + "/" + key;
            assertRefused(
                    () -> migrate("labelled", null, new ObjectMetaBuilder().withLabels(Map.of(full, "x"))),
                    "may not set, change or remove " + full + " of vmmigrations: the operator steers by it");
            assertRefused(() -> patch("{\"metadata\": {\"labels\": {\"" + full + "\": \"x\"}}}"), full);
            assertRefused(() -> patch("{\"metadata\": {\"annotations\": {\"" + full + "\": \"x\"}}}"), full);
        }
        patchBy(CLUSTER.admin(), "{\"metadata\": {\"labels\": {\"" + Api.LABEL_VM_UID + "\": \"x\"}}}");
        assertThatCode(() -> patch("{\"metadata\": {\"labels\": {\"example.com/mine\": \"x\"}}}"))
                .as("what is there stays when others change the VM")
                .doesNotThrowAnyException();
        assertRefused(() -> patch("{\"metadata\": {\"labels\": null}}"), Api.LABEL_VM_UID);
        assertThatCode(() -> patch("{\"metadata\": {\"annotations\": {\"" + Api.RESTARTED_AT + "\": \"now\"}}}"))
                .doesNotThrowAnyException();
    }

    /** An object of ours that nobody finishes would keep its namespace from being deleted. */
    @Test
    void noFinalizerOfTheOperatorsIsAddedByAnother() {
        tess.grant("cluster-admin");
        assertRefused(
                () -> migrate("kept", null, new ObjectMetaBuilder().withFinalizers(Api.FINALIZER)),
                "may not add or remove the finalizer " + Api.FINALIZER);
        assertRefused(() -> patch("{\"metadata\": {\"finalizers\": null}}"), "may not add or remove the finalizer");
    }

    @Test
    void aVmGoesBackToAnOlderStateOnlyWithTheRightTo() {
        String approval =
                "{\"spec\": {\"approveGuestState\": {\"epoch\": 3, \"generation\": 7, \"approvedBy\": \"tess\"}}}";
        assertRefused(() -> patch(approval), "trusted-launch-approval");
        tess.grant("trusted-launch-approval");
        assertThatCode(() -> patch(approval)).doesNotThrowAnyException();
    }

    @Test
    void aVmReliesOnAWordThatNothingCouldContradictOnlyWithTheRightToAndKeepsThatWhenOthersChangeIt() {
        String accepted = "{\"metadata\": {\"annotations\": {\"" + Api.ACCEPTED_FENCE + "\": \"host-a-3f0c6d6e\"}}}";
        assertRefused(() -> patch(accepted), "trusted-launch-approval");
        patchBy(CLUSTER.admin(), accepted);
        assertThatCode(() -> patch("{\"spec\": {\"cores\": 4}}")).doesNotThrowAnyException();
        assertRefused(() -> patch(accepted.replace("host-a-3f0c6d6e", "host-b-3f0c6d6e")), "trusted-launch-approval");
        tess.grant("trusted-launch-approval");
        assertThatCode(() -> patch(accepted.replace("host-a-3f0c6d6e", "host-b-3f0c6d6e")))
                .doesNotThrowAnyException();
    }

    @Test
    void aVmGetsAHigherPriorityOnlyWithTheRightToAndKeepsItWhenOthersChangeIt() {
        String priority = "{\"spec\": {\"priorityClassName\": \"system-cluster-critical\"}}";
        assertRefused(() -> patch(priority), "trusted-launch-priority");
        patchBy(CLUSTER.admin(), priority);
        assertThatCode(() -> patch("{\"spec\": {\"cores\": 4}}")).doesNotThrowAnyException();
        assertRefused(() -> patch("{\"spec\": {\"priorityClassName\": \"other\"}}"), "trusted-launch-priority");
        tess.grant("trusted-launch-priority");
        assertThatCode(() -> patch("{\"spec\": {\"priorityClassName\": \"other\"}}"))
                .doesNotThrowAnyException();
    }

    @Test
    void aMigrationNamesItsTargetOnlyWithTheRightTo() {
        assertThatCode(() -> migrate("anywhere", null)).doesNotThrowAnyException();
        assertRefused(() -> migrate("there", "host-b"), "trusted-launch-target");
        tess.grant("trusted-launch-target");
        assertThatCode(() -> migrate("there", "host-b")).doesNotThrowAnyException();
    }

    @Test
    void aConsoleIsOpenedOnlyWithTheRightTo() {
        assertRefused(() -> openConsole("tess"), "vmconsoles");
        tess.grant("trusted-launch-console");
        assertThatCode(() -> openConsole("tess")).doesNotThrowAnyException();
    }

    @Test
    void aConsoleIsOpenedInOnesOwnNameOnly() {
        tess.grant("trusted-launch-console");
        assertRefused(
                () -> openConsole("grace"),
                "spec.requestedBy must be the name of the user who opens the session, which is \"tess\" here, not"
                        + " \"grace\"");
        assertRefused(() -> openConsole(null), "spec.requestedBy");
        assertRefused(() -> openConsole(""), "spec.requestedBy");

        VMConsole opened = openConsole("tess");
        assertRefused(
                () -> CLUSTER.admin()
                        .resource(opened)
                        .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\": {\"requestedBy\": \"grace\"}}"),
                "a VMConsole is immutable");
    }

    /** Needs Kubernetes' controllers, which fill this role. */
    @Test
    @Tag("controllers")
    void anAdministratorOfTheNamespaceReadsNoDiskOfABackup() {
        tess.grant("admin");
        assertRefused(() -> download("tess"), "vmbackupdownloads");
    }

    @Test
    void aDiskOfABackupIsReadOnlyWithTheRightToAndInOnesOwnName() {
        assertRefused(() -> download("tess"), "vmbackupdownloads");
        tess.grant("trusted-launch-backup-download");
        assertRefused(
                () -> download("grace"),
                "spec.requestedBy must be the name of the user who opens the session, which is \"tess\" here, not"
                        + " \"grace\"");
        assertRefused(() -> download(""), "spec.requestedBy");

        VMBackupDownload created = download("tess");
        assertRefused(
                () -> CLUSTER.admin()
                        .resource(created)
                        .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\": {\"disk\": \"data-ledger\"}}"),
                "a VMBackupDownload is immutable");
        created.setStatus(VMBackupDownloadStatusBuilder.builder()
                .observedGeneration(1L)
                .nodeName("host-x")
                .build());
        assertRefused(() -> tenant.resource(created).updateStatus(), "vmbackupdownloads");
        assertThatCode(() -> tenant.resource(created).delete()).doesNotThrowAnyException();
    }

    @Test
    void aBackupIsTheTenantsAndWhereItIsAndHowItGoesIsNot() {
        VMBackup backup = new VMBackup();
        backup.setMetadata(new ObjectMetaBuilder()
                .withNamespace(namespace)
                .withName("payroll-1")
                .build());
        backup.setSpec(new VMBackupSpec(new ObjectRef("payroll"), new ObjectRef("nas"), BackupMode.Auto));
        VMBackup created = tenant.resource(backup).create();
        String group = "/apis/trustedlaunch.io/v1alpha1";
        String backups = group + "/namespaces/" + namespace + "/vmbackups";
        String status = Manifest.json("status: {phase: Completed, completionTime: 2026-01-01T00:00:00Z}");
        String folder = "{apiVersion: trustedlaunch.io/v1alpha1, kind: BackupLocation, metadata: {name: mine}, spec:"
                + " {folder: {path: /etc}}}";
        String runs = group + "/namespaces/" + Cluster.NAMESPACE + "/backupruns";
        for (Call call : List.of(
                Call.merge(backups + "/payroll-1/status", status),
                Call.create(group + "/namespaces/default/vmbackups", Manifest.json("metadata: {name: x}")),
                Call.create(group + "/backuplocations", folder),
                Call.get(runs),
                Call.get(group + "/namespaces/" + namespace + "/backupruns"),
                Call.create(group + "/namespaces/" + namespace + "/backupruns", Manifest.json("metadata: {name: x}")),
                Call.merge(runs + "/x/status", status),
                Call.get(group + "/namespaces/" + Cluster.NAMESPACE + "/storedbackupruns"),
                Call.create(
                        group + "/namespaces/" + namespace + "/storedbackupruns", Manifest.json("metadata: {name: x}")),
                Call.get(group + "/namespaces/" + Cluster.NAMESPACE + "/restoreruns"),
                Call.create(group + "/namespaces/" + namespace + "/restoreruns", Manifest.json("metadata: {name: x}")),
                Call.get(group + "/namespaces/" + Cluster.NAMESPACE + "/diskfills"),
                Call.create(group + "/namespaces/" + namespace + "/diskfills", Manifest.json("metadata: {name: x}")))) {
            assertThat(call.by(tenant).forbidden())
                    .as(call.method() + " " + call.path())
                    .isTrue();
        }
        assertThat(tenant.resource(created).delete()).isNotEmpty();
    }

    @Test
    void aBackupScheduleIsTheTenantsAndWhatItHasDoneIsNot() {
        String group = "/apis/trustedlaunch.io/v1alpha1";
        String schedules = group + "/namespaces/" + namespace + "/vmbackupschedules";
        String schedule = """
                apiVersion: trustedlaunch.io/v1alpha1
                kind: VMBackupSchedule
                metadata: {name: nightly}
                spec: {vmSelector: {}, locationRef: {name: nas}, schedule: 0 2 * * *}
                """;
        for (Call call : List.of(
                Call.create(schedules, schedule),
                Call.merge(schedules + "/nightly", Manifest.json("spec: {suspend: true}")),
                Call.get(schedules))) {
            assertThat(call.by(tenant).succeeded())
                    .as(call.method() + " " + call.path())
                    .isTrue();
        }
        for (Call call : List.of(
                Call.merge(schedules + "/nightly/status", Manifest.json("status: {missed: 0}")),
                Call.create(group + "/namespaces/default/vmbackupschedules", schedule))) {
            assertThat(call.by(tenant).forbidden())
                    .as(call.method() + " " + call.path())
                    .isTrue();
        }
    }

    private VMBackupDownload download(String requestedBy) {
        VMBackupDownload download = new VMBackupDownload();
        download.setMetadata(new ObjectMetaBuilder()
                .withNamespace(namespace)
                .withGenerateName("monday-")
                .build());
        download.setSpec(new VMBackupDownloadSpec(new ObjectRef("monday"), "root", "0".repeat(64), requestedBy));
        return tenant.resource(download).create();
    }

    private VMConsole openConsole(String requestedBy) {
        VMConsole console = new VMConsole();
        console.setMetadata(new ObjectMetaBuilder()
                .withNamespace(namespace)
                .withGenerateName("payroll-")
                .build());
        console.setSpec(new VMConsoleSpec(new ObjectRef("payroll"), ConsoleKind.Serial, "0".repeat(64), requestedBy));
        return tenant.resource(console).create();
    }

    private static void assertRefused(ThrowingCallable request, String message) {
        assertThatThrownBy(request)
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining(message);
    }

    private void migrate(String name, String target) {
        migrate(name, target, new ObjectMetaBuilder());
    }

    private void migrate(String name, String target, ObjectMetaBuilder metadata) {
        VMMigration migration = new VMMigration();
        migration.setMetadata(metadata.withNamespace(namespace).withName(name).build());
        migration.setSpec(new VMMigrationSpec(new ObjectRef("payroll"), target));
        tenant.resource(migration).create();
    }

    private void patch(String change) {
        patchBy(tenant, change);
    }

    private void patchBy(KubernetesClient user, String change) {
        user.resources(TrustedLaunchVM.class)
                .inNamespace(namespace)
                .withName("payroll")
                .patch(PatchContext.of(PatchType.JSON_MERGE), change);
    }
}
