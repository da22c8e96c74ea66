package io.trustedlaunch.operator.vm.status;

import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Running;
import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Stopped;
import static io.trustedlaunch.operator.vm.plan.VmScene.NOON;
import static io.trustedlaunch.operator.vm.plan.VmScene.reserved;
import static io.trustedlaunch.operator.vm.plan.VmSteps.refusal;
import static io.trustedlaunch.testkit.Incarnations.status;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.incarnation.VMIncarnationStatusBuilder;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.VTpm;
import io.trustedlaunch.custody.Certificates;
import io.trustedlaunch.custody.EkCertificateAuthority;
import io.trustedlaunch.custody.EkPublicArea;
import io.trustedlaunch.custody.Sha256;
import io.trustedlaunch.operator.vm.plan.VmScene;
import io.trustedlaunch.testkit.EndorsementKeys;
import io.trustedlaunch.testkit.Incarnations;
import io.trustedlaunch.testkit.JumpingClocksContract;
import io.trustedlaunch.testkit.Vms;
import java.math.BigInteger;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class EkCertificatesTest {
    private static final EkPublicArea EK = EndorsementKeys.ONE;
    private static final int TEMPLATE_EXPONENT_AT = 55;

    private final SecureRandom random = new SecureRandom();
    private final EkCertificateAuthority authority = EkCertificateAuthority.create(random, NOON);
    private final EkCertificates certificates = certificates(() -> authority);

    @Test
    void aKeyIsCertifiedWhenItIsRecordedAndThenStaysAsItIs() throws Exception {
        VmScene scene = firstIncarnation(EK.digest(), EK.toBase64());
        TrustedLaunchVMStatus recorded = certified(scene);

        assertThat(recorded.vTPM().ekDigest()).isEqualTo(EK.digest());
        X509Certificate certificate = Certificates.fromPem(recorded.vTPM().ekCertificate());
        assertThat(certificate.getPublicKey()).isEqualTo(EK.publicKey());
        certificate.verify(Certificates.fromPem(authority.certificatePem()).getPublicKey());
        assertThat(certificate.getSubjectAlternativeNames().toString())
                .contains("urn:uuid:" + Vms.UID, "namespaces/finance/trustedlaunchvms/payroll");

        assertThat(certified(scene.status(recorded))).isEqualTo(recorded);
    }

    @Test
    void aKeyThatWasReportedByAnIncarnationThatIsOverIsCertifiedToo() {
        VmScene scene = reserved(1)
                .strategy(RunStrategy.Halted)
                .incarnation(
                        1,
                        Stopped,
                        reporting(EK.digest(), EK.toBase64())
                                .phase(Phase.Stopped)
                                .exit(Exit.Shutdown));

        assertThat(certified(scene).vTPM().ekCertificate()).isNotNull();
    }

    @Test
    void aKeyIsRecordedWithoutAUsableAuthorityAndItsCertificateFollows() {
        VmScene scene = firstIncarnation(EK.digest(), EK.toBase64());
        EkCertificates broken = certificates(() -> {
            throw new IllegalStateException("Secret x/y is not usable");
        });
        TrustedLaunchVMStatus recorded = broken.certify(scene.facts().incarnations(), scene.newStatus());
        assertThat(recorded.vTPM()).isEqualTo(new VTpm(EK.digest(), null));

        assertThat(certified(scene.status(recorded)).vTPM().ekCertificate()).isNotNull();
    }

    @Test
    void manyKeysAreCertifiedWithOneReadOfTheAuthority() {
        AtomicInteger reads = new AtomicInteger();
        EkCertificates counted = certificates(() -> {
            reads.incrementAndGet();
            return authority;
        });
        VmScene scene = firstIncarnation(EK.digest(), EK.toBase64());
        for (int i = 0; i < 3; i++) {
            assertThat(counted.certify(scene.facts().incarnations(), scene.newStatus())
                            .vTPM()
                            .ekCertificate())
                    .isNotNull();
        }
        assertThat(reads).hasValue(1);
    }

    @Test
    void aDigestWithoutAKeyIsRecordedAlone() {
        assertThat(certified(firstIncarnation(EK.digest(), null)).vTPM()).isEqualTo(new VTpm(EK.digest(), null));
    }

    @Test
    void aKeyOtherThanTheOneOnRecordIsNotCertified() {
        VmScene scene = firstIncarnation(EndorsementKeys.OTHER.digest(), EndorsementKeys.OTHER.toBase64())
                .status(status -> status.vTPM(new VTpm(EK.digest(), null)));

        assertThat(certified(scene).vTPM()).isEqualTo(new VTpm(EK.digest(), null));
        assertThat(refusal(scene).reason()).isEqualTo(Reason.EkMismatch);
    }

    @Test
    void aVmThatIsBeingDeletedGetsNone() {
        VmScene scene =
                firstIncarnation(EK.digest(), EK.toBase64()).status(status -> status.vTPM(new VTpm(EK.digest(), null)));
        TrustedLaunchVMStatus before = scene.facts().vm().status().orElseThrow();

        assertThat(certificates.certify(scene.deleted().facts().incarnations(), before))
                .isEqualTo(before);
    }

    /** Whatever an agent reports, its VM says what is the matter, and is not tried again and again. */
    @ParameterizedTest
    @MethodSource
    void whatIsNoEndorsementKeyIsRefusedAndNotRecorded(String area, String digest) {
        VmScene scene = reserved(1)
                .incarnation(
                        1,
                        Running,
                        reporting(digest, area).phase(Phase.Prepared).answers(Incarnations.LEADER));

        assertThat(refusal(scene).reason()).isEqualTo(Reason.EkUnproved);
        assertThat(certified(scene).vTPM()).isNull();
        assertThat(scene.written().newStatus())
                .isEqualTo(scene.facts().vm().status().orElseThrow());
    }

    static List<Arguments> whatIsNoEndorsementKeyIsRefusedAndNotRecorded() {
        byte[] good = Base64.getDecoder().decode(EK.toBase64());
        byte[] exponent = good.clone();
        exponent[TEMPLATE_EXPONENT_AT] = 1;
        byte[] even = good.clone();
        even[even.length - 1] &= ~1;
        return Stream.of(
                        new byte[0],
                        Arrays.copyOf(good, good.length - 1),
                        Arrays.copyOf(good, 1 << 20),
                        exponent,
                        even,
                        EndorsementKeys.area(BigInteger.ONE),
                        EndorsementKeys.area(EndorsementKeys.PRIME),
                        EndorsementKeys.area(BigInteger.ONE.shiftLeft(2047).setBit(0)))
                .map(bytes -> Arguments.of(Base64.getEncoder().encodeToString(bytes), Sha256.of(bytes)))
                .toList();
    }

    @ParameterizedTest
    @MethodSource
    void aKeyThatDoesNotMatchItsDigestIsRefusedAndNotRecorded(VMIncarnationStatusBuilder reported) {
        VmScene scene = reserved(1).incarnation(1, Running, reported);

        assertThat(refusal(scene).reason()).isEqualTo(Reason.EkUnproved);
        assertThat(certified(scene).vTPM()).isNull();
    }

    static List<VMIncarnationStatusBuilder> aKeyThatDoesNotMatchItsDigestIsRefusedAndNotRecorded() {
        return List.of(
                reporting(EndorsementKeys.OTHER.digest(), EK.toBase64()),
                reporting(EndorsementKeys.OTHER.digest(), EK.toBase64())
                        .phase(Phase.Prepared)
                        .answers(Incarnations.LEADER),
                reporting(EK.digest().toUpperCase(java.util.Locale.ROOT), EK.toBase64()),
                reporting(EK.digest(), ""),
                reporting(EK.digest(), "AAEACw=="),
                reporting(null, EK.toBase64()),
                reporting(EndorsementKeys.OTHER.digest(), EK.toBase64())
                        .phase(Phase.Stopped)
                        .exit(Exit.Shutdown));
    }

    private TrustedLaunchVMStatus certified(VmScene scene) {
        return certificates.certify(scene.facts().incarnations(), scene.newStatus());
    }

    private EkCertificates certificates(Supplier<EkCertificateAuthority> from) {
        return new EkCertificates(from, InstantSource.fixed(NOON), random);
    }

    private static VmScene firstIncarnation(String digest, String publicArea) {
        return reserved(1).incarnation(1, Running, reporting(digest, publicArea));
    }

    private static VMIncarnationStatusBuilder reporting(String digest, String publicArea) {
        return status(Phase.Running).ekDigest(digest).ekPublic(publicArea);
    }

    @Nested
    class TheAuthority extends JumpingClocksContract {
        @Override
        protected Duration pause() {
            return Duration.ofMinutes(1);
        }

        @Override
        protected boolean waits(Instant since, Instant now) {
            AtomicInteger reads = new AtomicInteger();
            AtomicReference<Instant> clock = new AtomicReference<>(since);
            EkCertificates counted = new EkCertificates(
                    () -> {
                        reads.incrementAndGet();
                        return authority;
                    },
                    clock::get,
                    random);
            VmScene scene = firstIncarnation(EK.digest(), EK.toBase64());
            counted.certify(scene.facts().incarnations(), scene.newStatus());
            clock.set(now);
            counted.certify(scene.facts().incarnations(), scene.newStatus());
            return reads.get() == 1;
        }
    }
}
