package io.trustedlaunch.operator.vm.seal;

import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Running;
import static io.trustedlaunch.testkit.Incarnations.reported;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.Result;
import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.api.backup.RecordedBackup;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.restore.DiskFill;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Fill;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusFillBuilder;
import io.trustedlaunch.custody.BackupKeys;
import io.trustedlaunch.custody.NodeKeyPair;
import io.trustedlaunch.custody.ProtectionKey;
import io.trustedlaunch.custody.RestoreEnvelope;
import io.trustedlaunch.operator.vm.facts.FillFacts;
import io.trustedlaunch.operator.vm.facts.FillFactsBuilder;
import io.trustedlaunch.operator.vm.facts.KeyFixture;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.operator.vm.plan.VmScene;
import io.trustedlaunch.testkit.BackupLocations;
import io.trustedlaunch.testkit.Incarnations;
import io.trustedlaunch.testkit.SealingNodes;
import io.trustedlaunch.testkit.Vms;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What the node that fills a VM's disks is given: the keys of the backups, and the URLs of a bucket while they are valid. */
class DiskFillEnvelopeTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final UUID FILL = UUID.fromString("22222222-2222-4333-8444-555555555555");
    private static final String ORIGINAL = "77777777-2222-4333-8444-555555555555";
    private static final BackupRunSpec.Location BUCKET =
            new BackupRunSpec.Location("nas", BackupLocations.ID.toString(), null, "https://s3.example/b");

    private final NodeKeyPair pair = NodeKeyPair.generate(RANDOM);
    private final Sealer sealer = new Sealer(
            Incarnations.NAMESPACE,
            SealingNodes.certificates(() -> SealingNodes.NOW),
            new Escrows(Optional.empty(), RANDOM),
            RANDOM);

    @Test
    void theNodeGetsTheKeysOfTheVmsOwnBackups() throws Exception {
        Fill fill = fill(Vms.UID, BackupLocations.ref("nas", "/backups"));
        VmFacts facts = facts(fill, FillFacts.NONE);
        DiskFill run = run(fill, facts);

        assertThat(run.getMetadata().getName()).isEqualTo(FILL.toString());
        assertThat(run.getSpec().isFor(facts.vm().resource(), fill, "host-a")).isTrue();
        assertThat(run.getSpec().storageLocation().name()).isEqualTo("default");
        assertThat(run.getSpec().expirationTime()).isNull();
        RestoreEnvelope.Content opened = open(run.getSpec().envelope(), Vms.UID);
        assertThat(opened.grant()).isEmpty();
        assertThat(opened.keys().packSecret()).isEqualTo(packSecret(KeyFixture.protectionKey(), Vms.UID));
    }

    @Test
    void ofACopyItGetsThoseOfTheOtherVmAndTheUrlsWithTheirTime() throws Exception {
        Fill fill = fill(ORIGINAL, BUCKET);
        ProtectionKey other = ProtectionKey.generate(RANDOM);
        VmFacts facts = facts(
                fill,
                FillFactsBuilder.builder(FillFacts.NONE)
                        .grant(Optional.of(new Result.Value<>(new byte[] {1, 2})))
                        .copied(Optional.of(new Result.Value<>(other)))
                        .build());
        DiskFill run = run(fill, facts);

        RestoreEnvelope.Content opened = open(run.getSpec().envelope(), ORIGINAL);
        assertThat(opened.grant()).containsExactly(1, 2);
        assertThat(opened.keys().packSecret()).isEqualTo(packSecret(other, ORIGINAL));
        String expires = VmScene.NOON.plus(Duration.ofHours(24)).toString();
        assertThat(run.getSpec().expirationTime()).isEqualTo(expires);

        Map<String, Object> renewed = sealer.renewed(fill, run, facts).content();
        assertThat(renewed).containsOnlyKeys("envelope", "expirationTime").containsEntry("expirationTime", expires);
        assertThat(open((String) renewed.get("envelope"), ORIGINAL).grant()).containsExactly(1, 2);
        assertThat(FillFacts.isSealDue(run, Optional.of(key()), VmScene.NOON.plus(Duration.ofHours(11))))
                .isFalse();
        assertThat(FillFacts.isSealDue(run, Optional.of(key()), VmScene.NOON.plus(Duration.ofHours(12))))
                .isTrue();
        assertThat(FillFacts.isSealDue(run, Optional.of("another"), VmScene.NOON))
                .isTrue();
    }

    private String key() {
        return SealingNodes.certificates(() -> SealingNodes.NOW)
                .recipient("host-a", SealingNodes.node("host-a", pair).status())
                .keyIdentifier();
    }

    private DiskFill run(Fill fill, VmFacts facts) {
        return sealer.diskFill(fill, facts.incarnations().current().orElseThrow(), facts)
                .content();
    }

    private RestoreEnvelope.Content open(String envelope, String backupOf) throws Exception {
        return RestoreEnvelope.open(
                Base64.getDecoder().decode(envelope),
                pair,
                new RestoreEnvelope.Address(FILL.toString(), UUID.fromString(backupOf), "host-a"));
    }

    private static byte[] packSecret(ProtectionKey key, String vm) {
        return BackupKeys.of(key, UUID.fromString(vm)).packSecret();
    }

    private static Fill fill(String backupOf, BackupRunSpec.Location location) {
        return TrustedLaunchVMStatusFillBuilder.builder()
                .uid(FILL.toString())
                .backup(new RecordedBackup("monday", "11111111-2222-4333-8444-555555555555", "ab".repeat(32)))
                .backupOf(backupOf)
                .location(location)
                .build();
    }

    private VmFacts facts(Fill fill, FillFacts known) {
        return VmScene.recorded(4)
                .status(status -> status.diskFill(fill))
                .incarnation(4, Running, reported(Phase.Preparing))
                .node(
                        "host-a",
                        node -> node.status(SealingNodes.node("host-a", pair).getStatus()))
                .facts(facts -> facts.fill(known))
                .facts();
    }
}
