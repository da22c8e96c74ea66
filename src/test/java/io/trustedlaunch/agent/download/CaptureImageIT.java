package io.trustedlaunch.agent.download;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.trustedlaunch.agent.disks.QemuImages;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.BackupMode;
import io.trustedlaunch.api.backup.BackupResultBuilder;
import io.trustedlaunch.api.backup.RecordedBackup;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupDownload;
import io.trustedlaunch.api.backup.VMBackupDownloadStatusBuilder;
import io.trustedlaunch.api.backup.VMBackupSpec;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.backup.VMBackupStatusBuilder;
import io.trustedlaunch.api.image.GuestImage;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusBuilder;
import io.trustedlaunch.backup.BackupFixture;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupIndex;
import io.trustedlaunch.backup.Pack;
import io.trustedlaunch.catalog.Catalog;
import io.trustedlaunch.catalog.CatalogReading;
import io.trustedlaunch.cli.Commands;
import io.trustedlaunch.cli.plugin.CommandExceptionHandler;
import io.trustedlaunch.cli.plugin.KubectlTlvm;
import io.trustedlaunch.custody.RestoreEnvelope;
import io.trustedlaunch.custody.Sha256;
import io.trustedlaunch.testkit.BackupLocations;
import io.trustedlaunch.testkit.Cluster;
import io.trustedlaunch.testkit.OwnThread;
import io.trustedlaunch.testkit.Vms;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** kubectl tlvm image capture on a real API server, and with the agent of a node; the test plays the operator. */
class CaptureImageIT {
    @RegisterExtension
    static final Cluster CLUSTER = new Cluster();

    private static final long LONG = 60;
    private static final int BLOCK = 64 << 10;

    private final DownloadWorld world = new DownloadWorld(1, Duration.ofSeconds(20), Instant.now());

    @TempDir
    private Path folder;

    private String namespace;
    private String location;
    private Path file;

    private record Ran(int code, String out, String err) {}

    @BeforeEach
    void aVmThatIsOff() {
        namespace = CLUSTER.namespace();
        location = Cluster.uniqueName("nas");
        CLUSTER.create(BackupLocations.named(location, BackupLocations.folder("/srv/" + location, List.of())));
        CLUSTER.admin().resource(Vms.halted(namespace, spec -> spec)).create();
        vmStatus("False", Reason.Halted);
        file = folder.resolve("golden.qcow2");
    }

    @AfterEach
    void close() {
        world.close();
    }

    private void vmStatus(String running, Reason reason) {
        CLUSTER.admin()
                .resources(TrustedLaunchVM.class)
                .inNamespace(namespace)
                .withName(Vms.NAME)
                .editStatus(vm -> {
                    vm.setStatus(TrustedLaunchVMStatusBuilder.builder()
                            .observedGeneration(vm.getMetadata().getGeneration())
                            .epoch(1L)
                            .conditions(List.of(new ConditionBuilder()
                                    .withType(ConditionType.Running.name())
                                    .withStatus(running)
                                    .withReason(reason.name())
                                    .withMessage("said so")
                                    .withLastTransitionTime("2026-01-01T00:00:00Z")
                                    .build()))
                            .build());
                    return vm;
                });
    }

    private String[] capture(String... more) {
        return Stream.concat(
                        Stream.of(
                                "image",
                                "capture",
                                Vms.NAME,
                                "-n=" + namespace,
                                "-o=" + file,
                                "--publisher=contoso",
                                "--offer=base",
                                "--sku=golden",
                                "--image-version=1.0.0",
                                "--os-type=Linux"),
                        Stream.of(more))
                .toArray(String[]::new);
    }

    private static Ran run(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = Commands.line(new KubectlTlvm())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .setExecutionExceptionHandler(new CommandExceptionHandler());
        return new Ran(line.execute(arguments), out.toString(), err.toString());
    }

    private CompletableFuture<Ran> inBackground(String... arguments) {
        return OwnThread.supply(() -> run(arguments));
    }

    private List<VMBackup> backups() {
        return CLUSTER.admin()
                .resources(VMBackup.class)
                .inNamespace(namespace)
                .list()
                .getItems();
    }

    private List<VMBackupDownload> downloads() {
        return CLUSTER.admin()
                .resources(VMBackupDownload.class)
                .inNamespace(namespace)
                .list()
                .getItems();
    }

    /** What the operator says of it in the end. */
    private void report(VMBackup backup, UnaryOperator<VMBackupStatusBuilder> change) {
        CLUSTER.admin().resource(backup).editStatus(seen -> {
            seen.setStatus(change.apply(VMBackupStatusBuilder.builder()
                            .observedGeneration(1L)
                            .startTime("2026-01-01T00:00:00Z")
                            .completionTime("2026-01-01T00:01:00Z"))
                    .build());
            return seen;
        });
    }

    private void complete(VMBackup backup, BackupIndex made) {
        report(
                backup,
                status -> status.phase(VMBackupStatus.Phase.Completed)
                        .vmUID(BackupFixture.VM.toString())
                        .backupUID(made.id().backup().toString())
                        .result(BackupResultBuilder.builder()
                                .indexSHA256(made.ref().indexSHA256())
                                .build())
                        .conditions(List.of(new ConditionBuilder()
                                .withType(ConditionType.Completed.name())
                                .withStatus("True")
                                .withReason(Reason.BackupCompleted.name())
                                .withMessage("whole")
                                .withLastTransitionTime("2026-01-01T00:00:00Z")
                                .build())));
    }

    /** As the operator has it ready, for the agent and for the user. */
    private void open(VMBackupDownload download, BackupIndex made) {
        String uid = download.getMetadata().getUid();
        var target = world.target();
        download.setStatus(VMBackupDownloadStatusBuilder.builder()
                .observedGeneration(1L)
                .nodeName(target.nodeName())
                .address(target.address())
                .port(target.port())
                .authority(target.authority())
                .backupOf(BackupFixture.VM.toString())
                .backup(new RecordedBackup(
                        "monday", made.id().backup().toString(), made.ref().indexSHA256()))
                .location(BackupLocations.ref(location, "/backups"))
                .envelope(world.envelope(
                        new RestoreEnvelope.Address(uid, BackupFixture.VM, Downloads.NODE), world.sealing))
                .expirationTime(Instant.now().plus(Duration.ofHours(1)).toString())
                .conditions(List.of(new ConditionBuilder()
                        .withType(ConditionType.Open.name())
                        .withStatus("True")
                        .withReason(Reason.DownloadOpen.name())
                        .withMessage("open")
                        .withLastTransitionTime("2026-01-01T00:00:00Z")
                        .build()))
                .build());
        VMBackupDownload reported = CLUSTER.admin().resource(download).updateStatus();
        world.grant(Serialization.clone(reported));
    }

    private byte[] disk() {
        byte[] content = new byte[40 * BLOCK + 512];
        for (int block : List.of(0, 7, 8, 39)) {
            System.arraycopy(world.backups.bytes(BLOCK), 0, content, block * BLOCK, BLOCK);
        }
        Arrays.fill(content, 40 * BLOCK, content.length, (byte) 'e');
        return content;
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(found -> found.getFileName().toString()).sorted().toList();
        }
    }

    private void assertIsDisk(byte[] disk) throws IOException {
        Path raw = Files.write(Files.createTempFile("disk", ".raw"), disk);
        QemuImages.qemuImg("check", "-f", "qcow2", file.toString());
        QemuImages.qemuImg("compare", "-f", "raw", "-F", "qcow2", raw.toString(), file.toString());
        Files.delete(raw);
    }

    /** From the VM to a catalog and a GuestImage; of the backup nothing stays. */
    @Test
    void aVmThatIsOffIsAnImageWithItsEntryForACatalogAndItsManifest() throws Exception {
        byte[] disk = disk();
        BackupIndex made = world.backUp(1, Optional.empty(), disk);
        CompletableFuture<Ran> capture = inBackground(capture("--location=" + location));
        await().until(() -> backups().size() == 1);
        VMBackup backup = backups().getFirst();
        assertThat(backup.getSpec())
                .isEqualTo(new VMBackupSpec(new ObjectRef(Vms.NAME), new ObjectRef(location), BackupMode.Auto));
        complete(backup, made);
        await().until(() -> downloads().size() == 1);
        assertThat(files()).containsExactly("golden.qcow2.part", "golden.qcow2.yaml.part");
        VMBackupDownload download = downloads().getFirst();
        assertThat(download.getSpec().disk()).isEqualTo("root");
        assertThat(download.getSpec().backupRef().name())
                .isEqualTo(backup.getMetadata().getName());
        assertThat(download.getSpec().requestedBy()).isEqualTo(CLUSTER.adminName());
        open(download, made);

        Ran ran = capture.get(LONG, TimeUnit.SECONDS);
        assertThat(ran.code()).as(ran.err()).isZero();
        assertThat(files()).containsExactly("golden.qcow2", "golden.qcow2.yaml");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertIsDisk(disk);
        String digest = Sha256.of(Files.readAllBytes(file));
        assertThat(ran.err()).contains(digest, "generalized", "TPM", "kubectl tlvm backup delete");
        assertThat(CLUSTER.admin().resource(backup).get().removalRequested()).isTrue();
        assertThat(downloads()).isEmpty();

        GuestImage image = Serialization.unmarshal(ran.out(), GuestImage.class);
        assertThat(image.getSpec().sha256()).isEqualTo(digest);
        assertThat(image.getSpec().source().file().path()).isEqualTo("images/golden.qcow2");
        image.getMetadata().setName(Cluster.uniqueName(image.getMetadata().getName()));
        CLUSTER.create(image);

        Ran draft = run("catalog", "draft", folder.toString(), "--name=contoso/own");
        Catalog catalog = CatalogReading.read(draft.out().getBytes(UTF_8));
        assertThat(catalog.images().values()).singleElement().satisfies(listed -> {
            assertThat(listed.identifier()).isEqualTo(image.getSpec().identifier());
            assertThat(listed.version()).isEqualTo("1.0.0");
            assertThat(listed.sha256()).isEqualTo(digest);
        });
        assertThat(draft.err()).doesNotContain("missing", "guessed");
    }

    @Test
    void anExistingBackupIsReadAndStaysAndFilesThatAreThereAreReplacedOnOrder() throws Exception {
        byte[] disk = disk();
        BackupIndex made = world.backUp(1, Optional.empty(), disk);
        VMBackup monday = new VMBackup();
        monday.setMetadata(new ObjectMetaBuilder()
                .withNamespace(namespace)
                .withName("monday")
                .build());
        monday.setSpec(new VMBackupSpec(new ObjectRef(Vms.NAME), new ObjectRef(location), BackupMode.Auto));
        VMBackup backup = CLUSTER.admin().resource(monday).create();
        complete(backup, made);
        Files.writeString(folder.resolve("golden.qcow2.yaml"), "mine");
        vmStatus("True", Reason.Running);
        assertThat(run(capture("--backup=monday")).err()).contains("golden.qcow2.yaml", "--force");
        assertThat(files()).containsExactly("golden.qcow2.yaml");

        CompletableFuture<Ran> capture = inBackground(capture("--backup=monday", "--force", "--compress"));
        await().until(() -> downloads().size() == 1);
        open(downloads().getFirst(), made);

        Ran ran = capture.get(LONG, TimeUnit.SECONDS);
        assertThat(ran.code()).as(ran.err()).isZero();
        assertIsDisk(disk);
        assertThat(folder.resolve("golden.qcow2.yaml")).content().contains("sku: \"golden\"");
        assertThat(CLUSTER.admin().resource(backup).get().removalRequested()).isFalse();
    }

    @Test
    void whatIsDamagedInTheStoreLeavesNoImageAndNoBackup() throws Exception {
        BackupIndex made = world.backUp(1, Optional.empty(), disk());
        Pack pack = made.neededPacks().findFirst().orElseThrow();
        world.backups.disk.alter(new BackupId(BackupFixture.VM, pack.backup()), pack.file(), whole -> {
            byte[] altered = whole.clone();
            altered[altered.length / 2] ^= 1;
            return altered;
        });
        CompletableFuture<Ran> capture = inBackground(capture("--location=" + location));
        await().until(() -> backups().size() == 1);
        complete(backups().getFirst(), made);
        await().until(() -> downloads().size() == 1);
        open(downloads().getFirst(), made);

        Ran ran = capture.get(LONG, TimeUnit.SECONDS);
        assertThat(ran.code()).isNotZero();
        assertThat(ran.err()).contains("has not sent all of the disk");
        assertThat(files()).isEmpty();
        assertThat(backups()).singleElement().matches(VMBackup::removalRequested);
        assertThat(downloads()).isEmpty();
    }

    /** A start wins: it ends the backup, and there is no image. */
    @Test
    void aBackupThatFailsIsSaidWithItsReasonAndIsRemoved() throws Exception {
        CompletableFuture<Ran> capture = inBackground(capture("--location=" + location));
        await().until(() -> backups().size() == 1);
        report(
                backups().getFirst(),
                status -> status.phase(VMBackupStatus.Phase.Failed)
                        .conditions(List.of(new ConditionBuilder()
                                .withType(ConditionType.Completed.name())
                                .withStatus("False")
                                .withReason(Reason.BackupNotUsable.name())
                                .withMessage("the VM was started")
                                .withLastTransitionTime("2026-01-01T00:00:00Z")
                                .build())));

        Ran ran = capture.get(LONG, TimeUnit.SECONDS);
        assertThat(ran.code()).isNotZero();
        assertThat(ran.err()).contains("was not made: the VM was started");
        assertThat(files()).isEmpty();
        assertThat(backups()).singleElement().matches(VMBackup::removalRequested);
    }

    /** The operator says so, to a user who may not see locations. */
    @Test
    void aBackupThatCannotBeginIsCancelled() throws Exception {
        CompletableFuture<Ran> capture = inBackground(capture("--location=" + location));
        await().until(() -> backups().size() == 1);
        report(
                backups().getFirst(),
                status -> status.phase(VMBackupStatus.Phase.Pending)
                        .completionTime(null)
                        .conditions(List.of(new ConditionBuilder()
                                .withType(ConditionType.Completed.name())
                                .withStatus("Unknown")
                                .withReason(Reason.NamespaceNotAllowed.name())
                                .withMessage("not offered")
                                .withLastTransitionTime("2026-01-01T00:00:00Z")
                                .build())));

        Ran ran = capture.get(LONG, TimeUnit.SECONDS);
        assertThat(ran.code()).isNotZero();
        assertThat(ran.err()).contains("not offered");
        assertThat(backups()).isEmpty();
        assertThat(files()).isEmpty();
    }

    @Test
    void nothingIsMadeOfAVmThatRunsOrOfNamesThatNoImageCanHave() throws Exception {
        vmStatus("True", Reason.Running);
        Ran running = run(capture("--location=" + location));
        assertThat(running.err()).contains(namespace + "/payroll runs", "kubectl tlvm stop payroll");
        vmStatus("Unknown", Reason.AgentNotAlive);
        assertThat(run(capture("--location=" + location)).err()).contains("not proved to be off");
        vmStatus("False", Reason.Halted);
        assertThat(run(capture("--location=nowhere")).err()).contains("BackupLocation nowhere does not exist");
        assertThat(run(capture("--backup=nothing")).err()).contains("VMBackup nothing does not exist");
        assertThat(run(capture()).err()).contains("--location");
        assertThat(run(capture("--location=" + location, "--backup=monday")).code())
                .isNotZero();
        String[] wrong = capture("--location=" + location);
        wrong[5] = "--publisher=not one";
        assertThat(run(wrong).err()).contains("--publisher not one");
        Files.writeString(file, "mine");
        assertThat(run(capture("--location=" + location)).err()).contains("golden.qcow2", "--force");

        assertThat(backups()).isEmpty();
        assertThat(files()).containsExactly("golden.qcow2");
        assertThat(file).hasContent("mine");
    }

    /** The right is that to a disk of a backup, and is asked for before there is anything. */
    @Test
    void aTenantWithoutTheRightToDisksOfBackupsGetsNoImage() throws Exception {
        Path kubeconfig = tenant("trusted-launch-view", "trusted-launch-edit");
        String[] capture = capture("--location=" + location, "--kubeconfig=" + kubeconfig);
        assertThat(run(capture).err()).contains("trusted-launch-backup-download", namespace);

        bind("trusted-launch-backup-download");
        await().untilAsserted(() -> assertThat(run(capture).err()).contains("trusted-launch-prune", "--backup"));
        assertThat(backups()).isEmpty();
        assertThat(files()).isEmpty();

        String other = CLUSTER.namespace();
        CLUSTER.admin().resource(Vms.halted(other, spec -> spec)).create();
        String[] elsewhere = capture("--backup=monday", "--kubeconfig=" + kubeconfig);
        elsewhere[3] = "-n=" + other;
        assertThat(run(elsewhere).err()).contains("trusted-launch-backup-download", other);
        assertThat(files()).isEmpty();
    }

    private Path tenant(String... roles) throws IOException {
        CLUSTER.admin()
                .resource(new ServiceAccountBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName("tess")
                        .endMetadata()
                        .build())
                .create();
        Arrays.stream(roles).forEach(this::bind);
        Path outside = Files.createTempDirectory("tess");
        outside.toFile().deleteOnExit();
        return Files.writeString(
                outside.resolve("config"), CLUSTER.kubeconfigWith(CLUSTER.token(namespace, "tess", Optional.empty())));
    }

    private void bind(String role) {
        CLUSTER.admin()
                .resource(new RoleBindingBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName(role)
                        .endMetadata()
                        .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", role)
                        .addNewSubject(null, "ServiceAccount", "tess", namespace)
                        .build())
                .create();
    }
}
