package io.trustedlaunch.operator;

import static io.trustedlaunch.operator.PlayedStatus.runs;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.trustedlaunch.api.Api;
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
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.vm.ApprovedRestore;
import io.trustedlaunch.api.vm.RestoreFrom;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMSpecBuilder;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.recovery.ClusterBackupKeys;
import io.trustedlaunch.recovery.Escrow;
import io.trustedlaunch.testkit.BackupLocations;
import io.trustedlaunch.testkit.BackupResults;
import io.trustedlaunch.testkit.Call;
import io.trustedlaunch.testkit.Cluster;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The cluster's backup key on a real API server, under the roles of the chart; the test plays the agent. */
class BackupKeyIT {
    @Order(1)
    @RegisterExtension
    static final Cluster CLUSTER = new Cluster();

    @Order(2)
    @RegisterExtension
    static final OperatorUnderTest OPERATOR = new OperatorUnderTest(CLUSTER, "backupkey");

    private static final Duration PATIENCE = Cluster.TIMEOUT;

    private PlayedAgent agent;
    private String namespace;
    private TrustedLaunchVM vm;

    /** Name of the last backup. */
    private String last;

    @BeforeEach
    void runAVm() {
        agent = new PlayedAgent(CLUSTER, CLUSTER.node(Cluster.uniqueName("host-a"))).register();
        namespace = CLUSTER.namespace();
        vm = CLUSTER.admin()
                .resource(OfferedImage.vm(
                        namespace, "payroll", OfferedImage.allowed(CLUSTER, Cluster.uniqueName("publisher"))))
                .create();
        agent.report(agent.awaitIncarnation(uid(), 1), runs(1));
    }

    @AfterEach
    void close() {
        CLUSTER.admin().resources(TrustedLaunchVM.class).inNamespace(namespace).delete();
        agent.close();
    }

    private String uid() {
        return vm.getMetadata().getUid();
    }

    private Resource<Secret> secret(String name) {
        return CLUSTER.admin().secrets().inNamespace(Cluster.NAMESPACE).withName(name);
    }

    @Test
    void aVmThatWasDeletedWithItsKeyGetsItBackFromItsBackup() {
        VMBackup backup = backUp();
        ClusterBackupKeys keys =
                ClusterBackupKeys.of(secret(ClusterBackupKeys.NAME).get().getData());
        String escrow = backup.getStatus().escrow();
        assertThat(keys.open(Base64.getDecoder().decode(escrow))).isInstanceOf(Escrow.Opening.Opened.class);
        String key = secret(uid()).get().getData().get("key");
        TrustedLaunchVM successor = successor();
        new AwaitedVm(CLUSTER, successor).ready(Reason.RetainedVMNotFound);

        OPERATOR.arm(Failpoint.OPERATOR_KEY_RESTORED);
        deleteVmWithItsKey();
        OPERATOR.awaitDeath();
        OPERATOR.start();

        await("the VM to be taken over")
                .atMost(PATIENCE)
                .until(
                        () -> CLUSTER.admin()
                                .resource(successor)
                                .get()
                                .getStatus()
                                .epoch(),
                        Long.valueOf(1001)::equals);
        Secret restored = secret(uid()).get();
        assertThat(restored.getData()).containsEntry("key", key);
        assertThat(restored.getMetadata().getAnnotations())
                .containsKey(Api.RETAINED_VM)
                .containsEntry(Api.TAKEN_OVER_BY, successor.getMetadata().getUid());
        assertThat(restored.getMetadata().getFinalizers()).contains(Api.FINALIZER);
        assertThat(CLUSTER.admin().resource(successor).get().getStatus().vTPM().ekDigest())
                .isNotBlank();
    }

    /** A backup of another VM, with a status that somebody with the rights of an administrator has mixed up. */
    @Test
    void aKeyComesBackOnlyToTheVmThatItWasOf() {
        VMBackup backup = backUp();
        deleteVmWithItsKey();
        String other = "00000000-0000-4000-8000-000000000001";
        CLUSTER.admin().resource(backup).editStatus(seen -> {
            seen.setStatus(
                    VMBackupStatusBuilder.builder(seen.getStatus()).vmUID(other).build());
            return seen;
        });

        assertThat(new AwaitedVm(CLUSTER, successor()).ready(Reason.EscrowUnusable))
                .contains("is of VM " + other);
        assertThat(secret(uid()).get()).isNull();
    }

    @Test
    void aReplacedKeyOpensTheEarlierBackupsAndANewOneSealsTheNext() {
        VMBackup before = backUp();
        Map<String, String> data = secret(ClusterBackupKeys.NAME).get().getData();
        secret(ClusterBackupKeys.NAME)
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"data\": {\"backup.key\": null, \"backup.crt\": null, \"earlier.key\": \""
                                + data.get(ClusterBackupKeys.KEY) + "\"}}");
        VMBackup after = backUp();

        ClusterBackupKeys keys =
                ClusterBackupKeys.of(secret(ClusterBackupKeys.NAME).get().getData());
        assertThat(keys.opening()).hasSize(2);
        for (VMBackup each : List.of(before, after)) {
            assertThat(keys.open(Base64.getDecoder().decode(each.getStatus().escrow())))
                    .isInstanceOf(Escrow.Opening.Opened.class);
        }
        String certificate = new String(
                Base64.getDecoder()
                        .decode(secret(ClusterBackupKeys.NAME).get().getData().get(ClusterBackupKeys.CERTIFICATE)),
                US_ASCII);
        await("its certificate to be published").atMost(PATIENCE).until(() -> {
            ConfigMap published = CLUSTER.admin()
                    .configMaps()
                    .inNamespace(Cluster.NAMESPACE)
                    .withName(ClusterBackupKeys.NAME)
                    .get();
            return certificate.equals(published.getData().get(ClusterBackupKeys.CERTIFICATE));
        });
    }

    @Test
    void noAgentReadsTheKey() {
        backUp();
        assertThat(Call.get("/api/v1/namespaces/" + Cluster.NAMESPACE + "/secrets/" + ClusterBackupKeys.NAME)
                        .by(agent.client())
                        .forbidden())
                .isTrue();
    }

    private VMBackup backUp() {
        String location = Cluster.uniqueName("backups");
        CLUSTER.create(BackupLocations.named(location, BackupLocations.folder("/srv/backups", List.of())));
        agent.findsBackupFolder(location);
        VMBackup backup = new VMBackup();
        backup.setMetadata(new ObjectMetaBuilder()
                .withNamespace(namespace)
                .withName(Cluster.uniqueName("monday"))
                .build());
        backup.setSpec(new VMBackupSpec(new ObjectRef("payroll"), new ObjectRef(location), BackupMode.Auto));
        VMBackup created = CLUSTER.admin().resource(backup).create();
        last = created.getMetadata().getName();
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
        return await("the backup to be completed")
                .atMost(PATIENCE)
                .until(
                        () -> CLUSTER.admin().resource(created).get(),
                        seen -> seen.getStatus() != null && seen.getStatus().phase() == VMBackupStatus.Phase.Completed);
    }

    /** A VM that takes the first one over, as it is in its last backup. */
    private TrustedLaunchVM successor() {
        TrustedLaunchVM successor = new TrustedLaunchVM();
        successor.setMetadata(new ObjectMetaBuilder()
                .withNamespace(namespace)
                .withName("payroll-again")
                .build());
        successor.setSpec(TrustedLaunchVMSpecBuilder.builder(vm.getSpec())
                .runStrategy(RunStrategy.Halted)
                .restoreFrom(new RestoreFrom(new RestoreFrom.RetainedVM(uid())))
                .approveRestore(new ApprovedRestore(new ObjectRef(last), CLUSTER.adminName()))
                .build());
        return CLUSTER.admin().resource(successor).create();
    }

    private void deleteVmWithItsKey() {
        CLUSTER.admin().resource(vm).delete();
        await("its erasure to be requested")
                .atMost(PATIENCE)
                .until(() -> agent.incarnation(uid(), 1).getSpec().desiredState() == DesiredState.Erased);
        agent.report(agent.incarnation(uid(), 1), PlayedStatus.erased());
        await("the VM and its key to be gone")
                .atMost(PATIENCE)
                .until(() -> CLUSTER.admin().resource(vm).get() == null);
    }
}
