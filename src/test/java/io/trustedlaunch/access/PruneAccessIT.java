package io.trustedlaunch.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupStatus.Phase;
import io.trustedlaunch.api.backup.VMBackupStatusBuilder;
import io.trustedlaunch.testkit.Call;
import io.trustedlaunch.testkit.Cluster;
import io.trustedlaunch.testkit.Manifest;
import io.trustedlaunch.testkit.Tenant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A thief of credentials with the role edit removes the files of no backup, on none of the ways that end in that. */
class PruneAccessIT {
    @RegisterExtension
    static final Cluster CLUSTER = new Cluster();

    private static final String GROUP = "/apis/trustedlaunch.io/v1alpha1";
    private static final String ROLE = "ClusterRole trusted-launch-prune has it";
    private static final String REMOVE = "metadata: {annotations: {trustedlaunch.io/remove-files: \"true\"}}";
    private static final String PROTECT = "metadata: {annotations: {trustedlaunch.io/protected: \"true\"}}";
    private static final String COMPLETED =
            "status: {phase: Completed, completionTime: 2026-01-01T00:00:00Z, result: {type: Full}}";

    private static final Manifest BACKUP = new Manifest("""
            apiVersion: trustedlaunch.io/v1alpha1
            kind: VMBackup
            metadata: {name: monday}
            spec: {vmRef: {name: payroll}, locationRef: {name: nas}}
            """);

    private static final Manifest SCHEDULE = new Manifest("""
            apiVersion: trustedlaunch.io/v1alpha1
            kind: VMBackupSchedule
            metadata: {name: nightly}
            spec: {vmSelector: {}, locationRef: {name: nas}, schedule: 0 2 * * *}
            """);

    private String namespace;
    private Tenant tess;
    private KubernetesClient tenant;
    private String backups;
    private String schedules;

    @BeforeEach
    void makeATenant() {
        namespace = CLUSTER.namespace();
        tess = new Tenant(CLUSTER, namespace, "tess");
        tenant = tess.client();
        tess.grant("trusted-launch-view");
        tess.grant("trusted-launch-edit");
        backups = GROUP + "/namespaces/" + namespace + "/vmbackups";
        schedules = GROUP + "/namespaces/" + namespace + "/vmbackupschedules";
    }

    @Test
    void theRemovalOfFilesIsAskedForOnlyWithTheRightTo() {
        refused(Call.create(backups, BACKUP.with(REMOVE).yaml()));
        accepted(Call.create(backups, BACKUP.yaml()));
        Call remove = Call.merge(backups + "/monday", Manifest.json(REMOVE));
        refused(remove);
        acceptedBy(CLUSTER.admin(), remove);
        accepted(Call.merge(backups + "/monday", Manifest.json("metadata: {labels: {x: y}}")));
        accepted(Call.merge(backups + "/monday", Manifest.json("metadata: {annotations: null}")));
        tess.grant("trusted-launch-prune");
        accepted(remove);
    }

    @Test
    void aProtectionIsTakenOffOnlyWithTheRightTo() {
        accepted(Call.create(backups, BACKUP.with(PROTECT).yaml()));
        refused(Call.merge(backups + "/monday", Manifest.json("metadata: {annotations: null}")));
        Call no = Call.merge(backups + "/monday", Manifest.json(PROTECT.replace("\"true\"", "\"false\"")));
        refused(no);
        accepted(Call.merge(backups + "/monday", Manifest.json("metadata: {labels: {x: y}}")));
        tess.grant("trusted-launch-prune");
        accepted(no);
    }

    /** It has what the backup is opened with. */
    @Test
    void theRecordOfACompletedBackupIsDeletedOnlyWithTheRightTo() {
        accepted(Call.create(backups, BACKUP.yaml()));
        accepted(Call.delete(backups + "/monday"));
        accepted(Call.create(backups, BACKUP.yaml()));
        acceptedBy(CLUSTER.admin(), Call.merge(backups + "/monday/status", Manifest.json(COMPLETED)));
        refused(Call.delete(backups + "/monday"));
        Call.delete(backups).by(tenant);
        accepted(Call.get(backups + "/monday"));
        tess.grant("trusted-launch-prune");
        accepted(Call.delete(backups + "/monday"));
    }

    /** Who imports backups may write a status. */
    @Test
    void aStatusThatSaysThatFilesAreBeingRemovedTakesTheRightToo() {
        accepted(Call.create(backups, BACKUP.yaml()));
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
                .ignoreExceptions()
                .until(() -> record(importer, Phase.Completed).isIn(Phase.Completed));
        assertThatThrownBy(() -> record(importer, Phase.Removing))
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContainingAll("status.phase", ROLE);
    }

    private VMBackup record(KubernetesClient user, Phase phase) {
        VMBackup backup = CLUSTER.admin()
                .resources(VMBackup.class)
                .inNamespace(namespace)
                .withName("monday")
                .get();
        backup.setStatus(VMBackupStatusBuilder.builder().phase(phase).build());
        return user.resource(backup).updateStatus();
    }

    @Test
    void whatAScheduleKeepsIsSaidOnlyWithTheRightTo() {
        String keep = "spec: {keep: {last: 7}}";
        refused(Call.create(schedules, SCHEDULE.with(keep).yaml()));
        accepted(Call.create(schedules, SCHEDULE.yaml()));
        String nightly = schedules + "/nightly";
        refused(Call.merge(nightly, Manifest.json(keep)));
        accepted(Call.merge(nightly, Manifest.json("spec: {schedule: 0 3 * * *}")));
        acceptedBy(CLUSTER.admin(), Call.merge(nightly, Manifest.json(keep)));
        for (String change : List.of(
                "spec: {keep: {last: 1}}",
                "spec: {keep: {weekly: 4}}",
                "spec: {schedule: \"* * * * *\"}",
                "spec: {timeZone: Europe/Berlin}",
                "spec: {locationRef: {name: other}}")) {
            refused(Call.merge(nightly, Manifest.json(change)));
        }
        accepted(Call.merge(
                nightly, Manifest.json("spec: {suspend: true, parallel: 2, vmSelector: {matchLabels: {a: b}}}")));
        accepted(Call.merge(nightly, Manifest.json("spec: {keep: null}")));
        tess.grant("trusted-launch-prune");
        accepted(Call.merge(nightly, Manifest.json("spec: {keep: {last: 1}}")));
    }

    private void refused(Call call) {
        assertThat(call.by(tenant).message())
                .as(call.method() + " " + call.body())
                .contains("verb prune", ROLE);
    }

    private void accepted(Call call) {
        acceptedBy(tenant, call);
    }

    private static void acceptedBy(KubernetesClient user, Call call) {
        assertThat(call.by(user))
                .as(call.method() + " " + call.body())
                .satisfies(answer ->
                        assertThat(answer.succeeded()).as(answer.message()).isTrue());
    }
}
