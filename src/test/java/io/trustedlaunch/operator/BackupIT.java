package io.trustedlaunch.operator;

import static io.trustedlaunch.operator.PlayedStatus.runs;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RunPhase;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupMode;
import io.trustedlaunch.api.backup.BackupResult;
import io.trustedlaunch.api.backup.BackupResult.Type;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.api.backup.BackupRunStatus;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupSpec;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.backup.VMBackupStatus.Phase;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.controller.Conditions;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.testkit.BackupLocations;
import io.trustedlaunch.testkit.BackupResults;
import io.trustedlaunch.testkit.Cluster;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Backups on a real API server, under the roles of the chart; the test plays the agent. */
class BackupIT {
    @Order(1)
    @RegisterExtension
    static final Cluster CLUSTER = new Cluster();

    @Order(2)
    @RegisterExtension
    static final OperatorUnderTest OPERATOR = new OperatorUnderTest(CLUSTER, "backup");

    private static final Duration PATIENCE = Cluster.TIMEOUT;

    private PlayedAgent agent;
    private String namespace;
    private String location;
    private TrustedLaunchVM vm;

    @BeforeEach
    void createAVm() {
        agent = new PlayedAgent(CLUSTER, CLUSTER.node(Cluster.uniqueName("host-a"))).register();
        namespace = CLUSTER.namespace();
        location = createLocation(List.of());
        vm = CLUSTER.admin()
                .resource(OfferedImage.vm(
                        namespace, "payroll", OfferedImage.allowed(CLUSTER, Cluster.uniqueName("publisher"))))
                .create();
    }

    @AfterEach
    void deleteAll() {
        CLUSTER.admin().resource(vm).delete();
        agent.close();
    }

    @Test
    void aBackupIsMadeWhereItsVmRunsAndTheNextOneBuildsOnIt() {
        VMBackup first = backup("first", location);
        awaitStatus(first, Phase.Pending, Reason.BackupPending);
        assertThat(run(first).get()).as("before the VM runs").isNull();

        startGuest();
        BackupRun run = awaitRun(first);
        BackupRunSpec spec = run.getSpec();
        assertThat(run.getMetadata().getNamespace()).isEqualTo(Cluster.NAMESPACE);
        assertThat(spec.nodeName()).isEqualTo(agent.name());
        assertThat(spec.epoch()).isEqualTo(1);
        assertThat(spec.vmRef())
                .isEqualTo(new BackupRunSpec.Vm(
                        namespace, "payroll", vm.getMetadata().getUid()));
        assertThat(spec.location()).isEqualTo(BackupLocations.ref(location, "/srv/backups"));
        assertThat(spec.image().sha256()).isEqualTo("0".repeat(64));
        assertThat(spec.completed()).isEmpty();

        VMBackupStatus underway = awaitStatus(first, Phase.Running, Reason.BackingUp);
        assertThat(underway.backupUID()).isEqualTo(run.getMetadata().getUid());
        assertThat(underway.vmUID()).isEqualTo(vm.getMetadata().getUid());
        report(first, new BackupRunStatus(RunPhase.Running, 60, null, null, null));
        await("the progress")
                .atMost(PATIENCE)
                .until(() -> read(first).getStatus().progressPercent() == 60);
        report(first, completed(BackupResults.full().build()));

        VMBackupStatus whole = awaitStatus(first, Phase.Completed, Reason.BackupCompleted);
        assertThat(whole.result().indexSHA256()).isEqualTo(BackupResults.DIGEST);
        assertThat(whole.result().stored()).isEqualTo(new Quantity("11Mi"));
        assertThat(whole.startTime()).isNotNull();
        awaitNoRun(first);

        VMBackup next = backup("next", location);
        BackupRun second = awaitRun(next);
        assertThat(second.getSpec().completed())
                .extracting(BackupRunSpec.Completed::uid, BackupRunSpec.Completed::indexSHA256)
                .containsExactly(org.assertj.core.groups.Tuple.tuple(whole.backupUID(), BackupResults.DIGEST));
        report(
                next,
                completed(BackupResults.full()
                        .type(Type.Incremental)
                        .fullReason(null)
                        .baseUID(whole.backupUID())
                        .build()));
        assertThat(awaitStatus(next, Phase.Completed, Reason.BackupCompleted)
                        .result()
                        .baseUID())
                .isEqualTo(whole.backupUID());
        assertThat(read(first).getStatus()).as("final").isEqualTo(whole);
    }

    @Test
    void aDeletedBackupIsCancelledAndTheNextOneHasItsTurn() {
        startGuest();
        VMBackup first = backup("first", location);
        awaitRun(first);
        VMBackup second = backup("second", location);
        assertThat(awaitMessage(second, Reason.BackupPending)).contains("VMBackup first of the same VM");
        assertThat(run(second).get()).isNull();

        CLUSTER.admin().resource(first).delete();
        awaitNoRun(first);
        awaitRun(second);
    }

    @Test
    void whatCannotBeIsNotTakenFromAnAgentAndAFailureIsFinal() {
        startGuest();
        VMBackup backup = backup("first", location);
        awaitRun(backup);
        report(
                backup,
                completed(BackupResults.full()
                        .type(Type.Incremental)
                        .fullReason(null)
                        .baseUID("00000000-0000-4000-8000-000000000001")
                        .build()));

        VMBackupStatus failed = awaitStatus(backup, Phase.Failed, Reason.BackupReportInvalid);
        assertThat(failed.result()).isNull();
        awaitNoRun(backup);
        VMBackup again = backup("again", location);
        assertThat(awaitRun(again).getSpec().completed()).isEmpty();
        report(again, new BackupRunStatus(RunPhase.Failed, 10, null, Reason.NoSpace.name(), "there is no room"));
        assertThat(awaitMessage(again, Reason.NoSpace)).contains(agent.name() + " gave it up: there is no room");
        assertThat(read(backup).getStatus()).isEqualTo(failed);
    }

    @Test
    void aFailureThatMayPassIsOnRecordAndItsRunIsGoneBeforeAnother() {
        startGuest();
        VMBackup backup = create(
                "first",
                new VMBackupSpec(new ObjectRef("payroll"), new ObjectRef(location), BackupMode.Auto, null, "1h"));
        BackupRun run = awaitRun(backup);
        report(backup, new BackupRunStatus(RunPhase.Failed, 0, null, Reason.GuestNotHere.name(), "only just begun"));

        VMBackupStatus waits = awaitStatus(backup, Phase.Pending, Reason.GuestNotHere);
        assertThat(waits.backupUID()).isNull();
        assertThat(waits.retry().failedAttempts()).isEqualTo(1);
        assertThat(waits.retry().lastUID()).isEqualTo(run.getMetadata().getUid());
        awaitNoRun(backup);
    }

    @Test
    void aBackupFailsWhenItsGuestEnds() {
        startGuest();
        VMBackup backup = backup("first", location);
        awaitRun(backup);
        CLUSTER.admin()
                .resource(vm)
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"spec\": {\"runStrategy\": \"" + RunStrategy.Halted + "\"}}");
        agent.report(agent.awaitIncarnation(vm.getMetadata().getUid(), 1), PlayedStatus.ended(1));
        awaitStatus(backup, Phase.Failed, Reason.BackupInterrupted);
        awaitNoRun(backup);
    }

    @Test
    void aLocationThatIsNotOfferedToTheNamespaceIsNotUsedUntilItIs() {
        startGuest();
        String others = createLocation(List.of("sales"));
        VMBackup backup = backup("first", others);
        VMBackup nowhere = backup("nowhere", "no-such-location");
        assertThat(awaitMessage(backup, Reason.NamespaceNotAllowed))
                .contains("BackupLocation " + others + " is not offered to namespace " + namespace);
        awaitStatus(nowhere, Phase.Pending, Reason.BackupLocationNotFound);

        CLUSTER.admin()
                .resources(BackupLocation.class)
                .withName(others)
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"spec\": {\"allowedNamespaces\": [\"sales\", \"" + namespace + "\"]}}");
        awaitRun(backup);
    }

    @Test
    void theSuccessorOfADeadOperatorContinuesTheRun() {
        startGuest();
        OPERATOR.arm(Failpoint.OPERATOR_BACKUP_RUN_CREATED);
        VMBackup backup = backup("first", location);
        BackupRun run = awaitRun(backup);
        OPERATOR.awaitDeath();
        assertThat(read(backup).getStatus().backupUID()).isNull();
        report(backup, completed(BackupResults.full().build()));

        OPERATOR.start();
        assertThat(awaitStatus(backup, Phase.Completed, Reason.BackupCompleted).backupUID())
                .isEqualTo(run.getMetadata().getUid());
        awaitNoRun(backup);
    }

    private void startGuest() {
        agent.report(agent.awaitIncarnation(vm.getMetadata().getUid(), 1), runs(1));
    }

    private String createLocation(List<String> allowedNamespaces) {
        String name = Cluster.uniqueName("backups");
        CLUSTER.create(BackupLocations.named(name, BackupLocations.folder("/srv/backups", allowedNamespaces)));
        agent.findsBackupFolder(name);
        return name;
    }

    private VMBackup backup(String name, String where) {
        return create(name, new VMBackupSpec(new ObjectRef("payroll"), new ObjectRef(where), BackupMode.Auto));
    }

    private VMBackup create(String name, VMBackupSpec spec) {
        VMBackup backup = new VMBackup();
        backup.setMetadata(
                new ObjectMetaBuilder().withNamespace(namespace).withName(name).build());
        backup.setSpec(spec);
        return CLUSTER.admin().resource(backup).create();
    }

    private static BackupRunStatus completed(BackupResult result) {
        return new BackupRunStatus(RunPhase.Completed, 100, result, null, null);
    }

    private static void report(VMBackup backup, BackupRunStatus status) {
        run(backup).editStatus(seen -> {
            seen.setStatus(status);
            return seen;
        });
    }

    private static Resource<BackupRun> run(VMBackup backup) {
        return CLUSTER.admin()
                .resources(BackupRun.class)
                .inNamespace(Cluster.NAMESPACE)
                .withName(backup.getMetadata().getUid());
    }

    private static BackupRun awaitRun(VMBackup backup) {
        return await("the run of " + backup.getMetadata().getName())
                .atMost(PATIENCE)
                .until(() -> run(backup).get(), found -> found != null);
    }

    private static void awaitNoRun(VMBackup backup) {
        await("the run of " + backup.getMetadata().getName() + " to be removed")
                .atMost(PATIENCE)
                .until(() -> run(backup).get() == null);
    }

    private static VMBackup read(VMBackup backup) {
        return CLUSTER.admin().resource(backup).get();
    }

    private static VMBackupStatus awaitStatus(VMBackup backup, Phase phase, Reason reason) {
        return await(backup.getMetadata().getName() + " to be " + phase)
                .atMost(PATIENCE)
                .until(
                        () -> read(backup).getStatus(),
                        status -> status.phase() == phase
                                && Conditions.find(status.conditions(), ConditionType.Completed)
                                        .filter(known -> known.getReason().equals(reason.name()))
                                        .isPresent());
    }

    private static String awaitMessage(VMBackup backup, Reason reason) {
        return await("the reason of " + backup.getMetadata().getName())
                .atMost(PATIENCE)
                .until(
                        () -> Conditions.find(read(backup).getStatus().conditions(), ConditionType.Completed),
                        condition -> condition
                                .filter(known -> known.getReason().equals(reason.name()))
                                .isPresent())
                .orElseThrow()
                .getMessage();
    }
}
