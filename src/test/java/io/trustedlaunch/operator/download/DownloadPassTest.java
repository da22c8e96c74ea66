package io.trustedlaunch.operator.download;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.Result;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupLocationSpec;
import io.trustedlaunch.api.backup.BackupLocationSpec.S3;
import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupDownload;
import io.trustedlaunch.api.backup.VMBackupDownloadStatus;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.backup.VMBackupStatusBuilder;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.vm.ProtectionKeySecret;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusBuilder;
import io.trustedlaunch.audit.AuditLog;
import io.trustedlaunch.backup.BackupRef;
import io.trustedlaunch.controller.EventDraft;
import io.trustedlaunch.controller.ResourceWriter;
import io.trustedlaunch.custody.BackupKeyPair;
import io.trustedlaunch.custody.BackupKeys;
import io.trustedlaunch.custody.EnvelopeRefusedException;
import io.trustedlaunch.custody.ProtectionKey;
import io.trustedlaunch.custody.RestoreEnvelope;
import io.trustedlaunch.operator.kube.ApiReader;
import io.trustedlaunch.operator.seal.KeyReleases;
import io.trustedlaunch.operator.vm.EscrowGatherer;
import io.trustedlaunch.operator.vm.facts.RestoreGrants;
import io.trustedlaunch.recovery.BackedUpVm;
import io.trustedlaunch.recovery.ClusterBackupKeys;
import io.trustedlaunch.testkit.BackupLocations;
import io.trustedlaunch.testkit.Incarnations;
import io.trustedlaunch.testkit.JumpingClocksContract;
import io.trustedlaunch.testkit.SealingKey;
import io.trustedlaunch.testkit.Vms;
import java.lang.reflect.Proxy;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Who serves a download, with which keys, and what the status and the records say of it. */
class DownloadPassTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:10:00Z");
    private static final String UID = "99999999-2222-4333-8444-555555555555";
    private static final String OPERATORS = "trusted-launch-system";
    private static final String INDEX = "0123456789abcdef".repeat(4);
    private static final byte[] GRANT = {1, 2, 3};

    private final SecureRandom random = new SecureRandom();
    private final ProtectionKey key = ProtectionKey.generate(random);
    private final Map<String, SealingKey> sealing =
            Map.of("host-a", new SealingKey("host-a"), "host-b", new SealingKey("host-b"));
    private final Map<String, Secret> secrets = new HashMap<>();
    private final List<String> audited = new ArrayList<>();
    private final Grants grants = new Grants();
    private final VMBackupDownload download =
            Serialization.unmarshal("""
            metadata:
              {namespace: %s, name: monday-x7k2p, uid: %s, generation: 1, creationTimestamp: "2026-03-01T12:00:00Z"}
            spec: {backupRef: {name: monday}, disk: root, clientKeySHA256: ab, requestedBy: ada}
            """.formatted(Vms.NAMESPACE, UID), VMBackupDownload.class);
    private Optional<VMBackup> backup = Optional.of(
            Serialization.unmarshal("""
            metadata: {namespace: %s, name: monday}
            spec: {vmRef: {name: payroll}, locationRef: {name: nas}}
            status:
              phase: Completed
              vmUID: %s
              backupUID: 00000000-0000-4000-8000-0000000000b1
              locationID: %s
              result: {indexSHA256: "%s", guestState: {epoch: 7, generation: 3}}
            """.formatted(Vms.NAMESPACE, Vms.UID, BackupLocations.ID, INDEX), VMBackup.class));
    private Optional<BackupLocation> location = Optional.of(BackupLocations.foundOn(
            BackupLocations.named("nas", BackupLocations.folder("/nas", List.of(Vms.NAMESPACE))), "host-a", "host-b"));
    private final List<DownloadFacts.Node> nodes = new ArrayList<>(List.of(node("host-a"), node("host-b")));
    private ClusterBackupKeys backupKeys = ClusterBackupKeys.NONE;

    DownloadPassTest() {
        keepKey(Vms.NAMESPACE);
    }

    private static final class Grants implements RestoreGrants {
        private Optional<Problem> problem = Optional.empty();
        private final List<String> asked = new ArrayList<>();

        @Override
        public Optional<Problem> problem(BackupLocationSpec location) {
            return problem;
        }

        @Override
        public Result<byte[]> toRestore(BackupLocationSpec location, BackupRef wanted, UUID restore) {
            asked.add(restore + " " + wanted.id().backup());
            return problem.<Result<byte[]>>map(Result.Refused::new).orElseGet(() -> new Result.Value<>(GRANT));
        }
    }

    private void keepKey(String namespace) {
        secrets.put(Vms.UID, ProtectionKeySecret.of(OPERATORS, Vms.UID, namespace, "payroll", key.bytes()));
    }

    private DownloadFacts.Node node(String name) {
        return node(name, true, "{address: 192.0.2.10, consolePort: 16516}");
    }

    private DownloadFacts.Node node(String name, boolean alive, String status) {
        return new DownloadFacts.Node(
                Serialization.unmarshal(
                        "metadata: {name: %s}\nspec: {}\nstatus: %s".formatted(name, status), ClusterNode.class),
                alive,
                new Result.Value<>(sealing.get(name).certificate()));
    }

    private VMBackupDownloadStatus pass() {
        ApiReader reader = (ApiReader) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {ApiReader.class}, (proxy, method, arguments) -> {
                    assertThat(method.getName()).isEqualTo("secret");
                    assertThat(arguments[0]).isEqualTo(OPERATORS);
                    return Optional.ofNullable(secrets.get(arguments[1]));
                });
        ResourceWriter none = (ResourceWriter) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {ResourceWriter.class}, (proxy, method, arguments) -> {
                    throw new AssertionError(method.getName());
                });
        List<VMBackupDownloadStatus> written = new ArrayList<>();
        new DownloadPass(
                        new DownloadSealer(OPERATORS, reader, new EscrowGatherer(() -> backupKeys), grants, random),
                        new KeyReleases(reader, none, new AuditLog(InstantSource.fixed(NOW), audited::add)),
                        () -> "PEM")
                .run(facts(), written::add);
        assertThat(written).hasSize(1);
        download.setStatus(written.getFirst());
        return written.getFirst();
    }

    private DownloadFacts facts() {
        return new DownloadFacts(download, backup, location, List.copyOf(nodes), NOW);
    }

    private RestoreEnvelope.Content opened(VMBackupDownloadStatus status) throws EnvelopeRefusedException {
        return RestoreEnvelope.open(
                Base64.getDecoder().decode(status.envelope()),
                sealing.get(status.nodeName()).pair(),
                new RestoreEnvelope.Address(UID, UUID.fromString(Vms.UID), status.nodeName()));
    }

    private static Condition open(VMBackupDownloadStatus status) {
        return ConditionType.Open.in(status.conditions()).orElseThrow();
    }

    private void assertRefused(Reason reason, String... words) {
        VMBackupDownloadStatus status = pass();
        assertThat(open(status).getReason()).isEqualTo(reason.name());
        assertThat(open(status).getStatus()).isEqualTo("False");
        assertThat(open(status).getMessage()).contains(words);
        assertThat(status.envelope()).isNull();
        assertThat(status.nodeName()).isNull();
        assertThat(audited).noneMatch(line -> line.contains("Unknown"));
    }

    @Test
    void aNodeGetsTheKeysOfTheBackupsAndTheStatusSaysWhereTheDiskIsRead() throws EnvelopeRefusedException {
        VMBackupDownloadStatus status = pass();

        assertThat(status.nodeName()).isIn("host-a", "host-b");
        assertThat(status.address()).isEqualTo("192.0.2.10");
        assertThat(status.port()).isEqualTo(16516);
        assertThat(status.authority()).isEqualTo("PEM");
        assertThat(status.backupOf()).isEqualTo(Vms.UID);
        assertThat(status.backup().name()).isEqualTo("monday");
        assertThat(status.backup().indexSHA256()).isEqualTo(INDEX);
        assertThat(status.location()).isEqualTo(BackupRunSpec.Location.of(location.get()));
        assertThat(status.expirationTime()).isEqualTo("2026-03-02T12:00:00Z");
        assertThat(open(status).getReason()).isEqualTo(Reason.DownloadOpen.name());
        try (RestoreEnvelope.Content content = opened(status);
                BackupKeys expected = BackupKeys.of(key, UUID.fromString(Vms.UID))) {
            assertThat(content.keys().packSecret()).isEqualTo(expected.packSecret());
            assertThat(content.grant()).isEmpty();
        }
        assertThat(audited)
                .singleElement()
                .asString()
                .contains("BackupKeysReleased", "VMBackupDownload", "monday-x7k2p", status.nodeName(), "ada", Vms.UID)
                .doesNotContain(status.envelope());
    }

    @Test
    void theNodeKeepsTheKeysThatItHas() {
        VMBackupDownloadStatus first = pass();

        assertThat(pass()).isEqualTo(first);
        location = Optional.of(BackupLocations.foundOn(location.get()));
        assertThat(pass()).as("it opened the store before").isEqualTo(first);
        assertThat(audited).hasSize(1);
    }

    @Test
    void anotherNodeGetsThemWhenThatOneIsGone() {
        String first = pass().nodeName();
        nodes.replaceAll(node ->
                node.name().equals(first) ? node(first, false, "{address: 192.0.2.10, consolePort: 16516}") : node);

        assertThat(pass().nodeName()).isNotEqualTo(first).isNotNull();
        assertThat(audited).hasSize(2);
    }

    /** It may be sending, and whoever watches the agents may have been away. */
    @Test
    void aSilentNodeKeepsThemWhileNoOtherCanServe() {
        VMBackupDownloadStatus first = pass();
        nodes.replaceAll(node -> node(node.name(), false, "{address: 192.0.2.10, consolePort: 16516}"));

        assertThat(pass()).isEqualTo(first);
        nodes.removeIf(node -> node.name().equals(first.nodeName()));
        assertRefused(Reason.NoNodeFits, "is not responding");
    }

    /** It was deleted, and another one has its name. */
    @Test
    void theKeysAreSealedAnewForAnotherBackup() {
        String first = pass().envelope();
        backup = Optional.of(Serialization.clone(backup.get()));
        backup.get()
                .setStatus(Serialization.unmarshal(
                        """
                phase: Completed
                vmUID: %s
                backupUID: 00000000-0000-4000-8000-0000000000b2
                locationID: %s
                result: {indexSHA256: "%s"}
                """.formatted(Vms.UID, BackupLocations.ID, "f".repeat(64)), VMBackupStatus.class));

        assertThat(pass().envelope()).isNotEqualTo(first);
    }

    @Test
    void whatMayNotBeReadAnyMoreIsTakenBack() {
        pass();
        location = Optional.of(BackupLocations.named("nas", BackupLocations.folder("/nas", List.of("another"))));
        assertRefused(Reason.NamespaceNotAllowed, "BackupLocation nas", Vms.NAMESPACE);
    }

    @Test
    void aBackupThatCannotBeUsedIsNamed() {
        location = Optional.of(BackupLocations.named("nas", BackupLocations.folder("/nas", List.of("another"))));
        assertRefused(Reason.NamespaceNotAllowed, "BackupLocation nas", Vms.NAMESPACE);
        location = Optional.empty();
        assertRefused(Reason.BackupLocationNotFound, "BackupLocation nas", "VMBackup monday");
        backup = Optional.of(Serialization.unmarshal(
                "metadata: {namespace: x, name: monday}\nspec: {locationRef: {name: nas}}\nstatus: {phase: Failed}",
                VMBackup.class));
        assertRefused(Reason.BackupNotUsable, "VMBackup monday", "not completed");
        backup = Optional.empty();
        assertRefused(Reason.BackupNotUsable, "VMBackup monday", "does not exist");
        assertThat(audited).isEmpty();
    }

    @Test
    void whyNoNodeServesItIsSaidOfEach() {
        nodes.set(0, node("host-a", false, "{address: 192.0.2.10, consolePort: 16516}"));
        nodes.set(1, node("host-b", true, "{address: 192.0.2.10}"));
        assertRefused(Reason.NoNodeFits, "host-a: its agent is not responding", "host-b: ", "--console-port");

        nodes.set(0, node("host-a"));
        nodes.set(
                1,
                new DownloadFacts.Node(
                        node("host-b").node(),
                        true,
                        new Result.Refused<>(new Problem(Reason.CertificatePending, "it is not enrolled"))));
        location = Optional.of(BackupLocations.foundOn(location.get(), "host-b"));
        assertRefused(Reason.NoNodeFits, "BackupLocation nas", "host-b: it is not enrolled");
        nodes.clear();
        assertRefused(Reason.NoNodeFits, "no ClusterNode");
    }

    @Test
    void theNodeGetsWhatItMayAskOfABucket() throws EnvelopeRefusedException {
        location = Optional.of(bucket());
        try (RestoreEnvelope.Content content = opened(pass())) {
            assertThat(content.grant()).isEqualTo(GRANT);
        }
        assertThat(grants.asked).containsExactly(UID + " 00000000-0000-4000-8000-0000000000b1");
    }

    @Test
    void aBucketThatDoesNotAnswerIsWaitedFor() {
        location = Optional.of(bucket());
        grants.problem = Optional.of(new Problem(Reason.BackupLocationUnavailable, "it has not answered"));
        assertRefused(Reason.BackupLocationUnavailable, "it has not answered");
        assertThat(audited).isEmpty();
        grants.problem = Optional.empty();
        assertThat(pass().nodeName()).isNotNull();
    }

    private static BackupLocation bucket() {
        BackupLocationSpec spec = BackupLocations.bucket(
                Serialization.unmarshal("endpoint: https://s3.example.com\nbucket: b", S3.class));
        BackupLocation location = BackupLocations.named("nas", spec);
        assertThat(spec.allows(Vms.NAMESPACE)).as("offered to all").isTrue();
        return location;
    }

    /** A backup may be on record in a namespace that its VM is not in. */
    @Test
    void theKeyOfAVmOfAnotherNamespaceIsNotUsed() {
        keepKey("another");
        assertRefused(Reason.EscrowUnusable, Vms.UID, "VM of this namespace", "has no escrow");
        assertThat(audited).isEmpty();
    }

    @Test
    void withoutTheKeyItIsTakenFromTheBackupsEscrow() throws EnvelopeRefusedException {
        secrets.clear();
        assertRefused(Reason.EscrowUnusable, Vms.UID, "kubectl tlvm backup import");
        withEscrowOf("another");
        assertRefused(Reason.EscrowUnusable, "of another VM");
        withEscrowOf(Vms.NAMESPACE);
        try (RestoreEnvelope.Content content = opened(pass());
                BackupKeys expected = BackupKeys.of(key, UUID.fromString(Vms.UID))) {
            assertThat(content.keys().packSecret()).isEqualTo(expected.packSecret());
        }
    }

    private void withEscrowOf(String namespace) {
        BackupKeyPair pair = BackupKeyPair.create(random, Instant.parse("2026-01-01T00:00:00Z"));
        backupKeys = ClusterBackupKeys.of(Map.of(
                ClusterBackupKeys.KEY, base64(pair.keyPem().getBytes(US_ASCII)),
                ClusterBackupKeys.CERTIFICATE, base64(pair.certificatePem().getBytes(US_ASCII))));
        TrustedLaunchVM saved = Vms.vm(Vms.spec().build());
        saved.getMetadata().setNamespace(namespace);
        saved.setStatus(TrustedLaunchVMStatusBuilder.builder()
                .nodeName("host-a")
                .epoch(7L)
                .build());
        backup.get()
                .setStatus(VMBackupStatusBuilder.builder(backup.get().getStatus())
                        .escrow(base64(BackedUpVm.escrow(
                                        saved,
                                        Optional.of(Incarnations.machine().build()),
                                        key)
                                .seal(backupKeys.sealing().get(), random)))
                        .build());
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    @Test
    void anEventSaysWhoReadsWhatOnceItOpens() {
        assertThat(DownloadEvents.of(
                        download, new DownloadStatus(facts()).unavailable(new Problem(Reason.NoNodeFits, ""))))
                .isEmpty();
        VMBackupDownloadStatus open =
                new DownloadStatus(facts()).open(node("host-a").node(), "c2VhbGVk", "PEM");
        assertThat(DownloadEvents.of(download, open))
                .containsExactly(EventDraft.normal(
                        Reason.DownloadOpen, "disk root of VMBackup monday can be read on node host-a by ada"));
        download.setStatus(open);
        assertThat(DownloadEvents.of(download, open)).isEmpty();
    }

    @Nested
    class Expiry extends JumpingClocksContract {
        @Override
        protected Duration pause() {
            return DownloadStatus.LIFETIME;
        }

        @Override
        protected boolean waits(Instant since, Instant now) {
            download.getMetadata().setCreationTimestamp(since.toString());
            return DownloadStatus.left(download, now).isPositive();
        }
    }
}
