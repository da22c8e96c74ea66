package io.trustedlaunch.operator;

import static io.trustedlaunch.operator.PlayedStatus.runs;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.LabelSelector;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RunPhase;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupMode;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.api.backup.BackupRunStatus;
import io.trustedlaunch.api.backup.StoredBackupRun;
import io.trustedlaunch.api.backup.StoredBackupRunSpec.Action;
import io.trustedlaunch.api.backup.StoredBackupRunStatus;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupSchedule;
import io.trustedlaunch.api.backup.VMBackupScheduleSpec;
import io.trustedlaunch.api.backup.VMBackupScheduleSpecBuilder;
import io.trustedlaunch.api.backup.VMBackupScheduleStatus;
import io.trustedlaunch.api.backup.VMBackupSpec;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.testkit.BackupLocations;
import io.trustedlaunch.testkit.BackupResults;
import io.trustedlaunch.testkit.Cluster;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Schedules on a real API server, under the roles of the chart; the test plays the agent. */
class BackupScheduleIT {
    @Order(1)
    @RegisterExtension
    static final Cluster CLUSTER = new Cluster();

    @Order(2)
    @RegisterExtension
    static final OperatorUnderTest OPERATOR = new OperatorUnderTest(CLUSTER, "backupschedule");

    private static final Duration PATIENCE = Cluster.TIMEOUT;

    /** The next minute, and the VM's own instant in it. */
    private static final Duration UNTIL_DUE = PATIENCE.plusSeconds(70);

    private PlayedAgent agent;
    private String namespace;
    private BackupLocation location;
    private TrustedLaunchVM vm;

    @BeforeEach
    void createAVmThatRuns() {
        agent = new PlayedAgent(CLUSTER, CLUSTER.node(Cluster.uniqueName("host-a"))).register();
        namespace = CLUSTER.namespace();
        location = CLUSTER.create(BackupLocations.named(
                Cluster.uniqueName("backups"), BackupLocations.folder("/srv/backups", List.of())));
        agent.findsBackupFolder(location.getMetadata().getName());
        vm = CLUSTER.admin()
                .resource(OfferedImage.vm(
                        namespace, "payroll", OfferedImage.allowed(CLUSTER, Cluster.uniqueName("publisher"))))
                .create();
        agent.report(agent.awaitIncarnation(vm.getMetadata().getUid(), 1), runs(1));
    }

    @AfterEach
    void deleteAll() {
        CLUSTER.admin().resources(VMBackupSchedule.class).inNamespace(namespace).delete();
        CLUSTER.admin().resource(vm).delete();
        agent.close();
    }

    @Test
    void aVmIsBackedUpWhenItIsDueAndOnceOnlyThoughTheOperatorDies() {
        OPERATOR.arm(Failpoint.OPERATOR_SCHEDULED_BACKUP_CREATED);
        VMBackupSchedule schedule = schedule("every-minute");
        OPERATOR.awaitDeath();
        VMBackup made = backups().getFirst();
        assertThat(read(schedule).getStatus().lastScheduleTime())
                .as("not on record yet")
                .isNull();
        assertThat(made.getMetadata().getLabels()).containsEntry(Api.LABEL_BACKUP_SCHEDULE, "every-minute");

        OPERATOR.start();
        await("the record of what was created")
                .atMost(PATIENCE)
                .until(
                        () -> read(schedule).getStatus(),
                        status -> status.lastScheduleTime() != null && status.active() == 1);
        BackupRun run = await("the run").atMost(PATIENCE).until(() -> run(made).get(), found -> found != null);
        await("a time that is missed, since the backup has not ended")
                .atMost(UNTIL_DUE)
                .until(() -> read(schedule).getStatus().missed() > 0);
        assertThat(backups()).hasSize(1);

        CLUSTER.admin()
                .resource(schedule)
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\": {\"suspend\": true}}");
        run(made).editStatus(seen -> {
            seen.setStatus(new BackupRunStatus(
                    RunPhase.Completed, 100, BackupResults.full().build(), null, null));
            return seen;
        });
        VMBackupScheduleStatus status = await("the end of the backup")
                .atMost(PATIENCE)
                .until(() -> read(schedule).getStatus(), now -> now.lastSuccessfulTime() != null && now.active() == 0);
        assertThat(status.nextScheduleTime()).isNull();
        assertThat(ConditionType.Ready.in(status.conditions()).orElseThrow().getReason())
                .isEqualTo(Reason.ScheduleSuspended.name());
        assertThat(ConditionType.BackupOverdue.in(status.conditions())
                        .orElseThrow()
                        .getReason())
                .isEqualTo(Reason.BackupsCurrent.name());
        assertThat(run.getSpec().nodeName()).isEqualTo(agent.name());
    }

    /** The test plays the agent, which removes nothing. */
    @Test
    void aBackupIsVerifiedAndItsFilesAreRemovedBeforeItsRecord() {
        VMBackup first = completed("first");
        VMBackup second = completed("second");

        annotate(second, Api.VERIFY_BACKUP, "2026-01-01T00:00:00Z");
        StoredBackupRun verification = awaitStored(second, Action.Verify);
        assertThat(verification.getSpec().nodeName()).isEqualTo(agent.name());
        assertThat(verification.getSpec().indexSHA256()).isEqualTo(BackupResults.DIGEST);
        report(
                verification,
                new StoredBackupRunStatus(RunPhase.Failed, 0, Reason.BackupDamaged.name(), "data-00003 is altered"));
        await("the result")
                .atMost(PATIENCE)
                .until(
                        () -> condition(second, ConditionType.Verified),
                        found -> found.filter(verified -> verified.getStatus().equals("False")
                                        && verified.getMessage().startsWith("data-00003 is altered"))
                                .isPresent());
        awaitNoRun(verification);
        VMBackup third = backup("third");
        assertThat(awaitRun(third).getSpec().completed())
                .extracting(BackupRunSpec.Completed::uid, BackupRunSpec.Completed::damaged)
                .containsExactly(
                        tuple(read(second).getStatus().backupUID(), true),
                        // It may share files with that one.
                        tuple(read(first).getStatus().backupUID(), true));

        annotate(first, Api.REMOVE_BACKUP, "true");
        await("to be kept")
                .atMost(PATIENCE)
                .until(
                        () -> condition(first, ConditionType.Removed),
                        found -> found.filter(removed -> removed.getReason().equals(Reason.RemovalPending.name())
                                        && removed.getMessage().contains("VMBackup third"))
                                .isPresent());
        assertThat(read(first).getStatus().phase()).isEqualTo(VMBackupStatus.Phase.Completed);
        CLUSTER.admin().resource(third).delete();
        annotate(second, Api.REMOVE_BACKUP, "true");
        for (VMBackup backup : List.of(first, second)) {
            StoredBackupRun removal = awaitStored(backup, Action.Remove);
            assertThat(read(backup).getStatus().phase()).isEqualTo(VMBackupStatus.Phase.Removing);
            assertThat(removal.getSpec().backupUID())
                    .isEqualTo(read(backup).getStatus().backupUID());
            report(removal, new StoredBackupRunStatus(RunPhase.Completed, 100, null, null));
            await(backup.getMetadata().getName() + " to go").atMost(PATIENCE).until(() -> read(backup) == null);
            awaitNoRun(removal);
        }
    }

    @Test
    void whatAScheduleKeepsTooLongIsRemoved() {
        VMBackup first = completed("first");
        VMBackup second = completed("second");
        for (VMBackup backup : List.of(first, second)) {
            CLUSTER.admin()
                    .resource(backup)
                    .patch(
                            PatchContext.of(PatchType.JSON_MERGE),
                            "{\"metadata\": {\"labels\": {\"" + Api.LABEL_BACKUP_SCHEDULE + "\": \"yearly\"}}}");
        }
        VMBackup others = completed("of-a-user");
        VMBackupSchedule schedule = new VMBackupSchedule();
        schedule.setMetadata(new ObjectMetaBuilder()
                .withNamespace(namespace)
                .withName("yearly")
                .build());
        schedule.setSpec(VMBackupScheduleSpecBuilder.builder()
                .vmSelector(new LabelSelector(Map.of(), List.of()))
                .locationRef(new ObjectRef(location.getMetadata().getName()))
                .schedule("0 0 1 1 *")
                .keep(new VMBackupScheduleSpec.Keep(1, 0, 0, 0, 0))
                .verify(new VMBackupScheduleSpec.Verify("24h"))
                .build());
        CLUSTER.admin().resource(schedule).create();
        StoredBackupRun removal = awaitStored(first, Action.Remove);
        report(removal, new StoredBackupRunStatus(RunPhase.Completed, 100, null, null));
        await("the record to go").atMost(PATIENCE).until(() -> read(first) == null);
        // The newest backup of the VM first, whoever made it: it needs most of what is stored.
        report(awaitStored(others, Action.Verify), new StoredBackupRunStatus(RunPhase.Completed, 100, null, null));
        await("the result")
                .atMost(PATIENCE)
                .until(
                        () -> condition(others, ConditionType.Verified),
                        found -> found.filter(verified -> verified.getStatus().equals("True"))
                                .isPresent());
        assertThat(read(second).removalRequested()).isFalse();
        assertThat(read(others).removalRequested()).isFalse();
    }

    @Test
    void aSuspendedScheduleIsRunWhenItsAnnotationAsks() {
        VMBackupSchedule schedule = schedule("on-request", "0 0 1 1 *");
        CLUSTER.admin()
                .resource(schedule)
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"metadata\": {\"annotations\": {\"" + Api.RUN_SCHEDULE
                                + "\": \"1\"}}, \"spec\": {\"suspend\": true}}");
        await("the request to be carried out")
                .atMost(PATIENCE)
                .until(() -> read(schedule)
                        .status()
                        .filter(status -> "1".equals(status.lastRequestedRun()))
                        .isPresent());
        assertThat(backups())
                .singleElement()
                .satisfies(made -> assertThat(made.schedule()).contains("on-request"));
    }

    private VMBackup completed(String name) {
        VMBackup backup = backup(name);
        BackupRun run = awaitRun(backup);
        report(
                run,
                new BackupRunStatus(
                        RunPhase.Completed, 100, BackupResults.full().build(), null, null));
        await(name + " to be completed")
                .atMost(PATIENCE)
                .until(() -> read(backup).hasEnded());
        awaitNoRun(run);
        return backup;
    }

    private VMBackup backup(String name) {
        VMBackup backup = new VMBackup();
        backup.setMetadata(
                new ObjectMetaBuilder().withNamespace(namespace).withName(name).build());
        backup.setSpec(new VMBackupSpec(
                new ObjectRef("payroll"), new ObjectRef(location.getMetadata().getName()), BackupMode.Auto));
        return CLUSTER.admin().resource(backup).create();
    }

    private static void annotate(VMBackup backup, String key, String value) {
        CLUSTER.admin()
                .resource(backup)
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"metadata\": {\"annotations\": {\"" + key + "\": \"" + value + "\"}}}");
    }

    private static VMBackup read(VMBackup backup) {
        return CLUSTER.admin().resource(backup).get();
    }

    private static Optional<Condition> condition(VMBackup backup, ConditionType type) {
        return type.in(read(backup).getStatus().conditions());
    }

    private static <S, T extends CustomResource<?, S>> void report(T run, S status) {
        CLUSTER.admin().resource(run).editStatus(seen -> {
            seen.setStatus(status);
            return seen;
        });
    }

    private static BackupRun awaitRun(VMBackup backup) {
        return awaitNamed(BackupRun.class, backup.getMetadata().getUid());
    }

    private static StoredBackupRun awaitStored(VMBackup backup, Action action) {
        return awaitNamed(
                StoredBackupRun.class,
                StoredBackupRun.nameOf(backup.getMetadata().getUid(), action));
    }

    private static <T extends HasMetadata> T awaitNamed(Class<T> kind, String name) {
        return await("run " + name)
                .atMost(PATIENCE)
                .until(
                        () -> CLUSTER.admin()
                                .resources(kind)
                                .inNamespace(Cluster.NAMESPACE)
                                .withName(name)
                                .get(),
                        found -> found != null);
    }

    private static void awaitNoRun(HasMetadata run) {
        await("run " + run.getMetadata().getName() + " to be removed")
                .atMost(PATIENCE)
                .until(() -> CLUSTER.admin().resource(run).get() == null);
    }

    private VMBackupSchedule schedule(String name) {
        return schedule(name, "* * * * *");
    }

    private VMBackupSchedule schedule(String name, String times) {
        VMBackupSchedule schedule = new VMBackupSchedule();
        schedule.setMetadata(
                new ObjectMetaBuilder().withNamespace(namespace).withName(name).build());
        schedule.setSpec(VMBackupScheduleSpecBuilder.builder()
                .vmSelector(new LabelSelector(Map.of(), List.of()))
                .locationRef(new ObjectRef(location.getMetadata().getName()))
                .schedule(times)
                .build());
        return CLUSTER.admin().resource(schedule).create();
    }

    private static VMBackupSchedule read(VMBackupSchedule schedule) {
        return CLUSTER.admin().resource(schedule).get();
    }

    private List<VMBackup> backups() {
        return CLUSTER.admin()
                .resources(VMBackup.class)
                .inNamespace(namespace)
                .list()
                .getItems();
    }

    private static Resource<BackupRun> run(VMBackup backup) {
        return CLUSTER.admin()
                .resources(BackupRun.class)
                .inNamespace(Cluster.NAMESPACE)
                .withName(backup.getMetadata().getUid());
    }
}
