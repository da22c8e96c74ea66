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
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupLocationSpec;
import io.trustedlaunch.api.backup.BackupLocationSpec.S3;
import io.trustedlaunch.api.backup.BackupLocationSpecBuilder;
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
import io.trustedlaunch.backup.BackupFault;
import io.trustedlaunch.backup.BackupFile;
import io.trustedlaunch.backup.BackupFileName;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupIndex;
import io.trustedlaunch.backup.BackupRef;
import io.trustedlaunch.backup.BackupVerification;
import io.trustedlaunch.backup.Finding;
import io.trustedlaunch.backup.StoredIndex;
import io.trustedlaunch.backup.s3.GrantedAccess;
import io.trustedlaunch.backup.s3.S3Store;
import io.trustedlaunch.backup.s3.account.AccountAccess;
import io.trustedlaunch.controller.ClusterTime;
import io.trustedlaunch.custody.NodeKeyPair;
import io.trustedlaunch.custody.Sha256;
import io.trustedlaunch.custody.StoreEnvelope;
import io.trustedlaunch.operator.backup.RemovalGuard;
import io.trustedlaunch.operator.backup.RunGrants;
import io.trustedlaunch.operator.kube.ApiReader;
import io.trustedlaunch.testkit.BackupLocations;
import io.trustedlaunch.testkit.Incarnations;
import io.trustedlaunch.testkit.S3Server;
import io.trustedlaunch.testkit.SealingNodes;
import io.trustedlaunch.testkit.Vms;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the operator does with a real S3 server. */
class BucketGrantsIT {
    private static final String NODE = "host-a";
    private static final NodeKeyPair PAIR = NodeKeyPair.generate(new SecureRandom());
    private static final UUID RUN = new UUID(2, 2);
    private static final BackupId ID = new BackupId(UUID.fromString(Vms.UID), RUN);

    @TempDir
    private static Path folder;

    private static S3Server server;

    private Optional<Secret> secret = secret(S3Server.ACCOUNT.password());
    private Optional<ClusterNode> node = Optional.of(SealingNodes.node(NODE, PAIR));
    private S3 bucket;

    private String minimumRetention;

    private final ApiReader reader = (ApiReader) Proxy.newProxyInstance(
            ApiReader.class.getClassLoader(),
            new Class<?>[] {ApiReader.class},
            (proxy, method, given) -> switch (method.getName()) {
                case "secret" -> secret;
                case "clusterNode" -> node;
                case "backupLocations" -> List.of(recorded());
                case "vms", "protectionKeys" -> List.of();
                default -> throw new UnsupportedOperationException(method.getName());
            });

    private final BucketGrants grants = new BucketGrants(
            "operators",
            reader,
            SealingNodes.certificates(() -> SealingNodes.NOW),
            new RemovalGuard("operators", reader, () -> new ClusterTime(Instant.now(), Optional.of(Instant.now()))),
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

    private BackupLocation recorded() {
        return BackupLocations.named(
                "s3",
                BackupLocationSpecBuilder.builder(location())
                        .minimumRetention(minimumRetention)
                        .build());
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

    private BackupRun run(BackupIndex... completed) {
        BackupRun run = new BackupRun();
        run.getMetadata().setName("run");
        run.getMetadata().setUid(RUN.toString());
        run.setSpec(BackupRunSpecBuilder.builder()
                .nodeName(NODE)
                .vmRef(new BackupRunSpec.Vm(Vms.NAMESPACE, Vms.NAME, Vms.UID))
                .location(BackupLocations.bucketRef("s3", bucket.url()))
                .mode(BackupMode.Auto)
                .completed(Stream.of(completed)
                        .map(index -> new BackupRunSpec.Completed(
                                index.backup().toString(), index.ref().indexSHA256(), "2026-01-01T00:00:00Z"))
                        .toList())
                .build());
        return run;
    }

    private static Machine machine(long osDiskBytes) {
        return VMIncarnationSpecMachineBuilder.builder(Incarnations.machine().build())
                .osDiskSize(ByteSize.quantity(osDiskBytes))
                .build();
    }

    private S3Store store() throws IOException {
        return new S3Store(
                new AccountAccess(bucket, S3Server.ACCOUNT, RunGrants.VALIDITY, Clock.systemUTC()), BackupLocations.ID);
    }

    private void assertProblem(Reason reason, String message) {
        assertThat(grants.problem(location())).hasValueSatisfying(problem -> {
            assertThat(problem.reason()).isEqualTo(reason);
            assertThat(problem.message())
                    .contains(message)
                    .doesNotContain("X-Amz")
                    .doesNotContain(S3Server.ACCOUNT.password());
        });
    }

    @Test
    void whatIsTheMatterIsFoundBeforeARunIsCreated() {
        assertThat(grants.problem(location())).isEmpty();
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
        Result<BackupRunSpec.Envelope> answer = grants.seal(run(), location(), machine(1 << 20));

        assertThat(answer.found()).hasValueSatisfying(envelope -> {
            assertThat(Instant.parse(envelope.expirationTime()))
                    .isBetween(Instant.now().plusSeconds(86_000), Instant.now().plusSeconds(86_400));
            assertThat(new String(Base64.getDecoder().decode(envelope.sealed()), StandardCharsets.ISO_8859_1))
                    .doesNotContain("X-Amz");
        });
        store().begin(ID);
        put(ID, BackupFileName.dataPack(0), new byte[1]);
        grants.removeFiles(run(), location());
        assertThat(store().vms()).isEmpty();
    }

    @Test
    void noBucketIsAskedForANodeThatNothingCanBeSealedTo() {
        node = Optional.empty();
        bucket = BackupLocationSpecS3Builder.builder(bucket).bucket("missing").build();
        assertThat(grants.seal(run(), location(), machine(1 << 20)).refusal()).hasValueSatisfying(problem -> {
            assertThat(problem.reason()).isEqualTo(Reason.BackupPending);
            assertThat(problem.message()).startsWith("nothing can be sealed to node " + NODE + ": it is not enrolled");
        });
    }

    @Test
    void whatIsCompleteStaysUntilItIsToBeRemoved() throws IOException {
        store().begin(ID);
        put(ID, BackupFileName.GUEST_STATE, new byte[1]);
        store().commit(ID, new byte[] {1});
        grants.removeFiles(run(), location());
        assertThat(store().index(ID)).hasValue(new byte[] {1});

        secret = secret("wrong");
        assertThat(grants.remove(location(), backup()))
                .hasValueSatisfying(problem -> assertThat(problem.message()).contains("SignatureDoesNotMatch"));
        secret = secret(S3Server.ACCOUNT.password());
        minimumRetention = "1h";
        assertThat(grants.remove(location(), backup()))
                .hasValueSatisfying(problem -> assertThat(problem.reason()).isEqualTo(Reason.MinimumRetention));
        assertThat(store().index(ID)).isPresent();
        minimumRetention = "30s";
        assertThat(grants.remove(location(), backup())).isEmpty();
        assertThat(store().vms()).isEmpty();
        assertThat(grants.remove(location(), backup())).as("again").isEmpty();
    }

    /** A bucket with Object Lock and without versions. */
    @Test
    void whatTheBucketKeepsIsSaidAndStaysWhole() throws IOException {
        store().begin(ID);
        put(ID, BackupFileName.GUEST_STATE, new byte[1]);
        store().commit(ID, new byte[] {1});
        server.lock(bucket.bucket());
        assertThat(grants.remove(location(), backup())).hasValueSatisfying(problem -> {
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
        store().begin(ID);
        put(ID, BackupFileName.GUEST_STATE, new byte[] {7});
        store().commit(ID, new byte[] {9});
        assertThat(grants.remove(location(), backup())).isEmpty();
        // versitygw still lists the folders; Amazon S3 would not.
        assertThat(store().index(ID)).isEmpty();
        assertThat(store().read(ID, BackupFileName.GUEST_STATE, 1)).isEmpty();
        assertThat(grants.remove(location(), backup())).as("again").isEmpty();
        List<byte[]> kept = new ArrayList<>();
        try (Stream<Path> files = Files.walk(server.versions().resolve(bucket.bucket()))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                kept.add(Files.readAllBytes(file));
            }
        }
        assertThat(kept).as("guest state and index").contains(new byte[] {7}, new byte[] {9});
    }

    private void put(BackupId id, String file, byte[] content) throws IOException {
        store().write(id, file, new ByteArrayInputStream(content), content.length);
    }

    private BackupFile written(BackupId id, String file, String content) throws IOException {
        byte[] bytes = content.getBytes(StandardCharsets.US_ASCII);
        put(id, file, bytes);
        return new BackupFile(file, bytes.length, Sha256.of(bytes));
    }

    /** A backup that needs the packs of another one, too. */
    private BackupIndex made(int number, BackupIndex... earlier) throws IOException {
        BackupId id = new BackupId(ID.vm(), new UUID(7, number));
        store().begin(id);
        List<BackupFile> files = List.of(
                written(id, BackupFileName.DESCRIPTION, "description " + number),
                written(id, BackupFileName.GUEST_STATE, "state " + number));
        List<BackupIndex.Packs> packs = Stream.concat(
                        Stream.of(earlier).flatMap(index -> index.packs().stream()),
                        Stream.of(new BackupIndex.Packs(
                                id.backup(),
                                List.of(
                                        written(id, BackupFileName.dataPack(0), "data " + number),
                                        written(id, BackupFileName.mapPack(0), "map " + number)))))
                .toList();
        BackupIndex index = new BackupIndex(id.backup(), id.vm(), "0".repeat(16), files, packs);
        store().commit(id, index.encoded());
        return index;
    }

    private Path folder(BackupIndex of) throws IOException {
        return server.bucket(bucket.bucket())
                .resolve("lab")
                .resolve(of.vm().toString())
                .resolve(of.backup().toString());
    }

    private S3Store restorer(BackupIndex wanted) throws IOException {
        Result<byte[]> granted = grants.toRestore(location(), wanted.ref(), RUN);
        assertThat(granted).isInstanceOf(Result.Value.class);
        assertThat(granted.toString()).doesNotContain("X-Amz");
        return new S3Store(GrantedAccess.decode(granted.found().orElseThrow()), BackupLocations.ID);
    }

    /** As the node of a run opens what was sealed to it. */
    private S3Store opened(Result<BackupRunSpec.Envelope> sealed) throws Exception {
        byte[] envelope =
                Base64.getDecoder().decode(sealed.found().orElseThrow().sealed());
        byte[] grant = StoreEnvelope.open(envelope, PAIR, new StoreEnvelope.Address(RUN.toString(), NODE));
        return new S3Store(GrantedAccess.decode(grant), BackupLocations.ID);
    }

    /** Nothing is written, removed, signed or read as truth. */
    @Test
    void withoutTheMarkerOfTheStoreThatIsMeantNothingIsDone() {
        BackupLocationSpec other =
                BackupLocationSpecBuilder.builder(location()).id(RUN.toString()).build();
        BackupLocationSpec unmarked = BackupLocationSpecBuilder.builder(location())
                .s3(BackupLocationSpecS3Builder.builder(bucket).prefix("new").build())
                .build();
        BackupLocationSpec unnamed =
                BackupLocationSpecBuilder.builder(location()).id(null).build();
        for (BackupLocationSpec wrong : List.of(other, unmarked, unnamed)) {
            for (Optional<Problem> problem : List.of(
                    grants.problem(wrong),
                    grants.seal(run(), wrong, machine(1 << 20)).refusal(),
                    grants.remove(wrong, backup()),
                    grants.toRestore(wrong, new BackupRef(ID, "0".repeat(64)), RUN)
                            .refusal())) {
                assertThat(problem.orElseThrow().reason()).isEqualTo(Reason.BackupLocationUnavailable);
            }
        }
        assertThat(grants.marker(unmarked.s3(), Optional.empty()))
                .as("none was made")
                .isEqualTo(new Result.Value<>(Optional.empty()));
        assertThat(grants.marker(unmarked.s3(), Optional.of(RUN))).isEqualTo(new Result.Value<>(Optional.of(RUN)));
        assertThat(grants.marker(bucket, Optional.of(RUN))
                        .refusal()
                        .orElseThrow()
                        .reason())
                .as("another one is there")
                .isEqualTo(Reason.MarkerRefused);
    }

    private BackupLocationSpec location() {
        return BackupLocations.bucket(bucket);
    }

    private static BackupVerification.Report verified(S3Store node, BackupIndex wanted) throws IOException {
        return new BackupVerification(node, bytes -> {}).verify(wanted.ref());
    }

    private static void assertMayNot(ThrowingCallable act) {
        assertThatThrownBy(act).hasMessageContaining("may not ask");
    }

    @Test
    void aNodeReadsAllThatABackupNeedsAndNothingElse() throws IOException {
        BackupIndex first = made(1);
        BackupIndex wanted = made(2, first);
        BackupIndex other = made(3);

        S3Store node = restorer(wanted);
        assertThat(verified(node, wanted).findings()).isEmpty();

        assertMayNot(() -> node.index(first.id()));
        assertMayNot(() -> node.open(first.id(), BackupFileName.GUEST_STATE));
        assertMayNot(() -> node.index(other.id()));
        assertMayNot(() -> node.open(other.id(), BackupFileName.dataPack(0)));
        assertMayNot(
                () -> node.write(wanted.id(), BackupFileName.dataPack(1), new ByteArrayInputStream(new byte[1]), 1));
        assertMayNot(() -> node.removeIndex(wanted.id()));
    }

    @Test
    void aRunReadsOfTheTwoNewestBackupsWhatItIsComparedWith() throws Exception {
        BackupIndex oldest = made(1);
        BackupIndex second = made(2, oldest);
        BackupIndex newest = made(3, second);
        S3Store node = opened(grants.seal(run(newest, second, oldest), location(), machine(1 << 20)));

        for (BackupIndex each : List.of(newest, second)) {
            assertThat(StoredIndex.read(node, each.ref())).isEqualTo(new StoredIndex.Reading.Whole(each));
            assertThat(node.read(each.id(), BackupFileName.DESCRIPTION, 100)).isPresent();
            assertThat(node.read(each.id(), BackupFileName.mapPack(0), 100)).isPresent();
        }
        assertThat(node.read(oldest.id(), BackupFileName.mapPack(0), 100))
                .as("newer ones need it")
                .isPresent();
        assertMayNot(() -> node.index(oldest.id()));
        assertMayNot(() -> node.open(newest.id(), BackupFileName.dataPack(0)));
        assertMayNot(() -> node.open(newest.id(), BackupFileName.GUEST_STATE));
    }

    /** Its digest is on record: nothing that somebody has put in its place is parsed, or signed for. */
    @Test
    void anAlteredIndexGrantsNothing() throws Exception {
        BackupIndex other = made(1);
        BackupIndex wanted = made(2);
        BackupIndex altered =
                new BackupIndex(wanted.backup(), wanted.vm(), wanted.keyId(), wanted.files(), other.packs());
        Files.write(folder(wanted).resolve(BackupFileName.INDEX), altered.encoded());

        S3Store reading = restorer(wanted);
        assertThat(verified(reading, wanted).findings())
                .extracting(Finding::fault)
                .containsExactly(BackupFault.INDEX_ALTERED);
        assertMayNot(() -> reading.open(other.id(), BackupFileName.dataPack(0)));
        assertMayNot(() -> reading.open(wanted.id(), BackupFileName.dataPack(0)));

        S3Store writing = opened(grants.seal(run(wanted), location(), machine(1 << 20)));
        assertMayNot(() -> writing.index(wanted.id()));
        assertMayNot(() -> writing.open(other.id(), BackupFileName.mapPack(0)));
    }

    /** A bucket may have anything in the place of an index, and each is asked for by many runs. */
    @Test
    void ofWhatIsInThePlaceOfAnIndexLittleIsRead() throws IOException {
        BackupId hostile = new BackupId(ID.vm(), new UUID(66, 66));
        store().begin(hostile);
        store().commit(hostile, new byte[16 << 20]);
        long before = allocated();

        assertThat(grants.toRestore(location(), new BackupRef(hostile, "0".repeat(64)), RUN))
                .isInstanceOf(Result.Value.class);

        assertThat(allocated() - before).as("bytes").isLessThan(12 << 20);
    }

    /** By all threads: a response arrives on those of the HTTP client. */
    private static long allocated() {
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean()).getTotalThreadAllocatedBytes();
    }

    @Test
    void whatIsDamagedOrMissingIsFoundByTheNode() throws IOException {
        BackupIndex first = made(1);
        BackupIndex wanted = made(2, first);
        Path pack = folder(first).resolve(BackupFileName.dataPack(0));

        Files.writeString(pack, "data X");
        assertThat(verified(restorer(wanted), wanted).findings())
                .extracting(Finding::fault)
                .containsExactly(BackupFault.ALTERED);
        Files.delete(pack);
        assertThat(verified(restorer(wanted), wanted).findings())
                .extracting(Finding::fault)
                .containsExactly(BackupFault.FILE_MISSING);
        store().removeIndex(wanted.id());
        assertThat(verified(restorer(wanted), wanted).findings())
                .extracting(Finding::fault)
                .containsExactly(BackupFault.INDEX_MISSING);
    }

    private Optional<Problem> removed(BackupIndex index) {
        VMBackup backup = backup();
        backup.setStatus(VMBackupStatusBuilder.builder(backup.getStatus())
                .backupUID(index.backup().toString())
                .build());
        return grants.remove(location(), backup);
    }

    @Test
    void packsStayWhileAnotherBackupNeedsThem() throws IOException {
        BackupIndex first = made(1);
        BackupIndex second = made(2, first);

        assertThat(removed(first)).isEmpty();
        assertThat(store().index(first.id())).isEmpty();
        assertThat(verified(restorer(second), second).findings()).isEmpty();

        assertThat(removed(second)).isEmpty();
        assertThat(store().vms()).isEmpty();
    }

    @Test
    void packsStayWhileARunMayNeedThem() throws IOException {
        BackupIndex first = made(1);
        store().begin(ID);

        assertThat(removed(first)).hasValueSatisfying(problem -> {
            assertThat(problem.reason()).isEqualTo(Reason.PacksInUse);
            assertThat(problem.message()).contains("backup " + RUN + " of this VM is under way", "tried again");
        });
        assertThat(store().index(first.id())).isEmpty();
        assertThat(store().read(first.id(), BackupFileName.dataPack(0), 1)).isPresent();

        grants.removeFiles(run(), location());
        assertThat(removed(first)).isEmpty();
        assertThat(store().vms()).isEmpty();
    }

    @Test
    void aVerificationIsSealedAndWaitsForABucketThatIsAway() throws Exception {
        BackupIndex wanted = made(1);
        BackupRun of = run();
        StoredBackupRun run = new StoredBackupRun();
        run.setMetadata(of.getMetadata());
        run.setSpec(StoredBackupRunSpecBuilder.builder()
                .action(Action.Verify)
                .nodeName(of.getSpec().nodeName())
                .vmRef(new BackupRunSpec.Vm(Vms.NAMESPACE, Vms.NAME, Vms.UID))
                .backupRef(of.getSpec().backupRef())
                .backupUID(wanted.backup().toString())
                .location(of.getSpec().location())
                .indexSHA256(wanted.ref().indexSHA256())
                .build());
        assertThat(verified(opened(grants.sealToVerify(run, location())), wanted)
                        .findings())
                .isEmpty();

        server.stop();
        try {
            assertThat(grants.sealToVerify(run, location()).refusal())
                    .map(Problem::reason)
                    .hasValue(Reason.BackupLocationUnavailable);
            assertThat(grants.toRestore(location(), wanted.ref(), RUN)).isInstanceOf(Result.Refused.class);
        } finally {
            server.start();
        }
        secret = secret("wrong");
        assertThat(grants.sealToVerify(run, location()).refusal())
                .hasValueSatisfying(problem -> assertThat(problem.message()).contains("SignatureDoesNotMatch"));
    }

    @Test
    void disksThatNoBucketTakesAreRefused() {
        Result<BackupRunSpec.Envelope> answer = grants.seal(run(), location(), machine(10L << 40));

        assertThat(answer.refusal()).hasValueSatisfying(problem -> {
            assertThat(problem.reason()).isEqualTo(Reason.BackupLocationUnavailable);
            assertThat(problem.message()).contains("the disks of the VM have").contains("that is a folder");
        });
    }
}
