package io.trustedlaunch.operator.vm;

import static io.trustedlaunch.testkit.Incarnations.reported;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupLocationSpecS3Builder;
import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.api.backup.RecordedBackup;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.restore.DiskFill;
import io.trustedlaunch.api.restore.DiskFillSpecBuilder;
import io.trustedlaunch.api.vm.ProtectionKeySecret;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Fill;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusFillBuilder;
import io.trustedlaunch.operator.kube.ApiReader;
import io.trustedlaunch.operator.vm.facts.FakeBuckets;
import io.trustedlaunch.operator.vm.facts.FillFacts;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.KeyFacts;
import io.trustedlaunch.operator.vm.facts.KeyFixture;
import io.trustedlaunch.operator.vm.facts.VmObject;
import io.trustedlaunch.placement.NodeSnapshot;
import io.trustedlaunch.recovery.ClusterBackupKeys;
import io.trustedlaunch.testkit.BackupLocations;
import io.trustedlaunch.testkit.Incarnations;
import io.trustedlaunch.testkit.Vms;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is read for a VM whose disks are filled, and when. */
class FillGathererTest {
    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
    private static final String UID = "22222222-2222-4333-8444-555555555555";
    private static final String ORIGINAL = "77777777-2222-4333-8444-555555555555";
    private static final RecordedBackup MONDAY =
            new RecordedBackup("monday", "11111111-2222-4333-8444-555555555555", "ab".repeat(32));
    private static final BackupLocation BUCKET = BackupLocations.named(
            "s3",
            BackupLocations.bucket(BackupLocationSpecS3Builder.builder()
                    .endpoint("https://s3.example")
                    .bucket("b")
                    .build()));

    private final List<String> calls = new ArrayList<>();
    private final FakeBuckets buckets = new FakeBuckets();
    private Optional<DiskFill> run = Optional.empty();
    private Optional<BackupLocation> location = Optional.of(BUCKET);
    private Phase phase = Phase.Running;
    private String keyNamespace = Vms.NAMESPACE;

    @Test
    void whatAnEnvelopeTakesIsReadWhileOneIsDue() {
        FillFacts due = gather(Vms.UID, true);
        assertThat(due.grant().orElseThrow().found()).isPresent();
        assertThat(due.location()).isPresent();
        assertThat(due.copied()).isEmpty();

        run = Optional.of(run(NOW.plus(Duration.ofHours(13))));
        calls.clear();
        assertThat(gather(Vms.UID, true).grant()).isEmpty();
        assertThat(calls).containsExactly("diskFill");
        phase = Phase.Preparing;
        assertThat(gather(Vms.UID, true).location())
                .as("where else it could start")
                .isPresent();
        phase = Phase.Running;
        run = Optional.of(run(NOW.plus(Duration.ofHours(11))));
        assertThat(gather(Vms.UID, true).grant().orElseThrow().found()).isPresent();

        FillFacts off = gather(Vms.UID, false);
        assertThat(off.grant()).as("nothing is sealed to no node").isEmpty();
        assertThat(off.location()).as("which nodes find the backup").isPresent();
    }

    @Test
    void aLocationThatWasReplacedOrDoesNotAnswerIsAProblem() {
        buckets.problem = Optional.of(new Problem(Reason.BackupLocationUnavailable, "no answer"));
        assertThat(gather(Vms.UID, true).grant().orElseThrow().refusal())
                .map(Problem::message)
                .contains("no answer");
        location = Optional.empty();
        assertThat(gather(Vms.UID, true).grant().orElseThrow().refusal())
                .map(Problem::reason)
                .contains(Reason.BackupLocationNotFound);
    }

    /** A status that names the backups of a VM of another namespace gives nothing of them. */
    @Test
    void theKeyOfAVmOfAnotherNamespaceIsNotUsed() {
        assertThat(gather(ORIGINAL, true).copied().orElseThrow().found()).isPresent();
        keyNamespace = "elsewhere";
        assertThat(gather(ORIGINAL, true).copied().orElseThrow().refusal())
                .map(Problem::reason)
                .contains(Reason.EscrowUnusable);
    }

    private FillFacts gather(String backupOf, boolean isServed) {
        Fill fill = TrustedLaunchVMStatusFillBuilder.builder()
                .uid(UID)
                .backup(MONDAY)
                .backupOf(backupOf)
                .location(BackupRunSpec.Location.of(BUCKET))
                .build();
        TrustedLaunchVM vm = Vms.vm(Vms.spec().build());
        vm.setStatus(TrustedLaunchVMStatusBuilder.builder()
                .nodeName("host-a")
                .epoch(4L)
                .diskFill(fill)
                .build());
        Optional<Incarnation> served = Optional.of(new Incarnation(Incarnations.incarnation(
                        Incarnations.spec(4).build(), reported(phase).build())))
                .filter(incarnation -> isServed);
        return new RestoreGatherer(
                        noting(ApiReader.class),
                        noting(VmCaches.class),
                        new EscrowGatherer(() -> ClusterBackupKeys.NONE),
                        buckets,
                        () -> NOW)
                .fill(new VmObject(vm), served, new NodeSnapshot(List.of()), this::key);
    }

    private KeyFacts key(String identity) {
        return new KeyFacts.Held(
                new SecretBuilder()
                        .withNewMetadata()
                        .withName(identity)
                        .withNamespace(Incarnations.NAMESPACE)
                        .withAnnotations(Map.of(ProtectionKeySecret.VM_NAMESPACE, keyNamespace))
                        .endMetadata()
                        .build(),
                KeyFixture.protectionKey(),
                false);
    }

    private static DiskFill run(Instant expires) {
        DiskFill run = new DiskFill();
        run.setSpec(DiskFillSpecBuilder.builder()
                .nodeName("host-a")
                .vmRef(new VmObject(Vms.vm(Vms.spec().build())).ref())
                .backup(MONDAY)
                .backupOf(Vms.UID)
                .location(BackupRunSpec.Location.of(BUCKET))
                .envelope("c2VhbGVk")
                .expirationTime(expires.toString())
                .build());
        return run;
    }

    private <T> T noting(Class<T> type) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, given) -> {
                    calls.add(method.getName());
                    return switch (method.getName()) {
                        case "diskFill" -> run;
                        case "backupLocation" -> location;
                        case "backup" -> Optional.empty();
                        default -> throw new UnsupportedOperationException(method.getName());
                    };
                }));
    }
}
