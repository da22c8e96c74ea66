package io.trustedlaunch.recovery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.vm.RetainedVMRecord;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.custody.RecoveryCertificate;
import io.trustedlaunch.custody.RecoveryKey;
import io.trustedlaunch.recovery.VmRecovery.Outcome;
import io.trustedlaunch.recovery.VmRecovery.Outcome.Failed;
import io.trustedlaunch.recovery.VmRecovery.Outcome.Recovered;
import io.trustedlaunch.testkit.Claimants;
import io.trustedlaunch.testkit.Golden;
import io.trustedlaunch.testkit.Incarnations;
import io.trustedlaunch.testkit.RecoveryPair;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From a VM's folder and the recovery key to the manifests; a warning names the file and its fault. */
class VmRecoveryTest {
    private static final UUID PAYROLL = UUID.fromString("5e8f51bc-0031-4c5f-9f5a-6f8e1f0b7c11");
    private static final UUID BILLING = UUID.fromString("b5f3a8de-1c1b-4a44-8a0f-6c6a1e0d9f22");
    private static final String NAMESPACE = "trusted-launch-system";

    @TempDir
    static Path folder;

    private static RecoveryCertificate certificate;
    private static RecoveryKey key;

    private final EscrowedVm vm = new EscrowedVm("payroll", PAYROLL, certificate);
    private final EscrowedVm other = new EscrowedVm("billing-2", BILLING, certificate);

    @BeforeAll
    static void makePair() {
        RecoveryPair pair = RecoveryPair.make(folder, "ec:P-256");
        certificate = pair.certificate();
        key = pair.key();
    }

    @Test
    void theManifestsAreAsAUserWouldWriteThem() {
        vm.escrow(3, EscrowedVm.EK).state(3, 6).state(3, 7);
        other.escrow(1, null).state(1, 1);

        Golden.check(
                Path.of("src/test/resources/golden/recovered.yaml"),
                RecoveredManifests.of(List.of(recovered(vm), recovered(other))));
    }

    @Test
    void theRecordLeavesToTheLastHostHowTheIncarnationEnded() {
        RetainedVMRecord record = record(vm.escrow(3, EscrowedVm.EK).state(3, 6).state(3, 7));

        assertThat(record.epoch()).isEqualTo(3);
        assertThat(record.home())
                .isEqualTo(new TrustedLaunchVMStatus.Home("csv-01", "host-a", 3L, false, Incarnations.CLUSTER));
        assertThat(record.guestState().floor()).isEqualTo(new GuestStateVersion(3L, 7L));
        assertThat(record.vTPM().ekDigest()).isEqualTo(EscrowedVm.EK);
        assertThat(recovered(vm).warnings()).isEmpty();
    }

    @Test
    void anEndorsementKeyThatWasNotKnownYetIsThatOfTheState() {
        assertThat(record(vm.escrow(1, null).state(1, 1)).vTPM().ekDigest()).isEqualTo(EscrowedVm.EK);
    }

    @Test
    void aIncarnationThatCameToNothingCountsToo() {
        assertThat(record(vm.escrow(4, EscrowedVm.EK).state(3, 7)).epoch()).isEqualTo(4);
    }

    @Test
    void aStateOfALaterIncarnationThanTheEscrowsIsReported() {
        assertThat(record(vm.escrow(2, EscrowedVm.EK).state(3, 7)).epoch()).isEqualTo(3);
        assertThat(recovered(vm).warnings())
                .singleElement()
                .asString()
                .contains("epoch 3", "host-a", "another node than");
    }

    /** It was recovered before, in a cluster that has no recovery certificate. */
    @Test
    void aStateOfAnotherClusterThanTheEscrowsIsReportedAndNotApproved() {
        vm.escrow(2, EscrowedVm.EK).stateOf(Claimants.of("another-cluster", "host-z", 1), 2, 7);

        assertThat(record(vm).home().cluster()).isEqualTo(Incarnations.CLUSTER);
        assertThat(recovered(vm).warnings())
                .singleElement()
                .asString()
                .contains("node host-z of cluster another-cluster", Incarnations.CLUSTER, "approve guest state 2-7");
    }

    @Test
    void anApprovalOfThatTimeApprovesNothingNow() {
        Recovered recovered = recovered(vm.escrow(3, EscrowedVm.EK).state(3, 7));

        assertThat(recovered.vm().getSpec().approveGuestState()).isNull();
        assertThat(recovered.vm().identity()).isEqualTo(PAYROLL.toString());
        assertThat(recovered.vm().getStatus()).isNull();
    }

    @Test
    void anEscrowForAnotherKeyIsReported(@TempDir Path elsewhere) {
        RecoveryKey another = RecoveryPair.make(elsewhere, "rsa:3072").key();
        vm.escrow(3, EscrowedVm.EK).state(3, 7);

        assertThat(VmRecovery.of(PAYROLL, vm, another, NAMESPACE))
                .isInstanceOfSatisfying(
                        Failed.class,
                        failed -> assertThat(failed.message())
                                .contains("protection-key-3.p7m cannot be used: it was sealed for the recovery key "
                                        + certificate.keyId()));
    }

    @Test
    void swappedEscrowsAreReported() {
        vm.put("protection-key-3.p7m", other.sealedEscrow(3, null)).state(3, 7);

        assertThat(failure(vm)).contains("it is of VM " + BILLING, "in the folder of VM " + PAYROLL);
    }

    @Test
    void anEscrowWhoseVmIsOfAnotherNamespaceThanItsRecordIsForged() {
        for (String namespace : new String[] {"kube-system", null}) {
            vm.put("protection-key-3.p7m", vm.sealedEscrow(3, EscrowedVm.EK, namespace))
                    .state(3, 7);

            assertThat(failure(vm)).contains("its VM is of another namespace than its record");
        }
    }

    @Test
    void aRenamedEscrowIsSkipped() {
        vm.escrow(2, EscrowedVm.EK)
                .put("protection-key-9.p7m", vm.file("protection-key-2.p7m"))
                .state(2, 1);

        assertThat(recovered(vm).warnings()).singleElement().asString().contains("protection-key-9.p7m", "was renamed");
    }

    @Test
    void aDamagedEscrowIsReported() {
        vm.escrow(3, EscrowedVm.EK).state(3, 7);
        byte[] damaged = vm.file("protection-key-3.p7m");
        damaged[damaged.length - 1] ^= 1;

        assertThat(failure(vm))
                .contains("protection-key-3.p7m cannot be used: its content was altered")
                .endsWith("the folder has no usable protection-key-EPOCH.p7m");
    }

    @Test
    void contentThatDoesNotReadIsNotQuoted() {
        String secret = Base64.getEncoder().encodeToString(vm.key.bytes());
        for (String content : List.of(
                "{\"format\":1,\"protectionKey\":\"" + secret + "\"}",
                "{\"format\":1,\"protectionKey\":\"" + secret + "\",\"vm\":7,\"record\":{}}",
                "{\"protectionKey\":\"" + secret + "\"}",
                secret,
                "null")) {
            vm.put("protection-key-3.p7m", certificate.seal(content.getBytes(UTF_8), new SecureRandom()));
            assertThat(failure(vm)).contains("its content").doesNotContain(secret.substring(0, 8));
        }
        vm.put("protection-key-3.p7m", certificate.seal("{\"format\":2}".getBytes(UTF_8), new SecureRandom()));
        assertThat(failure(vm)).contains("it has format 2, and this version reads up to 1");
    }

    @Test
    void aFolderWithoutAnEscrowOrWithoutAStateFails() {
        assertThat(failure(vm.state(3, 7))).isEqualTo("the folder has no usable protection-key-EPOCH.p7m");
        assertThat(failure(other.escrow(1, null))).contains("the folder has no usable guest state");
    }

    @Test
    void theNewestStateThatOpensIsRecordedAndTheOthersAreReported() {
        vm.escrow(3, EscrowedVm.EK).state(3, 5).state(3, 6).state(3, 7);
        vm.put("guest-state-3-8.p7m", vm.file("guest-state-3-5.p7m"));
        vm.file("guest-state-3-7.p7m")[100] ^= 1;

        assertThat(record(vm).guestState().floor()).isEqualTo(new GuestStateVersion(3L, 6L));
        assertThat(recovered(vm).warnings())
                .hasSize(2)
                .anyMatch(warning ->
                        warning.startsWith("guest-state-3-8.p7m cannot be used") && warning.contains("renamed"))
                .anyMatch(warning -> warning.startsWith("guest-state-3-7.p7m cannot be used"));
    }

    @Test
    void statesOfAnotherVmOrUnderAnotherKeyAreReported() {
        vm.escrow(3, EscrowedVm.EK).put("guest-state-3-7.p7m", other.state(3, 7).file("guest-state-3-7.p7m"));
        assertThat(failure(vm)).contains("it was sealed for VM " + BILLING);

        EscrowedVm underOtherKey = new EscrowedVm("of-another-key", PAYROLL, certificate).state(3, 7);
        vm.put("guest-state-3-7.p7m", underOtherKey.file("guest-state-3-7.p7m"));
        assertThat(failure(vm)).contains("it was sealed under key");
    }

    @Test
    void aStateOfAnotherTpmThanOnRecordIsReported() {
        assertThat(failure(vm.escrow(3, EscrowedVm.EK).state(3, 7, "77".repeat(32))))
                .contains("its TPM has endorsement key " + "77".repeat(32), "the record has " + EscrowedVm.EK);
    }

    @Test
    void unreadableFilesAreReported() {
        vm.escrow(3, EscrowedVm.EK).state(3, 6).state(3, 7);
        EscrowedVm unreadable = vm;

        Outcome outcome = VmRecovery.of(
                PAYROLL,
                new io.trustedlaunch.gueststate.HomeReader() {
                    @Override
                    public List<String> list() {
                        return unreadable.list();
                    }

                    @Override
                    public byte[] read(String name, int limit) throws IOException {
                        if (name.equals("guest-state-3-7.p7m")) {
                            throw new IOException("Input/output error");
                        }
                        return unreadable.read(name, limit);
                    }
                },
                key,
                NAMESPACE);

        assertThat(((Recovered) outcome).newest()).isEqualTo(new GuestStateVersion(3L, 6L));
        assertThat(((Recovered) outcome).warnings()).singleElement().asString().contains("Input/output error");
    }

    @Test
    void nothingThatIsPrintedByAccidentHoldsTheKey() {
        Recovered recovered = recovered(vm.escrow(3, EscrowedVm.EK).state(3, 7));
        Escrow escrow = ((Escrow.Opening.Opened) Escrow.open(vm.file("protection-key-3.p7m"), key)).escrow();

        assertThat(recovered.toString() + escrow)
                .contains("payroll", vm.key.keyId())
                .doesNotContain(
                        Base64.getEncoder().encodeToString(vm.key.bytes()).substring(0, 8));
    }

    private static Recovered recovered(EscrowedVm of) {
        Outcome outcome = VmRecovery.of(of.uid, of, key, NAMESPACE);
        assertThat(outcome).isInstanceOf(Recovered.class);
        return (Recovered) outcome;
    }

    private static RetainedVMRecord record(EscrowedVm of) {
        return RetainedVMRecord.parse(
                recovered(of).key().getMetadata().getAnnotations().get(Api.RETAINED_VM));
    }

    private static String failure(EscrowedVm of) {
        Outcome outcome = VmRecovery.of(of.uid, of, key, NAMESPACE);
        assertThat(outcome).isInstanceOf(Failed.class);
        return ((Failed) outcome).message();
    }
}
