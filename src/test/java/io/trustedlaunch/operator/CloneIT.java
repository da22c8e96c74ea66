package io.trustedlaunch.operator;

import static io.trustedlaunch.operator.PlayedStatus.runs;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RunPhase;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupLocationSpec;
import io.trustedlaunch.api.backup.BackupLocationSpecS3Builder;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupStatusBuilder;
import io.trustedlaunch.api.image.GuestImage;
import io.trustedlaunch.api.image.Provenance;
import io.trustedlaunch.api.image.RecordedImage;
import io.trustedlaunch.api.restore.RestoreRun;
import io.trustedlaunch.api.restore.RestoreRunStatus;
import io.trustedlaunch.api.vm.DataDisk;
import io.trustedlaunch.api.vm.ProtectionKeySecret;
import io.trustedlaunch.api.vm.RestoreFrom;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMSpecBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.backup.BackupDescription;
import io.trustedlaunch.backup.BackupFileName;
import io.trustedlaunch.backup.BackupFixture;
import io.trustedlaunch.backup.BackupIndex;
import io.trustedlaunch.backup.DiskName;
import io.trustedlaunch.backup.Geometry;
import io.trustedlaunch.backup.OpenedBackup;
import io.trustedlaunch.backup.pack.PackFiles;
import io.trustedlaunch.backup.pack.PlayedDisk;
import io.trustedlaunch.backup.pack.SavedDisk;
import io.trustedlaunch.backup.s3.GrantedAccess;
import io.trustedlaunch.backup.s3.S3Store;
import io.trustedlaunch.backup.s3.account.AccountAccess;
import io.trustedlaunch.custody.PackKeys;
import io.trustedlaunch.custody.RecoveryCertificate;
import io.trustedlaunch.recovery.ClusterBackupKeys;
import io.trustedlaunch.recovery.EscrowFile;
import io.trustedlaunch.recovery.EscrowedVm;
import io.trustedlaunch.recovery.ImportedBackup;
import io.trustedlaunch.recovery.RecoverableBackup;
import io.trustedlaunch.testkit.BackupLocations;
import io.trustedlaunch.testkit.Cluster;
import io.trustedlaunch.testkit.S3Server;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * A new VM with the disks of a backup in a bucket, on a real API server and a real S3 server, under the roles of the chart. The
 * test plays the agent, as far as it reads the backup.
 */
class CloneIT {
    @Order(1)
    @RegisterExtension
    static final Cluster CLUSTER = new Cluster();

    @Order(2)
    @RegisterExtension
    static final OperatorUnderTest OPERATOR = new OperatorUnderTest(CLUSTER, "copy");

    private static final Duration PATIENCE = Cluster.TIMEOUT;

    private static final int BLOCK = Geometry.STANDARD.blockBytes();

    @TempDir
    private Path folder;

    private final UUID original = UUID.randomUUID();
    private PlayedAgent agent;
    private String namespace;
    private GuestImage image;
    private S3Server server;
    private String account;
    private EscrowedVm saved;
    private BackupIndex full;
    private BackupIndex changes;

    /** Two backups in a bucket, of a VM that is not in this cluster, and nor is its key. */
    @BeforeEach
    void aBucketWithBackups() throws Exception {
        agent = new PlayedAgent(CLUSTER, CLUSTER.node(Cluster.uniqueName("host-a"))).register();
        namespace = CLUSTER.namespace();
        image = CLUSTER.admin()
                .resources(GuestImage.class)
                .withName(OfferedImage.allowed(CLUSTER, Cluster.uniqueName("publisher")))
                .get();
        server = new S3Server(folder);
        account = Cluster.uniqueName("s3");
        CLUSTER.create(new SecretBuilder()
                .withNewMetadata()
                .withNamespace(Cluster.NAMESPACE)
                .withName(account)
                .endMetadata()
                .withType("kubernetes.io/basic-auth")
                .withStringData(Map.of("username", S3Server.ACCOUNT.user(), "password", S3Server.ACCOUNT.password()))
                .build());
        RecoveryCertificate certificate = RecoveryCertificate.fromPem(
                new String(Base64.getDecoder().decode(backupKey().get(ClusterBackupKeys.CERTIFICATE)), US_ASCII));
        saved = new EscrowedVm("payroll", original, certificate, namespace);
        BackupLocationSpec.S3 bucket = BackupLocationSpecS3Builder.builder(server.location("vms", "lab"))
                .secretRef(new ObjectRef(account))
                .build();
        S3Store store = new S3Store(
                new AccountAccess(bucket, S3Server.ACCOUNT, Duration.ofHours(1), Clock.systemUTC()),
                BackupLocations.ID);
        BackupFixture fixture = new BackupFixture(1);
        full = backUp(fixture, store, 1, Optional.empty());
        changes = backUp(fixture, store, 2, Optional.of(full));
        BackupLocation place =
                CLUSTER.create(BackupLocations.named(Cluster.uniqueName("s3"), BackupLocations.bucket(bucket)));
        for (RecoverableBackup each : RecoverableBackup.search(
                        store, original, EscrowFile.of(ClusterBackupKeys.of(backupKey())))
                .newestFirst()) {
            putOnRecord(new ImportedBackup(each, namespace, place), certificate);
        }
    }

    @AfterEach
    void close() {
        CLUSTER.admin().resources(TrustedLaunchVM.class).inNamespace(namespace).delete();
        agent.close();
        server.close();
    }

    private static Map<String, String> backupKey() {
        return await("the cluster's backup key")
                .atMost(PATIENCE)
                .until(() -> Optional.ofNullable(secret(ClusterBackupKeys.NAME).get()), Optional::isPresent)
                .orElseThrow()
                .getData();
    }

    private static Resource<Secret> secret(String name) {
        return CLUSTER.admin().secrets().inNamespace(Cluster.NAMESPACE).withName(name);
    }

    private BackupIndex backUp(BackupFixture fixture, S3Store store, int number, Optional<BackupIndex> before)
            throws IOException {
        BackupFixture.Content content = new BackupFixture.Content(
                Map.of(DiskName.ROOT, disk(number)),
                Map.of(BackupFileName.GUEST_STATE, ("state " + number).getBytes(US_ASCII)));
        BackupIndex index = fixture.make(original, number, before, content, saved.key);
        fixture.copyTo(store, index);
        store.replaceClusterEscrow(index.id(), saved.sealedEscrow(7, EscrowedVm.EK));
        return index;
    }

    /** Many of its blocks are the same in all: the second backup needs a pack of the first. */
    /** What differs is in the second slot, which is smaller. */
    private static byte[] disk(int number) {
        byte[] disk = new byte[(Geometry.SLOT_BLOCKS + 8) * BLOCK];
        Arrays.fill(disk, (byte) 1);
        disk[disk.length - 1] = (byte) number;
        return disk;
    }

    private void putOnRecord(ImportedBackup imported, RecoveryCertificate certificate) {
        VMBackup resource = CLUSTER.admin().resource(imported.resource()).create();
        resource.setStatus(
                VMBackupStatusBuilder.builder(imported.status(certificate, "ada", Instant.now(), new SecureRandom()))
                        .image(new RecordedImage(
                                image.getMetadata().getName(), image.getSpec().sha256(), Provenance.None))
                        .build());
        CLUSTER.admin().resource(resource).updateStatus();
    }

    private VMBackup onRecord(BackupIndex index) {
        return CLUSTER.admin().resources(VMBackup.class).inNamespace(namespace).list().getItems().stream()
                .filter(each ->
                        index.backup().toString().equals(each.getStatus().backupUID()))
                .findFirst()
                .orElseThrow();
    }

    private TrustedLaunchVM copy() {
        TrustedLaunchVM copy =
                OfferedImage.vm(namespace, "payroll-copy", image.getMetadata().getName());
        copy.setSpec(TrustedLaunchVMSpecBuilder.builder(copy.getSpec())
                .restoreFrom(new RestoreFrom(
                        null, new ObjectRef(onRecord(changes).getMetadata().getName())))
                .dataDisks(List.of(new DataDisk("more", new Quantity("1Gi"))))
                .build());
        return CLUSTER.admin().resource(copy).create();
    }

    private static TrustedLaunchVMStatus status(TrustedLaunchVM vm) {
        return CLUSTER.admin().resource(vm).get().getStatus();
    }

    /** The disk in the backup, read with what the run has and nothing else. */
    private byte[] read(RestoreRun run) throws Exception {
        try (var content = agent.open(run)) {
            S3Store granted = new S3Store(GrantedAccess.decode(content.grant()), BackupLocations.ID);
            OpenedBackup.Opening opening =
                    OpenedBackup.open(granted, changes.ref(), content.keys().description());
            BackupDescription.Disk disk = ((OpenedBackup.Opening.Opened) opening)
                    .backup()
                    .description()
                    .disk(DiskName.ROOT)
                    .orElseThrow();
            PlayedDisk.Restored restored = new PlayedDisk.Restored((int) disk.virtualBytes());
            new SavedDisk(
                            Geometry.STANDARD,
                            new PackFiles(granted, original),
                            new PackKeys(content.keys().packSecret()),
                            disk.map(),
                            disk.virtualBytes())
                    .restore(restored, 1, bytes -> {});
            return restored.content;
        }
    }

    private void assertRunsWithAKeyOfItsOwn(TrustedLaunchVM copy, RestoreRun run) {
        agent.writer().writeRestoreStatus(run, new RestoreRunStatus(RunPhase.Completed, null, null));
        String uid = copy.getMetadata().getUid();
        agent.report(agent.awaitIncarnation(uid, 1), runs(1));
        await("the copy to be an ordinary VM")
                .atMost(PATIENCE)
                .until(() -> status(copy).restore() == null && status(copy).vTPM() != null);
        assertThat(secret(uid).get().getData().get(ProtectionKeySecret.DATA_KEY))
                .isNotEqualTo(Base64.getEncoder().encodeToString(saved.key.bytes()));
    }

    @Test
    void aNodeReadsTheBackupInTheBucketOnceThatAnswers() throws Exception {
        CLUSTER.create(ProtectionKeySecret.of(
                Cluster.NAMESPACE, original.toString(), namespace, "payroll", saved.key.bytes()));
        server.stop();
        TrustedLaunchVM copy = copy();
        assertThat(new AwaitedVm(CLUSTER, copy).ready(Reason.BackupLocationUnavailable))
                .contains(server.endpoint());
        assertThat(status(copy).restore()).isNull();

        server.start();
        RestoreRun run = new AwaitedVm(CLUSTER, copy).restoreRun();
        assertThat(run.getSpec().location().s3()).isEqualTo(server.endpoint() + "/vms/lab");
        assertThat(run.getSpec().backup().indexSHA256()).isEqualTo(changes.ref().indexSHA256());
        assertThat(run.getSpec().copyOf().uid()).isEqualTo(original.toString());
        assertThat(run.getSpec().guestState()).isNull();
        assertThat(run.getSpec().toString()).doesNotContain("X-Amz");
        assertThat(changes.packs()).extracting(BackupIndex.Packs::backup).contains(full.backup());
        assertThat(read(run)).isEqualTo(disk(2));
        assertRunsWithAKeyOfItsOwn(copy, run);
        assertThat(OPERATOR.logged()).doesNotContain("X-Amz-Signature", S3Server.ACCOUNT.password());
    }

    @Test
    void theOriginalsKeyIsTakenFromTheEscrowAndKeptNowhere() throws Exception {
        String key = Base64.getEncoder().encodeToString(saved.key.bytes());
        Set<String> before = secretsWith(key);
        TrustedLaunchVM copy = copy();
        RestoreRun run = new AwaitedVm(CLUSTER, copy).restoreRun();
        assertThat(read(run)).isEqualTo(disk(2));
        assertRunsWithAKeyOfItsOwn(copy, run);

        assertThat(secret(original.toString()).get()).isNull();
        assertThat(before).containsAll(secretsWith(key));
        assertThat(OPERATOR.logged()).doesNotContain(key);
    }

    /** Another test's original has the same key. */
    private static Set<String> secretsWith(String key) {
        return CLUSTER.admin().secrets().inAnyNamespace().list().getItems().stream()
                .filter(each -> each.getData() != null && each.getData().containsValue(key))
                .map(each -> each.getMetadata().getUid())
                .collect(Collectors.toSet());
    }

    @Test
    void withoutAUsableEscrowItWaitsAndGoesOnWhenTheKeyIsBack() throws Exception {
        VMBackup damaged = onRecord(changes);
        damaged.setStatus(VMBackupStatusBuilder.builder(damaged.getStatus())
                .escrow(Base64.getEncoder().encodeToString(new byte[] {1}))
                .build());
        CLUSTER.admin().resource(damaged).updateStatus();
        TrustedLaunchVM copy = copy();
        assertThat(new AwaitedVm(CLUSTER, copy).ready(Reason.EscrowUnusable))
                .contains(original.toString(), damaged.getMetadata().getName(), "kubectl tlvm backup import");
        assertThat(status(copy).restore()).isNull();

        CLUSTER.create(ProtectionKeySecret.of(
                Cluster.NAMESPACE, original.toString(), namespace, "payroll", saved.key.bytes()));
        assertThat(read(new AwaitedVm(CLUSTER, copy).restoreRun())).isEqualTo(disk(2));
    }
}
