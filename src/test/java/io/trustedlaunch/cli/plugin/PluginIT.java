package io.trustedlaunch.cli.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.LabelSelector;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupMode;
import io.trustedlaunch.api.backup.BackupResult;
import io.trustedlaunch.api.backup.BackupResultBuilder;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupSchedule;
import io.trustedlaunch.api.backup.VMBackupScheduleSpecBuilder;
import io.trustedlaunch.api.backup.VMBackupScheduleStatusBuilder;
import io.trustedlaunch.api.backup.VMBackupSpec;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.backup.VMBackupStatusBuilder;
import io.trustedlaunch.api.image.GuestImage;
import io.trustedlaunch.api.image.GuestImageSpec;
import io.trustedlaunch.api.image.GuestImageStatusBuilder;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.incarnation.VMMigrationStatus.Phase;
import io.trustedlaunch.api.incarnation.VMMigrationStatusBuilder;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeSpec;
import io.trustedlaunch.api.node.ClusterNodeSpec.Maintenance;
import io.trustedlaunch.api.node.ClusterNodeSpecBuilder;
import io.trustedlaunch.api.node.ClusterNodeStatusBuilder;
import io.trustedlaunch.api.node.Enrolment;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMSpec;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusBuilder;
import io.trustedlaunch.testkit.BackupLocations;
import io.trustedlaunch.testkit.Cluster;
import io.trustedlaunch.testkit.OwnThread;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** The plugin's verbs on a real API server; the test plays the operator. */
class PluginIT {
    @RegisterExtension
    static final Cluster CLUSTER = new Cluster();

    private static final long LONG = 30;

    private String namespace;

    private record Ran(int code, String out, String err) {}

    @BeforeEach
    void makeVm() {
        namespace = CLUSTER.namespace();
        TrustedLaunchVM vm = new TrustedLaunchVM();
        vm.setMetadata(new ObjectMetaBuilder()
                .withNamespace(namespace)
                .withName("payroll")
                .build());
        vm.setSpec(Serialization.unmarshal("""
                runStrategy: Always
                imageRef: {name: none}
                cores: 2
                memory: 1Gi
                osDisk: {size: 10Gi}
                """, TrustedLaunchVMSpec.class));
        CLUSTER.admin().resource(vm).create();
    }

    @Test
    void stopAndStartSetTheRunStrategyAndNothingElse() {
        TrustedLaunchVMSpec before = vm().get().getSpec();

        Ran stopped = run(new RunStrategyCommand.Stop(), "payroll");
        assertThat(stopped).isEqualTo(new Ran(0, "trustedlaunchvm/payroll: runStrategy set to Halted\n", ""));
        assertThat(vm().get().getSpec().runStrategy()).isEqualTo(RunStrategy.Halted);

        assertThat(run(new RunStrategyCommand.Start(), "payroll").code()).isZero();
        assertThat(vm().get().getSpec()).isEqualTo(before);
    }

    @Test
    void restartAnnotatesTheVmAndKeepsWhatItSays() {
        TrustedLaunchVMSpec before = vm().get().getSpec();

        assertThat(run(new RestartCommand(), "payroll").code()).isZero();
        String first = vm().get().getMetadata().getAnnotations().get(Api.RESTARTED_AT);
        assertThat(first).isNotNull();
        assertThat(run(new RestartCommand(), "payroll").code()).isZero();
        assertThat(vm().get().getMetadata().getAnnotations().get(Api.RESTARTED_AT))
                .isGreaterThan(first);
        assertThat(vm().get().getSpec()).isEqualTo(before);
    }

    @Test
    void aForcedStopNamesTheEpochOfTheGuest() {
        assertThat(run(new RestartCommand(), "payroll", "--force").out()).doesNotContain(Api.FORCE_STOP);
        vm().editStatus(seen -> {
            seen.setStatus(TrustedLaunchVMStatusBuilder.builder()
                    .observedGeneration(1L)
                    .epoch(3L)
                    .build());
            return seen;
        });

        assertThat(run(new RestartCommand(), "payroll", "--force").out())
                .contains("trustedlaunchvm/payroll: trustedlaunch.io/force-stop set to 3\n");
        assertThat(run(new RunStrategyCommand.Stop(), "payroll", "--force").out())
                .isEqualTo("trustedlaunchvm/payroll: runStrategy set to Halted\n"
                        + "trustedlaunchvm/payroll: trustedlaunch.io/force-stop set to 3\n");
        assertThat(vm().get().getMetadata().getAnnotations())
                .containsEntry(Api.FORCE_STOP, "3")
                .containsKey(Api.RESTARTED_AT);
    }

    @Test
    void anObjectThatDoesNotExistIsReportedInOneLine() {
        assertThat(run(new RunStrategyCommand.Stop(), "nobody"))
                .isEqualTo(new Ran(1, "", "error: TrustedLaunchVM " + namespace + "/nobody does not exist\n"));
        assertThat(run(new DrainCommand(), "nowhere"))
                .isEqualTo(new Ran(1, "", "error: ClusterNode nowhere does not exist\n"));
    }

    @Test
    void aWatchedStopEndsWhenTheOperatorHasCarriedItOut() throws Exception {
        report(1, "True", "Running", "runs on host-a");
        CompletableFuture<Ran> stop = inBackground(new RunStrategyCommand.Stop(), "payroll", "--watch");
        await().until(() -> vm().get().getSpec().runStrategy() == RunStrategy.Halted);
        report(2, "False", "Stopping", "the guest is asked to end");
        assertThat(stop).isNotDone();
        report(2, "True", "Halted", "off");

        Ran ran = stop.get(LONG, TimeUnit.SECONDS);
        assertThat(ran.code()).isZero();
        assertThat(ran.out()).endsWith("payroll: Halted (off)\n").doesNotContain("runs on host-a");
    }

    @Test
    void aVmThatIsOffIsNotRestarted() {
        assertThat(run(new RunStrategyCommand.Stop(), "payroll").code()).isZero();
        assertThat(run(new RestartCommand(), "payroll"))
                .isEqualTo(new Ran(
                        1,
                        "",
                        "error: trustedlaunchvm/payroll is off (runStrategy: Halted); to start it: kubectl tlvm start"
                                + " payroll\n"));
        assertThat(vm().get().getMetadata().getAnnotations()).isNullOrEmpty();
    }

    @Test
    void aMigrationToANodeThatDoesNotExistIsNotCreated() {
        assertThat(run(new MigrateCommand(), "payroll", "--to", "nowhere"))
                .isEqualTo(new Ran(1, "", "error: ClusterNode nowhere does not exist\n"));
        assertThat(migrations()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"Succeeded,0", "Failed,1", "Cancelled,1"})
    void aWatchedMigrationReportsHowItEnded(Phase end, int code) throws Exception {
        String target = clusterNode();
        CompletableFuture<Ran> migrate = inBackground(new MigrateCommand(), "payroll", "--to", target, "--watch");
        await().until(() -> !migrations().isEmpty());
        VMMigration migration = migrations().getFirst();
        assertThat(migration.getSpec().targetNode()).isEqualTo(target);
        assertThat(migration.getMetadata().getName()).startsWith("payroll-");
        report(migration, Phase.Migrating, null);
        report(migration, end, "2026-11-24T10:00:00Z");

        Ran ran = migrate.get(LONG, TimeUnit.SECONDS);
        assertThat(ran.code()).isEqualTo(code);
        assertThat(ran.out()).contains("payroll host-a -> host-b: " + end);
    }

    @Test
    void aBackupToALocationThatDoesNotExistIsNotCreated() {
        assertThat(run(new BackupCommand.Create(), "payroll", "--location", "nowhere"))
                .isEqualTo(new Ran(
                        1,
                        "",
                        "error: BackupLocation nowhere does not exist. To list them: kubectl get backuplocations\n"));
        assertThat(backups()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"Completed,0", "Failed,1"})
    void aBackupThatIsWaitedForReportsHowItEnded(VMBackupStatus.Phase end, int code) throws Exception {
        String location = backupLocation();
        CompletableFuture<Ran> create =
                inBackground(new BackupCommand.Create(), "payroll", "--location", location, "--full", "--wait");
        await().until(() -> !backups().isEmpty());
        VMBackup backup = backups().getFirst();
        assertThat(backup.getSpec())
                .isEqualTo(new VMBackupSpec(new ObjectRef("payroll"), new ObjectRef(location), BackupMode.Full));
        assertThat(backup.getMetadata().getName()).startsWith("payroll-");
        report(backup, VMBackupStatus.Phase.Running);
        report(backup, end);

        Ran ran = create.get(LONG, TimeUnit.SECONDS);
        assertThat(ran.code()).isEqualTo(code);
        assertThat(ran.out()).contains("payroll: " + end);
        assertThat(run(new BackupCommand.ListAll()).out())
                .containsPattern(backup.getMetadata().getName() + " +payroll +" + location + " +" + end);
        assertThat(run(new BackupCommand.ListAll(), "-A").out())
                .contains("NAMESPACE")
                .contains(namespace);
    }

    @ParameterizedTest
    @CsvSource({"True,0,verified", "False,1,damaged"})
    void aVerificationThatIsWaitedForReportsItsResult(String result, int code, String said) throws Exception {
        VMBackup backup = completed("payroll-monday");
        CompletableFuture<Ran> verify = inBackground(new VerifyBackupCommand(), "payroll-monday", "--wait");
        await().until(() -> backup(backup).pendingVerification().isPresent());
        status(
                backup,
                status -> status.verification(new VMBackupStatus.Verification(
                                backup(backup).pendingVerification().orElseThrow(),
                                "2026-01-01T00:00:00Z",
                                "2026-01-01T00:00:00Z"))
                        .conditions(List.of(new ConditionBuilder()
                                .withType("Verified")
                                .withStatus(result)
                                .withReason("Tested")
                                .withMessage("said so")
                                .withLastTransitionTime("2026-01-01T00:00:00Z")
                                .build())));
        Ran ran = verify.get(LONG, TimeUnit.SECONDS);
        assertThat(ran.code()).isEqualTo(code);
        assertThat(ran.out()).contains(said + " (said so)");
    }

    @Test
    void aScheduleThatIsRunIsWaitedForUntilTheOperatorHasMadeItsBackups() throws Exception {
        assertThat(run(new RunScheduleCommand(), "no-such-schedule").err())
                .contains("VMBackupSchedule no-such-schedule does not exist");
        VMBackupSchedule schedule = new VMBackupSchedule();
        schedule.setMetadata(new ObjectMetaBuilder()
                .withNamespace(namespace)
                .withName("nightly")
                .build());
        schedule.setSpec(VMBackupScheduleSpecBuilder.builder()
                .vmSelector(new LabelSelector(Map.of(), List.of()))
                .locationRef(new ObjectRef("nas"))
                .schedule("0 2 * * *")
                .build());
        CLUSTER.admin().resource(schedule).create();
        Resource<VMBackupSchedule> created = CLUSTER.admin()
                .resources(VMBackupSchedule.class)
                .inNamespace(namespace)
                .withName("nightly");
        CompletableFuture<Ran> run = inBackground(new RunScheduleCommand(), "nightly", "--wait");
        await().until(() -> created.get().pendingRun().isPresent());
        created.editStatus(seen -> {
            seen.setStatus(VMBackupScheduleStatusBuilder.builder()
                    .lastRequestedRun(seen.pendingRun().orElseThrow())
                    .build());
            return seen;
        });
        Ran ran = run.get(LONG, TimeUnit.SECONDS);
        assertThat(ran.code()).isZero();
        assertThat(ran.out()).contains("-l trustedlaunch.io/backup-schedule=nightly");
    }

    @Test
    void aBackupsFilesAreRemovedInAnyOrder() throws Exception {
        VMBackup first = completed("payroll-monday");
        VMBackup second = completed("payroll-tuesday");
        assertThat(run(new DeleteBackupCommand(), "no-such-backup").err())
                .contains("VMBackup no-such-backup does not exist");

        CompletableFuture<Ran> delete = inBackground(new DeleteBackupCommand(), "payroll-monday", "--wait");
        await().until(() -> backup(first).removalRequested());
        CLUSTER.admin().resource(first).delete();
        Ran ran = delete.get(LONG, TimeUnit.SECONDS);
        assertThat(ran.code()).isZero();
        assertThat(ran.out()).contains("removed");
        assertThat(run(new DeleteBackupCommand(), "payroll-tuesday").code()).isZero();
        assertThat(backup(second).removalRequested()).isTrue();
    }

    private VMBackup completed(String name) {
        VMBackup backup = new VMBackup();
        backup.setMetadata(
                new ObjectMetaBuilder().withNamespace(namespace).withName(name).build());
        backup.setSpec(new VMBackupSpec(new ObjectRef("payroll"), new ObjectRef("nas"), BackupMode.Auto));
        VMBackup created = CLUSTER.admin().resource(backup).create();
        status(
                created,
                status -> status.phase(VMBackupStatus.Phase.Completed)
                        .backupUID(created.getMetadata().getUid())
                        .completionTime("2026-01-01T00:00:00Z")
                        .result(BackupResultBuilder.builder()
                                .type(BackupResult.Type.Full)
                                .time("2026-01-01T00:00:00Z")
                                .stored(new Quantity("11Mi"))
                                .build()));
        return created;
    }

    private static VMBackup backup(VMBackup backup) {
        return CLUSTER.admin().resource(backup).get();
    }

    private void status(VMBackup backup, UnaryOperator<VMBackupStatusBuilder> change) {
        CLUSTER.admin()
                .resources(VMBackup.class)
                .inNamespace(namespace)
                .withName(backup.getMetadata().getName())
                .editStatus(seen -> {
                    seen.setStatus(change.apply(
                                    seen.getStatus() == null
                                            ? VMBackupStatusBuilder.builder()
                                            : VMBackupStatusBuilder.builder(seen.getStatus()))
                            .build());
                    return seen;
                });
    }

    private static String backupLocation() {
        BackupLocation location = new BackupLocation();
        location.setMetadata(
                new ObjectMetaBuilder().withName("backups-" + UUID.randomUUID()).build());
        location.setSpec(BackupLocations.folder("/backups", List.of()));
        return CLUSTER.create(location).getMetadata().getName();
    }

    private List<VMBackup> backups() {
        return CLUSTER.admin()
                .resources(VMBackup.class)
                .inNamespace(namespace)
                .list()
                .getItems();
    }

    private void report(VMBackup backup, VMBackupStatus.Phase phase) {
        CLUSTER.admin()
                .resources(VMBackup.class)
                .inNamespace(namespace)
                .withName(backup.getMetadata().getName())
                .editStatus(seen -> {
                    seen.setStatus(VMBackupStatusBuilder.builder()
                            .observedGeneration(1L)
                            .phase(phase)
                            .build());
                    return seen;
                });
    }

    @Test
    void aNodeIsCordonedDrainedAndUncordoned() {
        String node = clusterNode();
        assertThat(run(new MaintenanceCommand.Cordon(), node).code()).isZero();
        assertThat(maintenance(node)).isEqualTo(Maintenance.Cordon);
        assertThat(run(new DrainCommand(), node).code()).isZero();
        assertThat(maintenance(node)).isEqualTo(Maintenance.Drain);
        assertThat(run(new MaintenanceCommand.Uncordon(), node).code()).isZero();
        assertThat(maintenance(node)).isEqualTo(Maintenance.None);
    }

    @Test
    void aNodeIsApprovedAndItsApprovalRevoked() {
        String node = CLUSTER.unapprovedNode("node-" + UUID.randomUUID())
                .getMetadata()
                .getName();

        Ran approve = run(new NodeCommand.Approve(), node);
        assertThat(approve.code()).isZero();
        assertThat(approve.out())
                .startsWith("node/" + node + " approved\n")
                .contains("kubectl get clusternodes " + node);
        assertThat(label(node)).isEqualTo(Enrolment.APPROVED);

        Ran revoke = run(new NodeCommand.Revoke(), node);
        assertThat(revoke.out()).startsWith("node/" + node + " revoked\n").contains("status.nodeName=" + node);
        assertThat(label(node)).as("its agent stays").isEqualTo(Enrolment.REVOKED);
        assertThat(run(new NodeCommand.Revoke(), node).code()).as("again").isZero();
    }

    @Test
    void aNodeIsApprovedAnewAsTheMachineThatItReports() {
        String name = CLUSTER.unapprovedNode("node-" + UUID.randomUUID())
                .getMetadata()
                .getName();
        ClusterNode node = new ClusterNode();
        node.setMetadata(new ObjectMetaBuilder().withName(name).build());
        node.setSpec(ClusterNodeSpecBuilder.builder()
                .maintenance(Maintenance.None)
                .machineUUID("dd1f0b6f-7e2c-45ed-8737-b6004f4224cf")
                .build());
        CLUSTER.create(node);
        CLUSTER.admin().resources(ClusterNode.class).withName(name).editStatus(now -> {
            now.setStatus(ClusterNodeStatusBuilder.builder()
                    .machineUUID("11111111-7e2c-45ed-8737-b6004f4224cf")
                    .build());
            return now;
        });

        assertThat(run(new NodeCommand.Approve(), name).out())
                .contains("clusternode/" + name + " is machine 11111111-7e2c-45ed-8737-b6004f4224cf, and was machine"
                        + " dd1f0b6f-7e2c-45ed-8737-b6004f4224cf");
        assertThat(run(new NodeCommand.Approve(), name).out()).doesNotContain("is machine");
    }

    @Test
    void noNodeIsApprovedIfOneOfThemDoesNotExist() {
        String node = CLUSTER.unapprovedNode("node-" + UUID.randomUUID())
                .getMetadata()
                .getName();

        assertThat(run(new NodeCommand.Approve(), node, "nowhere"))
                .isEqualTo(new Ran(1, "", "error: Node nowhere does not exist\n"));
        assertThat(label(node)).isNull();
    }

    private static String label(String node) {
        return CLUSTER.admin()
                .nodes()
                .withName(node)
                .get()
                .getMetadata()
                .getLabels()
                .get(Enrolment.LABEL);
    }

    @Test
    void theStatusOfAVmIsShown() {
        report(1, "False", "NoNodeFits", "host-a: too small; host-b: cordoned");

        assertThat(run(new StatusCommand(), "payroll").out())
                .contains("VM:           " + namespace + "/payroll")
                .contains("    host-a: too small\n    host-b: cordoned\n");
    }

    @Test
    void usableImagesAreListedAndAllImagesWithTheirMessages() {
        image("good-" + namespace, "True", "allowed");
        image("bad-" + namespace, "False", "refused by a rule");

        assertThat(run(new ImagesCommand()).out()).contains("good-" + namespace).doesNotContain("bad-" + namespace);
        assertThat(run(new ImagesCommand(), "--all").out())
                .containsPattern("good-" + namespace + " .* yes +allowed")
                .containsPattern("bad-" + namespace + " .* no +refused by a rule");
    }

    @Test
    void aManifestIsPrintedAndTheVmIsCreatedOnlyWithApply() {
        String image = image("flags-" + namespace, "True", "allowed");
        String[] flags = {"ledger", "--image", image, "--cores", "2", "--memory", "1Gi", "--disk-size", "10Gi"};

        Ran printed = run(new CreateCommand(), flags);
        assertThat(printed.code()).isZero();
        assertThat(vm("ledger").get()).isNull();
        TrustedLaunchVM manifest = Serialization.unmarshal(printed.out(), TrustedLaunchVM.class);
        assertThat(manifest.getMetadata().getNamespace()).isEqualTo(namespace);
        assertThat(run(new CreateCommand(), with(flags, "--apply")).out())
                .isEqualTo("trustedlaunchvm/ledger created\n");
        assertThat(vm("ledger").get().getSpec().imageRef().name()).isEqualTo(image);
        assertThat(vm("ledger").get().getSpec().memory())
                .isEqualTo(manifest.getSpec().memory());
    }

    @Test
    void missingOptionsArePromptedForAndOnlyUsableImagesAreOffered() {
        image("no-" + namespace, "False", "refused");
        String image = image("asked-" + namespace, "True", "allowed");

        Ran ran = run(
                new CreateCommand(new StringReader("no-" + namespace + "\n" + image + "\n\n2\n1Gi\n10Gi\n"), true),
                "ledger");
        assertThat(ran.code()).isZero();
        assertThat(ran.err())
                .contains(") " + image)
                .doesNotContain(") no-")
                .contains("no-" + namespace + " is not in the list");
        assertThat(Serialization.unmarshal(ran.out(), TrustedLaunchVM.class)
                        .getSpec()
                        .imageRef()
                        .name())
                .isEqualTo(image);
    }

    @Test
    void withoutATerminalMissingOptionsAreNamed() {
        String image = image("terminal-" + namespace, "True", "allowed");
        assertThat(run(new CreateCommand(new StringReader(""), false), "ledger", "--image", image)
                        .err())
                .contains("--cores is required");
        assertThat(run(new CreateCommand(new StringReader(""), false), "ledger", "--image", "nothing")
                        .err())
                .contains("GuestImage nothing does not exist");
    }

    private static String clusterNode() {
        ClusterNode node = new ClusterNode();
        node.setMetadata(
                new ObjectMetaBuilder().withName("node-" + UUID.randomUUID()).build());
        node.setSpec(new ClusterNodeSpec("10.0.0.1", Maintenance.None, null, null));
        return CLUSTER.create(node).getMetadata().getName();
    }

    private static String image(String name, String ready, String message) {
        GuestImage image = new GuestImage();
        image.setMetadata(new ObjectMetaBuilder().withName(name).build());
        image.setSpec(Serialization.unmarshal("""
                osType: Linux
                identifier: {publisher: p, offer: o, sku: s}
                version: "1"
                source: {file: {storageLocationRef: {name: default}, path: a.qcow2}}
                """, GuestImageSpec.class));
        GuestImage made = CLUSTER.create(image);
        CLUSTER.admin()
                .resources(GuestImage.class)
                .withName(made.getMetadata().getName())
                .editStatus(seen -> {
                    seen.setStatus(GuestImageStatusBuilder.builder()
                            .observedGeneration(1L)
                            .conditions(
                                    List.of(condition("Eligible", ready, message), condition("Ready", ready, message)))
                            .build());
                    return seen;
                });
        return name;
    }

    private static Condition condition(String type, String status, String message) {
        return new ConditionBuilder()
                .withType(type)
                .withStatus(status)
                .withReason("Tested")
                .withMessage(message)
                .withLastTransitionTime("2026-11-24T10:00:00Z")
                .build();
    }

    private Ran run(Object command, String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = new CommandLine(command)
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .setExecutionExceptionHandler(new CommandExceptionHandler());
        boolean ofANode = command instanceof MaintenanceCommand || command instanceof DrainCommand;
        String[] all = ofANode ? arguments : with(arguments, "-n", namespace);
        return new Ran(line.execute(all), out.toString(), err.toString());
    }

    private static String[] with(String[] arguments, String... more) {
        return Stream.of(arguments, more).flatMap(Arrays::stream).toArray(String[]::new);
    }

    private CompletableFuture<Ran> inBackground(Object command, String... arguments) {
        return OwnThread.supply(() -> run(command, arguments));
    }

    private Resource<TrustedLaunchVM> vm() {
        return vm("payroll");
    }

    private Resource<TrustedLaunchVM> vm(String name) {
        return CLUSTER.admin()
                .resources(TrustedLaunchVM.class)
                .inNamespace(namespace)
                .withName(name);
    }

    private List<VMMigration> migrations() {
        return CLUSTER.admin()
                .resources(VMMigration.class)
                .inNamespace(namespace)
                .list()
                .getItems();
    }

    private static Maintenance maintenance(String node) {
        return CLUSTER.admin()
                .resources(ClusterNode.class)
                .withName(node)
                .get()
                .getSpec()
                .maintenance();
    }

    private void report(long generation, String ready, String reason, String message) {
        boolean up = List.of("Running", "Stopping").contains(reason);
        vm().editStatus(vm -> {
            vm.setStatus(TrustedLaunchVMStatusBuilder.builder()
                    .observedGeneration(generation)
                    .phase(
                            reason.equals("NoNodeFits")
                                    ? TrustedLaunchVMStatus.Phase.Pending
                                    : TrustedLaunchVMStatus.Phase.valueOf(reason))
                    .conditions(List.of(
                            reported("Ready", ready, generation, reason, message),
                            reported("Running", up ? "True" : "False", generation, reason, message)))
                    .build());
            return vm;
        });
    }

    private static Condition reported(String type, String status, long generation, String reason, String message) {
        return new ConditionBuilder()
                .withType(type)
                .withStatus(status)
                .withReason(reason)
                .withMessage(message)
                .withObservedGeneration(generation)
                .withLastTransitionTime("2026-11-24T10:00:00Z")
                .build();
    }

    private void report(VMMigration migration, Phase phase, String completionTime) {
        CLUSTER.admin()
                .resources(VMMigration.class)
                .inNamespace(namespace)
                .withName(migration.getMetadata().getName())
                .editStatus(seen -> {
                    seen.setStatus(VMMigrationStatusBuilder.builder()
                            .observedGeneration(1L)
                            .phase(phase)
                            .sourceNode("host-a")
                            .targetNode("host-b")
                            .epoch(2L)
                            .completionTime(completionTime)
                            .build());
                    return seen;
                });
    }
}
