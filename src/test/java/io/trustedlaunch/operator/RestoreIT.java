package io.trustedlaunch.operator;

import static io.trustedlaunch.operator.PlayedStatus.runs;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RunPhase;
import io.trustedlaunch.api.backup.BackupMode;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.backup.BackupRunStatus;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupSpec;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.backup.VMBackupStatusBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.restore.RestoreRun;
import io.trustedlaunch.api.restore.RestoreRunSpec;
import io.trustedlaunch.api.restore.RestoreRunStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Restore;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.RestoreOutcome;
import io.trustedlaunch.custody.BackupKeys;
import io.trustedlaunch.custody.RestoreEnvelope;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.testkit.BackupLocations;
import io.trustedlaunch.testkit.BackupResults;
import io.trustedlaunch.testkit.Cluster;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Restores of VMs from their backups on a real API server, under the roles of the chart; the test plays the agent. */
class RestoreIT {
    @Order(1)
    @RegisterExtension
    static final Cluster CLUSTER = new Cluster();

    @Order(2)
    @RegisterExtension
    static final OperatorUnderTest OPERATOR = new OperatorUnderTest(CLUSTER, "restore");

    private static final Duration PATIENCE = Cluster.TIMEOUT;

    private PlayedAgent agent;
    private String namespace;
    private TrustedLaunchVM vm;

    /** A VM with a completed backup that is off. */
    @BeforeEach
    void backUpAndStop() {
        agent = new PlayedAgent(CLUSTER, CLUSTER.node(Cluster.uniqueName("host-a"))).register();
        namespace = CLUSTER.namespace();
        vm = CLUSTER.admin()
                .resource(OfferedImage.vm(
                        namespace, "payroll", OfferedImage.allowed(CLUSTER, Cluster.uniqueName("publisher"))))
                .create();
        agent.report(agent.awaitIncarnation(uid(), 1), runs(1));
        backup();
        patch("{\"runStrategy\": \"Halted\"}");
        agent.report(agent.awaitIncarnation(uid(), 1), PlayedStatus.ended(1));
        awaitedVm().ready(Reason.Halted);
    }

    @AfterEach
    void deleteAll() {
        CLUSTER.admin().resource(vm).delete();
        agent.close();
    }

    private String uid() {
        return vm.getMetadata().getUid();
    }

    @Test
    void aVmIsPutBackBeforeItsNextStartWhichUsesTheBackupsState() throws Exception {
        approve("monday");
        RestoreRun run = awaitedVm().restoreRun();
        RestoreRunSpec spec = run.getSpec();
        assertThat(run.getMetadata().getNamespace()).isEqualTo(Cluster.NAMESPACE);
        assertThat(spec.nodeName()).isEqualTo(agent.name());
        assertThat(spec.epoch()).isEqualTo(1);
        assertThat(spec.backup().indexSHA256()).isEqualTo(BackupResults.DIGEST);
        assertThat(spec.location().folder()).isEqualTo("/srv/backups");
        assertThat(spec.guestState()).isEqualTo(BackupResults.GUEST_STATE);
        try (RestoreEnvelope.Content content = agent.open(run)) {
            BackupKeys keys = content.keys();
            assertThat(keys.description().vm()).isEqualTo(UUID.fromString(uid()));
        }

        patch("{\"runStrategy\": \"Always\"}");
        assertThat(awaitedVm().ready(Reason.Restoring)).contains(agent.name(), "monday");
        report(run, new RestoreRunStatus(RunPhase.Running, null, null));
        assertThat(agent.incarnation(uid(), 2)).as("a start waits").isNull();
        report(run, new RestoreRunStatus(RunPhase.Completed, null, null));

        VMIncarnation second = agent.awaitIncarnation(uid(), 2);
        assertThat(second.getSpec().approvedGuestState()).isEqualTo(BackupResults.GUEST_STATE);
        awaitNoRun(run);
        agent.report(second, runs(2));
        await("the approval to be on record")
                .atMost(PATIENCE)
                .until(() -> Optional.ofNullable(status().guestState().approval())
                        .filter(approval -> "monday".equals(approval.backup()))
                        .filter(approval -> CLUSTER.adminName().equals(approval.approvedBy()))
                        .isPresent());
        assertThat(restore().outcome()).isEqualTo(RestoreOutcome.Completed);
        patch("{\"approveRestore\": null}");
        await("the restore to be forgotten").atMost(PATIENCE).until(() -> restore() == null);
    }

    @Test
    void whatFailedIsTriedAgainOnlyIfAUserSaysSo() {
        approve("monday");
        RestoreRun run = awaitedVm().restoreRun();
        report(run, new RestoreRunStatus(RunPhase.Failed, Reason.BackupDamaged.name(), "data-00000 was altered"));

        assertThat(awaitedVm().ready(Reason.RestoreFailed)).contains("BackupDamaged", "data-00000 was altered");
        awaitNoRun(run);
        patch("{\"runStrategy\": \"Always\"}");
        assertThat(awaitedVm().ready(Reason.RestoreFailed)).isNotBlank();
        assertThat(agent.incarnation(uid(), 2)).isNull();

        patch("{\"approveRestore\": null}");
        assertThat(agent.awaitIncarnation(uid(), 2).getSpec().approvedGuestState())
                .isNull();
    }

    @Test
    void onlyBackupsOfTheVmAreTakenAndOnlyWhileItIsOff() {
        approve("no-such-backup");
        assertThat(awaitedVm().ready(Reason.BackupNotUsable)).contains("no-such-backup", "does not exist");
        CLUSTER.admin()
                .resources(VMBackup.class)
                .inNamespace(namespace)
                .withName("monday")
                .editStatus(seen -> {
                    seen.setStatus(VMBackupStatusBuilder.builder(seen.getStatus())
                            .vmUID("00000000-0000-4000-8000-000000000001")
                            .build());
                    return seen;
                });
        approve("monday");
        await("the other VM's identity to be named")
                .atMost(PATIENCE)
                .until(() -> awaitedVm().ready(Reason.BackupNotUsable).contains("is of another VM"));

        patch("{\"approveRestore\": null, \"runStrategy\": \"Always\"}");
        agent.report(agent.awaitIncarnation(uid(), 2), runs(2));
        assertThatThrownBy(() -> approve("monday"))
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining("set runStrategy to Halted, too");
    }

    @ParameterizedTest
    @EnumSource(
            value = Failpoint.class,
            names = {"OPERATOR_RESTORE_BEGUN", "OPERATOR_RESTORE_RUN_CREATED"})
    void theSuccessorOfADeadOperatorGoesOn(Failpoint point) {
        OPERATOR.arm(point);
        approve("monday");
        OPERATOR.awaitDeath();
        String begun = restore().uid();

        OPERATOR.start();
        RestoreRun run = awaitedVm().restoreRun();
        assertThat(run.getMetadata().getName()).isEqualTo(begun);
        report(run, new RestoreRunStatus(RunPhase.Completed, null, null));
        awaitedVm().ready(Reason.Halted);
        awaitNoRun(run);
    }

    private void approve(String backup) {
        patch("{\"approveRestore\": {\"backupRef\": {\"name\": \"" + backup + "\"}, \"approvedBy\": \""
                + CLUSTER.adminName() + "\"}}");
    }

    private void patch(String spec) {
        CLUSTER.admin().resource(vm).patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\": " + spec + "}");
    }

    private AwaitedVm awaitedVm() {
        return new AwaitedVm(CLUSTER, vm);
    }

    private TrustedLaunchVMStatus status() {
        return awaitedVm().status().orElseThrow();
    }

    private Restore restore() {
        return status().restore();
    }

    private static void awaitNoRun(RestoreRun run) {
        await("the run of the restore to be removed")
                .atMost(PATIENCE)
                .until(() -> CLUSTER.admin().resource(run).get() == null);
    }

    private void report(RestoreRun run, RestoreRunStatus status) {
        agent.writer().writeRestoreStatus(run, status);
    }

    private void backup() {
        String location = Cluster.uniqueName("backups");
        CLUSTER.create(BackupLocations.named(location, BackupLocations.folder("/srv/backups", List.of())));
        agent.findsBackupFolder(location);
        VMBackup backup = new VMBackup();
        backup.setMetadata(new ObjectMetaBuilder()
                .withNamespace(namespace)
                .withName("monday")
                .build());
        backup.setSpec(new VMBackupSpec(new ObjectRef("payroll"), new ObjectRef(location), BackupMode.Auto));
        VMBackup created = CLUSTER.admin().resource(backup).create();
        var run = CLUSTER.admin()
                .resources(BackupRun.class)
                .inNamespace(Cluster.NAMESPACE)
                .withName(created.getMetadata().getUid());
        await("the run of the backup").atMost(PATIENCE).until(() -> run.get() != null);
        run.editStatus(seen -> {
            seen.setStatus(new BackupRunStatus(
                    RunPhase.Completed, 100, BackupResults.full().build(), null, null));
            return seen;
        });
        await("the backup to be completed")
                .atMost(PATIENCE)
                .until(
                        () -> CLUSTER.admin().resource(created).get().getStatus(),
                        status -> status != null && status.phase() == VMBackupStatus.Phase.Completed);
    }
}
