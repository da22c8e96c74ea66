package io.trustedlaunch.operator.vm.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RunStrategy;
import io.trustedlaunch.api.TrustedLaunchVMStatus;
import io.trustedlaunch.api.TrustedLaunchVMStatus.VTpm;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationStatus;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.VMIncarnationStatusBuilder;
import io.trustedlaunch.custody.Certificates;
import io.trustedlaunch.custody.EkCertificateAuthority;
import io.trustedlaunch.custody.EkPublicArea;
import io.trustedlaunch.operator.vm.plan.VmScene;
import io.trustedlaunch.operator.vm.plan.VmStep;
import io.trustedlaunch.testkit.EndorsementKeys;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class EkCertificatesTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final EkPublicArea EK = EndorsementKeys.ONE;

    private final SecureRandom random = new SecureRandom();
    private final EkCertificateAuthority authority = EkCertificateAuthority.create(random, NOON);
    private final EkCertificates certificates = certificates(() -> authority);

    @Test
    void aKeyIsCertifiedAsItGoesOnRecordAndThenStaysAsItIs() throws Exception {
        VmScene scene = firstIncarnation(EK.digest(), EK.toBase64());
        TrustedLaunchVMStatus recorded = certified(scene);

        assertThat(recorded.vTPM().ekDigest()).isEqualTo(EK.digest());
        X509Certificate certificate = Certificates.fromPem(recorded.vTPM().ekCertificate());
        assertThat(certificate.getPublicKey()).isEqualTo(EK.publicKey());
        certificate.verify(Certificates.fromPem(authority.certificatePem()).getPublicKey());
        assertThat(certificate.getSubjectAlternativeNames().toString())
                .contains("urn:uuid:" + VmScene.UID, "namespaces/finance/trustedlaunchvms/payroll");

        assertThat(certified(scene.status(recorded))).isEqualTo(recorded);
    }

    @Test
    void aKeyThatWasToldByAnIncarnationThatIsOverIsCertifiedToo() {
        VmScene scene = VmScene.reserved(1)
                .strategy(RunStrategy.Halted)
                .incarnation(1, DesiredState.Stopped, told(Phase.Stopped, EK.digest(), EK.toBase64(), Exit.Shutdown));

        assertThat(certified(scene).vTPM().ekCertificate()).isNotNull();
    }

    @Test
    void anAuthorityThatCannotBeUsedKeepsNoKeyFromTheRecordAndTheCertificateFollows() {
        VmScene scene = firstIncarnation(EK.digest(), EK.toBase64());
        EkCertificates broken = certificates(() -> {
            throw new IllegalStateException("Secret x/y is not usable");
        });
        TrustedLaunchVMStatus recorded = broken.certify(scene.facts(), status(scene));
        assertThat(recorded.vTPM()).isEqualTo(new VTpm(EK.digest(), null));

        assertThat(certified(scene.status(recorded)).vTPM().ekCertificate()).isNotNull();
    }

    @Test
    void anEarlierAgentsDigestGoesOnRecordAlone() {
        assertThat(certified(firstIncarnation(EK.digest(), null)).vTPM()).isEqualTo(new VTpm(EK.digest(), null));
    }

    @Test
    void aKeyOtherThanTheOneOnRecordIsNotCertified() {
        VmScene scene = firstIncarnation(EndorsementKeys.OTHER.digest(), EndorsementKeys.OTHER.toBase64())
                .onRecord("host-a", 1, EK.digest());

        assertThat(certified(scene).vTPM()).isEqualTo(new VTpm(EK.digest(), null));
        assertThat(refusal(scene)).isEqualTo(Reason.EkMismatch);
    }

    @Test
    void aVmThatIsBeingDeletedGetsNone() {
        VmScene scene = firstIncarnation(EK.digest(), EK.toBase64()).onRecord("host-a", 1, EK.digest());
        TrustedLaunchVMStatus before = scene.facts().status().orElseThrow();

        assertThat(certificates.certify(scene.deleted().facts(), before)).isEqualTo(before);
    }

    @ParameterizedTest
    @MethodSource
    void whatDoesNotFitItsDigestIsRefusedAndNothingGoesOnRecord(VMIncarnationStatus told) {
        VmScene scene = VmScene.reserved(1).incarnation(1, DesiredState.Running, told);

        assertThat(refusal(scene)).isEqualTo(Reason.EkUnproved);
        assertThat(certified(scene).vTPM()).isNull();
    }

    static List<VMIncarnationStatus> whatDoesNotFitItsDigestIsRefusedAndNothingGoesOnRecord() {
        return List.of(
                told(Phase.Running, EndorsementKeys.OTHER.digest(), EK.toBase64(), null),
                told(Phase.Prepared, EndorsementKeys.OTHER.digest(), EK.toBase64(), null),
                told(Phase.Running, EK.digest().toUpperCase(java.util.Locale.ROOT), EK.toBase64(), null),
                told(Phase.Running, EK.digest(), "", null),
                told(Phase.Running, EK.digest(), "AAEACw==", null),
                told(Phase.Running, null, EK.toBase64(), null),
                told(Phase.Stopped, EndorsementKeys.OTHER.digest(), EK.toBase64(), Exit.Shutdown));
    }

    private static VmScene firstIncarnation(String digest, String area) {
        return VmScene.reserved(1).incarnation(1, DesiredState.Running, told(Phase.Running, digest, area, null));
    }

    private static VMIncarnationStatus told(Phase phase, String digest, String area, Exit exit) {
        return VMIncarnationStatusBuilder.builder()
                .observedGeneration(1L)
                .phase(phase)
                .ekDigest(digest)
                .ekPublic(area)
                .exit(exit)
                .build();
    }

    private static Reason refusal(VmScene scene) {
        return ((VmStep.Refuse) scene.step()).problem().reason();
    }

    private TrustedLaunchVMStatus certified(VmScene scene) {
        return certificates.certify(scene.facts(), status(scene));
    }

    private static TrustedLaunchVMStatus status(VmScene scene) {
        return VmStatus.of(scene.facts(), scene.step(), NOON).orElseThrow();
    }

    private EkCertificates certificates(Supplier<EkCertificateAuthority> from) {
        return new EkCertificates(from, InstantSource.fixed(NOON), random);
    }
}
