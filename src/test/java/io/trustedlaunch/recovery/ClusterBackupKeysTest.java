package io.trustedlaunch.recovery;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.vm.RetainedVMRecord;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Home;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusBuilder;
import io.trustedlaunch.custody.BackupKeyPair;
import io.trustedlaunch.custody.ProtectionKey;
import io.trustedlaunch.custody.RecoveryCertificate;
import io.trustedlaunch.testkit.Incarnations;
import io.trustedlaunch.testkit.Vms;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ClusterBackupKeysTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Instant NOW = Instant.parse("2026-11-28T02:00:00Z");

    private final BackupKeyPair pair = BackupKeyPair.create(RANDOM, NOW);
    private final ProtectionKey key = ProtectionKey.generate(RANDOM);

    public static Map<String, String> data(BackupKeyPair pair) {
        return new HashMap<>(Map.of(
                ClusterBackupKeys.KEY, base64(pair.keyPem()),
                ClusterBackupKeys.CERTIFICATE, base64(pair.certificatePem())));
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(US_ASCII));
    }

    private static TrustedLaunchVM vm() {
        TrustedLaunchVM vm = Vms.vm(Vms.spec().build());
        vm.getMetadata().setAnnotations(Map.of("note", "x".repeat(10_000)));
        vm.setStatus(TrustedLaunchVMStatusBuilder.builder()
                .nodeName("host-a")
                .epoch(7L)
                .vTPM(new TrustedLaunchVMStatus.VTpm(Vms.EK, null))
                .build());
        return vm;
    }

    private byte[] sealed(BackupKeyPair by) {
        return BackedUpVm.escrow(vm(), Optional.of(Incarnations.machine().build()), key)
                .seal(RecoveryCertificate.fromPem(by.certificatePem()), RANDOM);
    }

    @Test
    void theKeyOpensWhatItsCertificateSealed() {
        ClusterBackupKeys keys = ClusterBackupKeys.of(data(pair));

        assertThat(keys.sealing()).isPresent();
        assertThat(keys.open(sealed(pair))).isInstanceOfSatisfying(Escrow.Opening.Opened.class, opened -> {
            assertThat(opened.escrow().key()).isEqualTo(key);
            assertThat(opened.escrow().record().uid()).isEqualTo(Vms.UID);
            assertThat(opened.escrow().vm().getMetadata().getAnnotations()).isNull();
        });
    }

    @Test
    void aReplacedKeyStillOpensAndDoesNotSeal() {
        BackupKeyPair next = BackupKeyPair.create(RANDOM, NOW);
        Map<String, String> data = data(next);
        data.put("2026.key", base64(pair.keyPem()));

        ClusterBackupKeys keys = ClusterBackupKeys.of(data);

        assertThat(keys.open(sealed(pair))).isInstanceOf(Escrow.Opening.Opened.class);
        assertThat(keys.open(sealed(next))).isInstanceOf(Escrow.Opening.Opened.class);
        assertThat(keys.sealing().get().keyId())
                .isEqualTo(RecoveryCertificate.fromPem(next.certificatePem()).keyId());
    }

    @Test
    void anotherClustersKeyOpensNothingHere() {
        BackupKeyPair other = BackupKeyPair.create(RANDOM, NOW);

        assertThat(ClusterBackupKeys.of(data(other)).open(sealed(pair)))
                .isInstanceOfSatisfying(
                        Escrow.Opening.Refused.class,
                        refused -> assertThat(refused.message()).contains("it was sealed for"));
        assertThat(ClusterBackupKeys.NONE.open(sealed(pair))).isInstanceOf(Escrow.Opening.Refused.class);
    }

    @Test
    void whatIsAlteredOrTooLargeOrNothingDoesNotOpen() {
        ClusterBackupKeys keys = ClusterBackupKeys.of(data(pair));
        byte[] escrow = sealed(pair);
        for (int at = 0; at < escrow.length; at += 97) {
            byte[] altered = escrow.clone();
            altered[at] ^= 1;
            assertThat(keys.open(altered)).as("byte " + at).isInstanceOf(Escrow.Opening.Refused.class);
        }
        assertThat(keys.open(new byte[Escrow.MAX_BYTES + 1])).isInstanceOf(Escrow.Opening.Refused.class);
        assertThat(keys.open(new byte[0])).isInstanceOf(Escrow.Opening.Refused.class);
    }

    @Test
    void aSecretThatIsNotUsableSaysWhichEntryAndQuotesNone() {
        Map<String, String> mixed = data(pair);
        mixed.put(
                ClusterBackupKeys.CERTIFICATE,
                base64(BackupKeyPair.create(RANDOM, NOW).certificatePem()));
        assertThatThrownBy(() -> ClusterBackupKeys.of(mixed))
                .hasMessage("backup.crt is not the certificate of backup.key");

        Map<String, String> damaged = data(pair);
        damaged.put("old.key", base64("c0ffee"));
        assertThatThrownBy(() -> ClusterBackupKeys.of(damaged))
                .hasMessageContaining("old.key is not a private key")
                .hasMessageNotContaining("c0ffee");

        assertThat(ClusterBackupKeys.of(Map.of())).isEqualTo(ClusterBackupKeys.NONE);
    }

    @Test
    void noKeyIsPrinted() {
        assertThat(pair.toString())
                .doesNotContain(pair.keyPem().lines().toList().get(1));
        assertThat(ClusterBackupKeys.of(data(pair)).toString())
                .doesNotContain(pair.keyPem().lines().toList().get(1));
    }

    /** Hosts may remember later incarnations; what the backup has is all that counts. */
    @Test
    void theRecordOfAVmThatComesBackIsThatOfItsBackup() {
        GuestStateVersion state = new GuestStateVersion(8L, 212L);

        RetainedVMRecord record =
                BackedUpVm.record(BackedUpVm.escrow(vm(), Optional.empty(), key), state, Optional.of("namespace-uid"));

        assertThat(record.epoch()).isEqualTo(1008);
        assertThat(record.namespaceUID()).isEqualTo("namespace-uid");
        assertThat(record.objectUID()).isEqualTo(Vms.UID);
        assertThat(record.vTPM().ekDigest()).isEqualTo(Vms.EK);
        assertThat(record.guestState().newest()).isEqualTo(state);
        assertThat(record.guestState().floor()).isEqualTo(state);
        assertThat(record.home()).isEqualTo(new Home("default", "host-a", 8L, true, null));
    }
}
