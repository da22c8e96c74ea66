package io.trustedlaunch.cli.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupLocationSpec.S3;
import io.trustedlaunch.api.backup.BackupLocationSpecS3Builder;
import io.trustedlaunch.api.backup.BackupResult;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.backup.BackupFileName;
import io.trustedlaunch.backup.BackupFixture;
import io.trustedlaunch.backup.BackupIndex;
import io.trustedlaunch.backup.DiskName;
import io.trustedlaunch.backup.folder.FolderStore;
import io.trustedlaunch.backup.s3.S3Store;
import io.trustedlaunch.backup.s3.account.AccountAccess;
import io.trustedlaunch.cli.Commands;
import io.trustedlaunch.controller.KubeWriter;
import io.trustedlaunch.custody.RecoveryCertificate;
import io.trustedlaunch.operator.identity.BackupKeyStore;
import io.trustedlaunch.operator.kube.KubeApiReader;
import io.trustedlaunch.recovery.ClusterBackupKeys;
import io.trustedlaunch.recovery.Escrow;
import io.trustedlaunch.recovery.EscrowedVm;
import io.trustedlaunch.testkit.BackupLocations;
import io.trustedlaunch.testkit.Cluster;
import io.trustedlaunch.testkit.RecoveryPair;
import io.trustedlaunch.testkit.S3Server;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Backups of a cluster that is gone, put on record in a real one. */
class ImportBackupCommandIT {
    @RegisterExtension
    static final Cluster CLUSTER = new Cluster();

    private static final UUID VM = UUID.fromString("5e8f51bc-0031-4c5f-9f5a-6f8e1f0b7c11");

    @TempDir
    private Path folder;

    @TempDir
    private Path keyFolder;

    @TempDir
    private Path serverFolder;

    private String namespace;
    private String location;
    private RecoveryPair pair;
    private ClusterBackupKeys keys;
    private FolderStore store;
    private BackupFixture fixture;
    private BackupIndex full;
    private BackupIndex changes;

    private record Ran(int code, String out, String err) {}

    @BeforeEach
    void aFolderWithBackups() throws IOException {
        namespace = CLUSTER.namespace();
        BackupLocation nas = new BackupLocation();
        nas.setMetadata(
                new ObjectMetaBuilder().withName(Cluster.uniqueName("nas")).build());
        nas.setSpec(BackupLocations.folder(folder.toString(), List.of()));
        location = CLUSTER.create(nas).getMetadata().getName();
        keys = new BackupKeyStore(
                        Cluster.NAMESPACE,
                        new KubeApiReader(CLUSTER.admin()),
                        new KubeWriter(CLUSTER.admin(), Clock.systemUTC(), "test"),
                        new SecureRandom(),
                        Clock.systemUTC())
                .present();
        pair = RecoveryPair.make(keyFolder, "ec:P-256");
        store = BackupLocations.store(folder);
        fixture = new BackupFixture(1);
        full = backup(1, Optional.empty());
        changes = backup(2, Optional.of(full));
    }

    private BackupIndex backup(int number, Optional<BackupIndex> before) throws IOException {
        EscrowedVm vm = vm(pair.certificate());
        BackupFixture.Content content = new BackupFixture.Content(
                Map.of(DiskName.ROOT, new byte[] {(byte) number}),
                Map.of(
                        BackupFileName.GUEST_STATE,
                        new byte[] {2},
                        BackupFileName.RECOVERY_ESCROW,
                        vm.sealedEscrow(7, EscrowedVm.EK)));
        BackupIndex index = fixture.make(VM, number, before, content, vm.key);
        fixture.copyTo(store, index);
        store.replaceClusterEscrow(index.id(), vm(keys.sealing().orElseThrow()).sealedEscrow(7, EscrowedVm.EK));
        return index;
    }

    private static EscrowedVm vm(RecoveryCertificate certificate) {
        return new EscrowedVm("payroll", VM, certificate);
    }

    private Ran run(String answer, String... more) {
        List<String> arguments = new ArrayList<>(List.of("--location=" + location, "-n=" + namespace));
        arguments.addAll(List.of(more));
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Commands.line(new ImportBackupCommand(new StringReader(answer), true))
                .setExecutionExceptionHandler(new CommandExceptionHandler())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments.toArray(String[]::new));
        return new Ran(code, out.toString(), err.toString());
    }

    private List<VMBackup> imported() {
        return CLUSTER.admin()
                .resources(VMBackup.class)
                .inNamespace(namespace)
                .list()
                .getItems();
    }

    private void assertOnRecord() {
        VMBackup recorded = imported().getFirst();
        assertThat(imported()).hasSize(1);
        assertThat(recorded.getSpec().vmRef().name()).isEqualTo("payroll");
        assertThat(recorded.getSpec().locationRef().name()).isEqualTo(location);
        assertThat(recorded.getStatus().vmUID()).isEqualTo(VM.toString());
        assertThat(recorded.getStatus().image().name()).isEqualTo("ws2022");
        BackupResult result = recorded.getStatus().result();
        assertThat(result.indexSHA256()).isEqualTo(changes.ref().indexSHA256());
        assertThat(result.type()).as("its files do not say what was read").isNull();
        assertThat(result.stored()).isNotNull();
        assertThat(result.guestState().generation()).isEqualTo(212);
        assertThat(ConditionType.Completed.in(recorded.getStatus().conditions())
                        .orElseThrow()
                        .getReason())
                .isEqualTo("BackupImported");
        assertThat(keys.open(Base64.getDecoder().decode(recorded.getStatus().escrow())))
                .isInstanceOfSatisfying(Escrow.Opening.Opened.class, opened -> {
                    assertThat(opened.escrow().key()).isEqualTo(vm(pair.certificate()).key);
                    assertThat(opened.escrow().record().namespace())
                            .as("the administrator's word")
                            .isEqualTo(namespace);
                });
    }

    @Test
    void withoutAVmItListsWhatIsThereAndChangesNothing() {
        Ran listed = run("");

        assertThat(listed.code()).as(listed.err()).isZero();
        assertThat(listed.out())
                .startsWith("VM ")
                .contains("finance/payroll", VM.toString(), full.backup().toString());
        assertThat(imported()).isEmpty();
    }

    @Test
    void theClustersKeyPutsABackupOnRecordOnce() {
        Ran ran = run("yes\n", "--vm=" + VM, "--backup=" + changes.backup());

        assertThat(ran.code()).as(ran.err()).isZero();
        assertThat(ran.out()).contains("endorsement key   " + EscrowedVm.EK, "ws2022", "spec.restoreFrom");
        assertOnRecord();
        assertThat(run("", "--vm=" + VM, "--backup=" + changes.backup(), "--yes")
                        .out())
                .contains("is on record already");
        assertThat(imported()).hasSize(1);
        assertThat(run("").out()).contains(namespace + "/payroll-");
        assertThat(run("", "--unclaimed").out())
                .contains(full.backup().toString())
                .doesNotContain(changes.backup().toString());
        assertThat(run("", "--vm=" + VM, "--all", "--yes").code()).isZero();
        assertThat(imported()).hasSize(2);
    }

    @Test
    void soDoesTheRecoveryKey() {
        Ran ran = run("", "--vm=" + VM, "--backup=" + changes.backup(), "--yes", "--key=" + pair.keyFile());

        assertThat(ran.code()).as(ran.err()).isZero();
        assertOnRecord();
    }

    @Test
    void withoutAYesNothingIsChanged() {
        assertThat(run("no\n", "--vm=" + VM)).satisfies(ran -> {
            assertThat(ran.code()).isNotZero();
            assertThat(ran.out()).contains("nothing was changed");
        });
        assertThat(imported()).isEmpty();
    }

    @Test
    void anotherIndexThanTheOneOnRecordIsRefused() {
        assertThat(run("", "--vm=" + VM, "--yes", "--index-sha256=" + "0".repeat(64))
                        .err())
                .contains("it is another backup, or it was altered");
        assertThat(imported()).isEmpty();
    }

    /** Anyone who can write to the store can put an escrow there: the index names the key, and the description is under it. */
    @Test
    void anEscrowThatIsNotTheBackupsIsNotUsed() throws IOException {
        EscrowedVm another =
                new EscrowedVm("web", UUID.randomUUID(), keys.sealing().orElseThrow());
        EscrowedVm otherKey = new EscrowedVm("another-name", VM, keys.sealing().orElseThrow());
        for (byte[] escrow : List.of(
                another.sealedEscrow(7, EscrowedVm.EK),
                otherKey.sealedEscrow(7, EscrowedVm.EK),
                vm(pair.certificate()).sealedEscrow(7, EscrowedVm.EK),
                new byte[] {1},
                new byte[Escrow.MAX_BYTES + 10])) {
            store.replaceClusterEscrow(full.id(), escrow);
            store.replaceClusterEscrow(changes.id(), escrow);

            Ran ran = run("", "--vm=" + VM, "--yes");

            assertThat(ran.code()).isNotZero();
            assertThat(ran.err())
                    .contains("backup " + full.backup() + " cannot be used: cluster.escrow", "that this key opens");
        }
        assertThat(imported()).isEmpty();
    }

    /** As an administrator without a node: the account's Secret is all that it takes besides the key. */
    @Test
    void aBucketIsReadWithTheSecretOfItsLocation() throws Exception {
        String secret = Cluster.uniqueName("s3");
        try (S3Server server = new S3Server(serverFolder)) {
            S3 bucket = BackupLocationSpecS3Builder.builder(server.location("vms", "lab"))
                    .secretRef(new ObjectRef(secret))
                    .build();
            BackupLocation s3 = new BackupLocation();
            s3.setMetadata(
                    new ObjectMetaBuilder().withName(Cluster.uniqueName("s3")).build());
            s3.setSpec(BackupLocations.bucket(bucket));
            location = CLUSTER.create(s3).getMetadata().getName();
            S3Store objects = new S3Store(
                    new AccountAccess(bucket, S3Server.ACCOUNT, Duration.ofHours(1), Clock.systemUTC()),
                    BackupLocations.ID);
            for (BackupIndex each : List.of(full, changes)) {
                fixture.copyTo(objects, each);
                objects.replaceClusterEscrow(
                        each.id(), vm(keys.sealing().orElseThrow()).sealedEscrow(7, EscrowedVm.EK));
            }

            assertThat(run("").err()).contains("there is no Secret " + secret);
            account(secret, "Opaque", S3Server.ACCOUNT.password());
            assertThat(run("").err()).contains("Secret " + secret, "type");
            account(secret, "kubernetes.io/basic-auth", "not-the-password");
            assertThat(run("").err()).contains("BackupLocation " + location, "SignatureDoesNotMatch");
            account(secret, "kubernetes.io/basic-auth", S3Server.ACCOUNT.password());
            server.stop();
            assertThat(run("", "--vm=" + VM, "--yes").err())
                    .contains("BackupLocation " + location + " cannot be read", server.endpoint());
            assertThat(imported()).isEmpty();

            server.start();
            assertThat(run("").out())
                    .contains("finance/payroll", changes.backup().toString());
            Ran ran = run("yes\n", "--vm=" + VM, "--backup=" + changes.backup());
            assertThat(ran.code()).as(ran.err()).isZero();
            assertThat(ran.out() + ran.err()).doesNotContain("X-Amz", S3Server.ACCOUNT.password());
            assertOnRecord();
        }
    }

    private static void account(String name, String type, String password) {
        CLUSTER.admin().secrets().inNamespace(Cluster.NAMESPACE).withName(name).delete();
        CLUSTER.create(new SecretBuilder()
                .withNewMetadata()
                .withNamespace(Cluster.NAMESPACE)
                .withName(name)
                .endMetadata()
                .withType(type)
                .withStringData(Map.of("username", S3Server.ACCOUNT.user(), "password", password))
                .build());
    }
}
