package io.trustedlaunch.operator.backup.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.trustedlaunch.api.ByteSize;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.Result;
import io.trustedlaunch.api.backup.BackupFiles;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupLocationSpec;
import io.trustedlaunch.api.backup.BackupLocationSpec.S3;
import io.trustedlaunch.api.backup.BackupLocationSpecS3Builder;
import io.trustedlaunch.api.backup.BackupMode;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.api.backup.BackupRunSpecBuilder;
import io.trustedlaunch.api.backup.StoredBackupRun;
import io.trustedlaunch.api.backup.StoredBackupRunSpec.Action;
import io.trustedlaunch.api.backup.StoredBackupRunSpecBuilder;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupSpec;
import io.trustedlaunch.api.backup.VMBackupStatusBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Machine;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecMachineBuilder;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.backup.BackupDownload;
import io.trustedlaunch.backup.BackupFault;
import io.trustedlaunch.backup.BackupFileName;
import io.trustedlaunch.backup.BackupFixture;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupIndex;
import io.trustedlaunch.backup.BackupVerification;
import io.trustedlaunch.backup.Finding;
import io.trustedlaunch.backup.s3.GrantedAccess;
import io.trustedlaunch.backup.s3.S3Access;
import io.trustedlaunch.backup.s3.S3Store;
import io.trustedlaunch.backup.s3.account.AccountAccess;
import io.trustedlaunch.controller.ClusterTime;
import io.trustedlaunch.custody.BackupDescriptionKey;
import io.trustedlaunch.operator.backup.RemovalGuard;
import io.trustedlaunch.operator.backup.RunGrants;
import io.trustedlaunch.operator.kube.ApiReader;
import io.trustedlaunch.testkit.Incarnations;
import io.trustedlaunch.testkit.S3Server;
import io.trustedlaunch.testkit.SealingNodes;
import io.trustedlaunch.testkit.Vms;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the operator does with a real S3 server. */
class BucketGrantsIT {
    private static final String NODE = "host-a";
    private static final UUID RUN = new UUID(2, 2);
    private static final BackupId ID = new BackupId(UUID.fromString(Vms.UID), RUN);

    @TempDir
    private static Path folder;

    private static S3Server server;

    private Optional<Secret> secret = secret(S3Server.ACCOUNT.password());
    private Optional<ClusterNode> node = Optional.of(SealingNodes.node(NODE));
    private S3 bucket;

    private String minimumRetention;

    private final ApiReader reader = (ApiReader) Proxy.newProxyInstance(
            ApiReader.class.getClassLoader(),
            new Class<?>[] {ApiReader.class},
            (proxy, method, given) -> switch (method.getName()) {
                case "secret" -> secret;
                case "clusterNode" -> node;
                case "backupLocations" -> List.of(location());
                default -> throw new UnsupportedOperationException(method.getName());
            });

    private final BucketGrants grants = new BucketGrants(
            "operators",
            reader,
            SealingNodes.certificates(() -> SealingNodes.NOW),
            new RemovalGuard(reader, () -> new ClusterTime(Instant.now(), Optional.of(Instant.now()))),
            Clock.systemUTC(),
            new SecureRandom());

    @BeforeAll
    static void startTheServer() throws Exception {
        server = new S3Server(folder);
    }

    @AfterAll
    static void stopTheServer() {
        server.close();
    }

    @BeforeEach
    void makeABucket() throws IOException {
        bucket = server.location("b-" + UUID.randomUUID(), "lab");
    }

    private BackupLocation location() {
        BackupLocation location = new BackupLocation();
        location.setMetadata(new ObjectMetaBuilder().withName("s3").build());
        location.setSpec(new BackupLocationSpec(null, bucket, null, minimumRetention, List.of()));
        return location;
    }

    /** As it is on record. */
    private static VMBackup backup() {
        VMBackup backup = new VMBackup();
        backup.setMetadata(new ObjectMetaBuilder()
                .withName("monday")
                .withCreationTimestamp(Instant.now().minusSeconds(60).toString())
                .build());
        backup.setSpec(new VMBackupSpec(new ObjectRef(Vms.NAME), new ObjectRef("s3"), BackupMode.Auto));
        backup.setStatus(VMBackupStatusBuilder.builder()
                .vmUID(Vms.UID)
                .backupUID(RUN.toString())
                .build());
        return backup;
    }

    private static Optional<Secret> secret(String password) {
        return Optional.of(new SecretBuilder()
                .withType("kubernetes.io/basic-auth")
                .withData(Map.of("username", base64(S3Server.ACCOUNT.user()), "password", base64(password)))
                .build());
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private BackupRun run() {
        BackupRun run = new BackupRun();
        run.getMetadata().setName("run");
        run.getMetadata().setUid(RUN.toString());
        run.setSpec(BackupRunSpecBuilder.builder()
                .nodeName(NODE)
                .vmRef(new BackupRunSpec.Vm(Vms.NAMESPACE, Vms.NAME, Vms.UID))
                .location(new BackupRunSpec.Location("s3", null, bucket.url()))
                .mode(BackupMode.Auto)
                .build());
        return run;
    }

    private static Machine machine(long osDiskBytes) {
        return VMIncarnationSpecMachineBuilder.builder(Incarnations.machine().build())
                .osDiskSize(ByteSize.quantity(osDiskBytes))
                .build();
    }

    private S3Store store() throws IOException {
        return new S3Store(new AccountAccess(bucket, S3Server.ACCOUNT, RunGrants.VALIDITY, Clock.systemUTC()));
    }

    private void assertProblem(Reason reason, String message) {
        assertThat(grants.problem(bucket)).hasValueSatisfying(problem -> {
            assertThat(problem.reason()).isEqualTo(reason);
            assertThat(problem.message())
                    .contains(message)
                    .doesNotContain("X-Amz")
                    .doesNotContain(S3Server.ACCOUNT.password());
        });
    }

    @Test
    void whatIsTheMatterIsFoundBeforeARunIsCreated() {
        assertThat(grants.problem(bucket)).isEmpty();
        secret = Optional.empty();
        assertProblem(
                Reason.BackupSecretUnusable, "spec.s3.secretRef of the BackupLocation names s3: there is no such");
        secret = Optional.of(new SecretBuilder().withType("Opaque").build());
        assertProblem(Reason.BackupSecretUnusable, "has type Opaque");
        secret = secret("wrong");
        assertProblem(Reason.BackupLocationUnavailable, "403 SignatureDoesNotMatch");
        secret = secret(S3Server.ACCOUNT.password());
        bucket = BackupLocationSpecS3Builder.builder(bucket).bucket("missing").build();
        assertProblem(Reason.BackupLocationUnavailable, "create the bucket");
        bucket = BackupLocationSpecS3Builder.builder(bucket).caBundle(null).build();
        assertProblem(Reason.BackupLocationUnavailable, "its certificate is not accepted");
        bucket = BackupLocationSpecS3Builder.builder(bucket)
                .endpoint("https://1.2.3")
                .build();
        assertProblem(Reason.BackupSecretUnusable, "names no host");
    }

    @Test
    void aGrantIsSealedAndWhatItsRunLeavesIsRemoved() throws IOException {
        Result<BackupRunSpec.Envelope> answer = grants.seal(run(), bucket, machine(1 << 20));

        assertThat(answer.found()).hasValueSatisfying(envelope -> {
            assertThat(Instant.parse(envelope.expirationTime()))
                    .isBetween(Instant.now().plusSeconds(86_000), Instant.now().plusSeconds(86_400));
            assertThat(new String(Base64.getDecoder().decode(envelope.sealed()), StandardCharsets.ISO_8859_1))
                    .doesNotContain("X-Amz");
        });
        store().write(ID, BackupFileName.GUEST_STATE, new ByteArrayInputStream(new byte[1]), 1);
        grants.removeFiles(run(), bucket);
        assertThat(store().vms()).isEmpty();
    }

    @Test
    void noUploadIsBegunForANodeThatNothingCanBeSealedTo() throws IOException {
        node = Optional.empty();
        assertThat(grants.seal(run(), bucket, machine(1 << 20)).refusal()).hasValueSatisfying(problem -> {
            assertThat(problem.reason()).isEqualTo(Reason.BackupPending);
            assertThat(problem.message()).startsWith("nothing can be sealed to node " + NODE + ": it is not enrolled");
        });
        assertThat(store().vms()).isEmpty();
    }

    @Test
    void whatIsCompleteStaysUntilItIsToBeRemoved() throws IOException {
        store().write(ID, BackupFileName.GUEST_STATE, new ByteArrayInputStream(new byte[1]), 1);
        store().commit(ID, new byte[] {1});
        grants.removeFiles(run(), bucket);
        assertThat(store().index(ID)).hasValue(new byte[] {1});

        secret = secret("wrong");
        assertThat(grants.remove(bucket, backup()))
                .hasValueSatisfying(problem -> assertThat(problem.message()).contains("SignatureDoesNotMatch"));
        secret = secret(S3Server.ACCOUNT.password());
        minimumRetention = "1h";
        assertThat(grants.remove(bucket, backup()))
                .hasValueSatisfying(problem -> assertThat(problem.reason()).isEqualTo(Reason.MinimumRetention));
        assertThat(store().index(ID)).isPresent();
        minimumRetention = "30s";
        assertThat(grants.remove(bucket, backup())).isEmpty();
        assertThat(store().vms()).isEmpty();
        assertThat(grants.remove(bucket, backup())).as("again").isEmpty();
    }

    /** A bucket with Object Lock and without versions. */
    @Test
    void whatTheBucketKeepsIsSaidAndStaysWhole() throws IOException {
        store().write(ID, BackupFileName.GUEST_STATE, new ByteArrayInputStream(new byte[1]), 1);
        store().commit(ID, new byte[] {1});
        server.lock(bucket.bucket());
        assertThat(grants.remove(bucket, backup())).hasValueSatisfying(problem -> {
            assertThat(problem.reason()).isEqualTo(Reason.RemovalRefused);
            assertThat(problem.message()).contains("cannot remove", "403 AccessDenied", "Object Lock");
        });
        assertThat(store().index(ID)).hasValue(new byte[] {1});
    }

    /** Object Lock as Amazon S3 has it: nothing of the backup is listed any more, and its bytes are there. */
    @Test
    void aBucketWithVersionsHidesWhatItKeeps() throws IOException {
        server.keepVersions(bucket.bucket());
        server.lock(bucket.bucket());
        store().write(ID, BackupFileName.GUEST_STATE, new ByteArrayInputStream(new byte[] {7}), 1);
        store().commit(ID, new byte[] {9});
        assertThat(grants.remove(bucket, backup())).isEmpty();
        // versitygw still lists the folders; Amazon S3 would not.
        assertThat(store().index(ID)).isEmpty();
        assertThat(store().read(ID, BackupFileName.GUEST_STATE, 1)).isEmpty();
        assertThat(grants.remove(bucket, backup())).as("again").isEmpty();
        List<byte[]> kept = new ArrayList<>();
        try (Stream<Path> files = Files.walk(server.versions().resolve(bucket.bucket()))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                kept.add(Files.readAllBytes(file));
            }
        }
        assertThat(kept).as("guest state and index").contains(new byte[] {7}, new byte[] {9});
    }

    /** What is on record of it. */
    private static BackupFiles files(BackupIndex... follows) {
        return new BackupFiles(
                Stream.of(follows).map(BackupIndex::backup).map(UUID::toString).toList(), List.of());
    }

    private S3Store restorer(BackupIndex wanted, BackupIndex... follows) throws IOException {
        Result<byte[]> granted = grants.toRestore(bucket, wanted.id(), files(follows), RUN);
        assertThat(granted).isInstanceOf(Result.Value.class);
        assertThat(granted.toString()).doesNotContain("X-Amz");
        return new S3Store(GrantedAccess.decode(granted.found().orElseThrow()));
    }

    private static BackupVerification.Report verified(S3Store node, BackupIndex wanted) throws IOException {
        return new BackupVerification(node, bytes -> {}).verify(wanted.ref());
    }

    private BackupIndex copied(BackupFixture fixture, int number, BackupIndex parent) throws IOException {
        Map<String, byte[]> files = new TreeMap<>();
        files.put(BackupFileName.ROOT_DISK, ("disk " + number).getBytes(StandardCharsets.US_ASCII));
        files.put(BackupFileName.GUEST_STATE, ("state " + number).getBytes(StandardCharsets.US_ASCII));
        BackupIndex index = fixture.make(
                BackupFixture.VM,
                number,
                parent == null ? null : BackupFixture.parentOf(parent),
                files,
                fixture.key,
                1 << 20);
        fixture.copyTo(store(), index);
        return index;
    }

    @Test
    void aNodeReadsTheWholeChainAndNothingElse() throws IOException {
        BackupFixture fixture = new BackupFixture(1);
        BackupIndex full = copied(fixture, 1, null);
        BackupIndex changes = copied(fixture, 2, full);
        BackupIndex other = copied(fixture, 3, null);

        S3Store node = restorer(changes, full);
        BackupVerification.Report report = verified(node, changes);
        assertThat(report.findings()).isEmpty();
        assertThat(report.backups()).isEqualTo(2);
        try (BackupDescriptionKey key = fixture.key.backupDescriptionKey(BackupFixture.VM)) {
            Map<String, ByteArrayOutputStream> copies = new TreeMap<>();
            assertThat(new BackupDownload(node, bytes -> {}).download(changes.ref(), key, (backup, file) -> {
                        ByteArrayOutputStream copy = new ByteArrayOutputStream();
                        copies.put(file + " of " + backup.backup(), copy);
                        return copy;
                    }))
                    .isInstanceOf(BackupDownload.Result.Whole.class);
            assertThat(copies).hasSize(3);
        }
        assertThatThrownBy(() -> node.index(other.id())).hasMessageContaining("may not ask");
        assertThatThrownBy(() ->
                        node.write(changes.id(), BackupFileName.GUEST_STATE, new ByteArrayInputStream(new byte[1]), 1))
                .hasMessageContaining("may not ask");
        assertThatThrownBy(() -> node.removeIndex(changes.id())).hasMessageContaining("may not ask");
    }

    /** A node writes the indexes of its backups itself, and each may have 16 MiB. */
    @Test
    void nothingThatANodeWroteIsReadToSignForIt() throws IOException {
        BackupId hostile = new BackupId(BackupFixture.VM, new UUID(66, 66));
        store().write(hostile, BackupFileName.GUEST_STATE, new ByteArrayInputStream(new byte[1]), 1);
        store().commit(hostile, new byte[BackupIndex.MAX_BYTES]);
        long before = allocated();

        for (int times = 0; times < 8; times++) {
            assertThat(grants.toRestore(bucket, hostile, BackupFiles.NONE, RUN)).isInstanceOf(Result.Value.class);
        }

        assertThat(allocated() - before).as("bytes").isLessThan(BackupIndex.MAX_BYTES);
    }

    /** By all threads: a response arrives on those of the HTTP client. */
    private static long allocated() {
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean()).getTotalThreadAllocatedBytes();
    }

    @Test
    void whatIsDamagedOrMissingIsFoundByTheNode() throws IOException {
        BackupFixture fixture = new BackupFixture(2);
        BackupIndex full = copied(fixture, 1, null);
        BackupIndex changes = copied(fixture, 2, full);
        Path folder = server.bucket(bucket.bucket()).resolve("lab").resolve(BackupFixture.VM.toString());
        Path disk = folder.resolve(full.backup().toString()).resolve(BackupFileName.ROOT_DISK);

        Files.writeString(disk, "disk X");
        assertThat(verified(restorer(changes, full), changes).findings())
                .singleElement()
                .satisfies(finding ->
                        assertThat(finding.message()).contains("disk-root.qcow2 of backup " + full.backup(), "GiB 0"));
        Files.delete(disk);
        assertThat(verified(restorer(changes, full), changes).findings())
                .extracting(Finding::fault)
                .containsExactly(BackupFault.FILE_MISSING);
        store().removeIndex(full.id());
        assertThat(verified(restorer(changes, full), changes).findings())
                .extracting(Finding::fault)
                .containsExactly(BackupFault.PARENT_MISSING);
        store().removeIndex(changes.id());
        assertThat(verified(restorer(changes, full), changes).findings())
                .extracting(Finding::fault)
                .containsExactly(BackupFault.INDEX_MISSING);
    }

    /** Which one it is, is known only of those whose indexes the node may read. */
    @Test
    void aFileOfAnotherBackupInThePlaceOfOneIsNamed() throws IOException {
        BackupFixture fixture = new BackupFixture(3);
        BackupIndex wanted = copied(fixture, 1, null);
        BackupIndex other = copied(fixture, 2, null);
        Path folder = server.bucket(bucket.bucket()).resolve("lab").resolve(BackupFixture.VM.toString());
        Files.copy(
                folder.resolve(other.backup().toString()).resolve(BackupFileName.ROOT_DISK),
                folder.resolve(wanted.backup().toString()).resolve(BackupFileName.ROOT_DISK),
                StandardCopyOption.REPLACE_EXISTING);
        S3Access account = new AccountAccess(bucket, S3Server.ACCOUNT, RunGrants.VALIDITY, Clock.systemUTC());
        S3Store node = new S3Store(
                GrantedAccess.toRead(ID, account, List.of(wanted.id()), wanted.disks(), List.of(other.id())));

        assertThat(verified(node, wanted).findings())
                .singleElement()
                .satisfies(finding -> assertThat(finding.message()).contains("of backup " + other.backup()));
    }

    @Test
    void aVerificationIsSealedAndWaitsForABucketThatIsAway() throws Exception {
        BackupFixture fixture = new BackupFixture(4);
        BackupIndex wanted = copied(fixture, 1, null);
        BackupRun of = run();
        StoredBackupRun run = new StoredBackupRun();
        run.setMetadata(of.getMetadata());
        run.setSpec(StoredBackupRunSpecBuilder.builder()
                .action(Action.Verify)
                .nodeName(of.getSpec().nodeName())
                .vmRef(new BackupRunSpec.Vm(Vms.NAMESPACE, Vms.NAME, BackupFixture.VM.toString()))
                .backupRef(of.getSpec().backupRef())
                .backupUID(wanted.backup().toString())
                .location(of.getSpec().location())
                .indexSHA256(wanted.ref().indexSHA256())
                .build());
        assertThat(grants.sealToVerify(run, bucket, BackupFiles.NONE, List.of()))
                .isInstanceOf(Result.Value.class);

        server.stop();
        try {
            assertThat(grants.sealToVerify(run, bucket, BackupFiles.NONE, List.of())
                            .refusal())
                    .map(Problem::reason)
                    .hasValue(Reason.BackupLocationUnavailable);
            assertThat(grants.toRestore(bucket, wanted.id(), BackupFiles.NONE, RUN))
                    .isInstanceOf(Result.Refused.class);
        } finally {
            server.start();
        }
        secret = secret("wrong");
        assertThat(grants.sealToVerify(run, bucket, BackupFiles.NONE, List.of()).refusal())
                .hasValueSatisfying(problem -> assertThat(problem.message()).contains("SignatureDoesNotMatch"));
    }

    @Test
    void aDiskThatNoBucketTakesIsRefused() {
        Result<BackupRunSpec.Envelope> answer = grants.seal(run(), bucket, machine(10L << 40));

        assertThat(answer.refusal()).hasValueSatisfying(problem -> {
            assertThat(problem.reason()).isEqualTo(Reason.BackupLocationUnavailable);
            assertThat(problem.message()).contains("disk-root.qcow2 may have").contains("that is a folder");
        });
    }
}
