package io.trustedlaunch.operator.vm;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.Result;
import io.trustedlaunch.api.backup.BackupMode;
import io.trustedlaunch.api.backup.BackupResultBuilder;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupSpec;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.backup.VMBackupStatusBuilder;
import io.trustedlaunch.api.vm.ApprovedRestore;
import io.trustedlaunch.api.vm.ProtectionKeySecret;
import io.trustedlaunch.api.vm.RestoreFrom;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusBuilder;
import io.trustedlaunch.custody.BackupKeyPair;
import io.trustedlaunch.custody.ProtectionKey;
import io.trustedlaunch.operator.vm.facts.EscrowFacts;
import io.trustedlaunch.operator.vm.facts.KeyFacts;
import io.trustedlaunch.operator.vm.facts.KeyFixture;
import io.trustedlaunch.recovery.BackedUpVm;
import io.trustedlaunch.recovery.ClusterBackupKeys;
import io.trustedlaunch.testkit.Incarnations;
import io.trustedlaunch.testkit.Vms;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class EscrowGathererTest {
    private static final GuestStateVersion STATE = new GuestStateVersion(7L, 3L);

    private final SecureRandom random = new SecureRandom();
    private ClusterBackupKeys keys = newKeys();

    private ClusterBackupKeys newKeys() {
        BackupKeyPair pair = BackupKeyPair.create(random, Instant.parse("2026-01-01T00:00:00Z"));
        return ClusterBackupKeys.of(Map.of(
                ClusterBackupKeys.KEY, base64(pair.keyPem().getBytes(US_ASCII)),
                ClusterBackupKeys.CERTIFICATE, base64(pair.certificatePem().getBytes(US_ASCII))));
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    private String escrow() {
        return escrowIn(Vms.NAMESPACE);
    }

    private String escrowIn(String namespace) {
        TrustedLaunchVM saved = Vms.vm(Vms.spec().build());
        saved.getMetadata().setNamespace(namespace);
        saved.setStatus(TrustedLaunchVMStatusBuilder.builder()
                .nodeName("host-a")
                .epoch(7L)
                .build());
        return base64(
                BackedUpVm.escrow(saved, Optional.of(Incarnations.machine().build()), KeyFixture.protectionKey())
                        .seal(keys.sealing().get(), random));
    }

    private EscrowFacts gather(KeyFacts key, Optional<VMBackup> backup) {
        TrustedLaunchVM vm = Vms.vm(Vms.spec()
                .restoreFrom(new RestoreFrom(new RestoreFrom.RetainedVM(Vms.UID)))
                .approveRestore(new ApprovedRestore(new ObjectRef("monday"), "ada"))
                .build());
        return new EscrowGatherer(() -> keys).gather(vm, key, backup);
    }

    private EscrowFacts gather(UnaryOperator<VMBackupStatusBuilder> change) {
        return gather(KeyFixture.NO_KEY, Optional.of(backup(change)));
    }

    private VMBackup backup(UnaryOperator<VMBackupStatusBuilder> change) {
        VMBackup backup = new VMBackup();
        backup.setMetadata(new ObjectMetaBuilder()
                .withNamespace(Vms.NAMESPACE)
                .withName("monday")
                .build());
        backup.setSpec(new VMBackupSpec(new ObjectRef(Vms.NAME), new ObjectRef("nas"), BackupMode.Auto));
        backup.setStatus(change.apply(VMBackupStatusBuilder.builder()
                        .phase(VMBackupStatus.Phase.Completed)
                        .vmUID(Vms.UID)
                        .result(BackupResultBuilder.builder().guestState(STATE).build())
                        .escrow(escrow()))
                .build());
        return backup;
    }

    /** For a new VM that gets copies of the disks. */
    private Result<ProtectionKey> copied(String copied, KeyFacts key, Optional<VMBackup> backup) {
        TrustedLaunchVM copy = Vms.vm(Vms.spec()
                .restoreFrom(new RestoreFrom(null, new ObjectRef("monday")))
                .build());
        copy.getMetadata().setUid("99999999-2222-4333-8444-555555555555");
        return new EscrowGatherer(() -> keys).copied(copy, copied, key, () -> backup);
    }

    private static void assertRefused(Result<ProtectionKey> found, Reason reason, String... words) {
        assertThat(found).isInstanceOfSatisfying(Result.Refused.class, refused -> {
            assertThat(refused.problem().reason()).isEqualTo(reason);
            assertThat(refused.problem().message()).contains(words);
        });
    }

    private static String why(EscrowFacts facts) {
        assertThat(facts).isInstanceOf(EscrowFacts.Unusable.class);
        return ((EscrowFacts.Unusable) facts).why();
    }

    @Test
    void theEscrowOfTheApprovedBackupIsOpened() {
        assertThat(gather(status -> status)).isInstanceOfSatisfying(EscrowFacts.Opened.class, opened -> {
            assertThat(opened.escrow().key()).isEqualTo(KeyFixture.protectionKey());
            assertThat(opened.vmUID()).isEqualTo(Vms.UID);
            assertThat(opened.guestState()).isEqualTo(STATE);
        });
    }

    @Test
    void aVmThatHasItsKeyNeedsNone() {
        assertThat(gather(KeyFixture.held(), Optional.empty())).isEqualTo(new EscrowFacts.None());
    }

    @Test
    void itSaysWhyThereIsNone() {
        assertThat(why(gather(KeyFixture.NO_KEY, Optional.empty()))).contains("monday", "does not exist");
        assertThat(why(gather(status -> status.phase(VMBackupStatus.Phase.Failed))))
                .contains("not completed");
        assertThat(why(gather(status -> status.escrow(null)))).contains("no escrow");
        assertThat(why(gather(status -> status.escrow("%")))).contains("does not open");
        String forAnother = escrow();
        keys = newKeys();
        assertThat(why(gather(status -> status.escrow(forAnother)))).contains("does not open", "sealed for");
    }

    @Test
    void aCopyTakesTheOriginalsKeyFromTheClusterOrElseFromTheEscrow() {
        Result<ProtectionKey> usable = new Result.Value<>(KeyFixture.protectionKey());

        assertThat(copied(Vms.UID, held(Vms.NAMESPACE), Optional.empty())).isEqualTo(usable);
        assertThat(copied(Vms.UID, KeyFixture.NO_KEY, Optional.of(backup(status -> status))))
                .isEqualTo(usable);
    }

    /** Whatever the record of the backup says whose it is. */
    @Test
    void theKeyOfAVmOfAnotherNamespaceCopiesNothing() {
        assertRefused(
                copied(Vms.UID, held("another"), Optional.of(backup(status -> status.escrow(null)))),
                Reason.EscrowUnusable,
                Vms.UID,
                "as that of a VM of this namespace");
        assertThat(copied(Vms.UID, held("another"), Optional.of(backup(status -> status))))
                .isEqualTo(new Result.Value<>(KeyFixture.protectionKey()));
    }

    private static KeyFacts held(String namespace) {
        return new KeyFacts.Held(
                new SecretBuilder()
                        .withNewMetadata()
                        .withName(Vms.UID)
                        .withAnnotations(Map.of(ProtectionKeySecret.VM_NAMESPACE, namespace))
                        .endMetadata()
                        .build(),
                KeyFixture.protectionKey(),
                false);
    }

    @Test
    void withoutAUsableEscrowNothingIsCopied() {
        assertRefused(
                copied(
                        Vms.UID,
                        new KeyFacts.Invalid(new Secret(), "it is short"),
                        Optional.of(backup(status -> status))),
                Reason.KeyInvalid,
                Vms.UID,
                "it is short");
        assertRefused(
                copied(Vms.UID, KeyFixture.NO_KEY, Optional.of(backup(status -> status.escrow(null)))),
                Reason.EscrowUnusable,
                Vms.UID,
                "has no escrow",
                "kubectl tlvm backup import");
        assertRefused(
                copied(Vms.UID, KeyFixture.NO_KEY, Optional.empty()),
                Reason.EscrowUnusable,
                "monday",
                "does not exist");
        String other = "00000000-0000-4000-8000-000000000001";
        for (Result<ProtectionKey> mixedUp : List.of(
                copied(other, KeyFixture.NO_KEY, Optional.of(backup(status -> status.vmUID(other)))),
                copied(other, KeyFixture.NO_KEY, Optional.of(backup(status -> status))),
                copied(Vms.UID, KeyFixture.NO_KEY, Optional.of(backup(status -> status.vmUID(other)))),
                copied(
                        Vms.UID,
                        KeyFixture.NO_KEY,
                        Optional.of(backup(status -> status.escrow(escrowIn("another"))))))) {
            assertRefused(mixedUp, Reason.EscrowUnusable, "is of another VM");
        }
    }
}
