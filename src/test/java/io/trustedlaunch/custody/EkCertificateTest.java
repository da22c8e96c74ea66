package io.trustedlaunch.custody;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.testkit.EndorsementKeys;
import io.trustedlaunch.testkit.OpenSsl;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.SignatureException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EkCertificateTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final String UID = "5e8f51bc-0031-4c5f-9f5a-6f8e1f0b7c11";
    private static final EkSubject PAYROLL = new EkSubject("finance", "payroll", UID);

    private final SecureRandom random = new SecureRandom();
    private final EkCertificateAuthority authority = EkCertificateAuthority.create(random, NOW);
    private final X509Certificate certificate = authority.issue(EndorsementKeys.ONE, PAYROLL, NOW, random);

    @TempDir
    Path folder;

    @Test
    void itCertifiesThisKeyWithoutEndForAnEndorsementKeyOnly() throws Exception {
        assertThat(certificate.getPublicKey()).isEqualTo(EndorsementKeys.ONE.publicKey());
        assertThat(certificate.getNotBefore().toInstant()).isEqualTo(NOW.minusSeconds(300));
        assertThat(certificate.getNotAfter().toInstant()).isEqualTo(Instant.parse("9999-12-31T23:59:59Z"));
        assertThat(certificate.getExtendedKeyUsage()).containsExactly("2.23.133.8.1");
        assertThat(certificate.getBasicConstraints()).as("no authority").isEqualTo(-1);
        boolean[] usage = certificate.getKeyUsage();
        assertThat(usage).hasSize(9);
        for (int bit = 0; bit < usage.length; bit++) {
            assertThat(usage[bit]).as("key usage " + bit).isEqualTo(bit == 2);
        }
        assertThat(certificate.getCriticalExtensionOIDs())
                .as("usage, constraints, and the names, since there is no subject")
                .containsExactlyInAnyOrder("2.5.29.15", "2.5.29.19", "2.5.29.17");
        assertThat(certificate.getSubjectX500Principal().getName()).isEmpty();
    }

    @Test
    void itNamesTheKindOfTpmAndTheVm() throws Exception {
        assertThat(certificate.getSubjectAlternativeNames())
                .extracting(name -> name.get(0), name -> name.get(1).toString())
                .contains(
                        org.assertj.core.groups.Tuple.tuple(6, "urn:uuid:" + UID),
                        org.assertj.core.groups.Tuple.tuple(
                                6, "kubernetes:/apis/trustedlaunch.io/namespaces/finance/trustedlaunchvms/payroll"))
                .hasSize(3);
        String names = openssl("x509", "-noout", "-ext", "subjectAltName", "-in", file("ek.pem", certificate));
        assertThat(names.replace(" = ", "="))
                .as("later versions of openssl print more spaces")
                .contains("2.23.133.2.1=id:49424D00", "2.23.133.2.2=swtpm", "2.23.133.2.3=id:20191023");
    }

    @Test
    void opensslVerifiesItStrictlyAgainstThePublishedCertificateAndNoOther() throws Exception {
        String ek = file("ek.pem", certificate);
        String ca = Files.writeString(folder.resolve("ca.pem"), authority.certificatePem())
                .toString();
        assertThat(openssl("verify", "-x509_strict", "-CAfile", ca, ek)).endsWith(": OK\n");

        EkCertificateAuthority other = EkCertificateAuthority.create(random, NOW);
        String otherCa = Files.writeString(folder.resolve("other.pem"), other.certificatePem())
                .toString();
        assertThatThrownBy(() -> openssl("verify", "-x509_strict", "-CAfile", otherCa, ek))
                .hasMessageContaining("unable to get local issuer certificate");
    }

    @Test
    void anAuthorityIsKeptAsTextAndTakenForNoOther() throws Exception {
        EkCertificateAuthority again = EkCertificateAuthority.fromPem(authority.keyPem(), authority.certificatePem());
        X509Certificate own = Certificates.fromPem(again.certificatePem());
        again.issue(EndorsementKeys.OTHER, PAYROLL, NOW, random).verify(own.getPublicKey());
        assertThat(again.isValidAt(NOW.plusSeconds(1L << 32))).isTrue();
        assertThat(again.isValidAt(NOW.minusSeconds(301))).isFalse();
        assertThat(own.getSubjectX500Principal().getName()).contains("trusted-launch-vtpm-ca-");

        EkCertificateAuthority other = EkCertificateAuthority.create(random, NOW);
        assertThatThrownBy(() -> certificate.verify(
                        Certificates.fromPem(other.certificatePem()).getPublicKey()))
                .isInstanceOf(SignatureException.class);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EkCertificateAuthority.fromPem(authority.keyPem(), other.certificatePem()));
    }

    @Test
    void eachHasItsOwnSerialNumber() {
        assertThat(authority.issue(EndorsementKeys.ONE, PAYROLL, NOW, random).getSerialNumber())
                .isNotEqualTo(certificate.getSerialNumber());
    }

    @Test
    void aNameThatKubernetesWouldNotTakeIsNoSubject() {
        for (String name : List.of("", "a/b", "UPPER", "a b", "a%2f", "a\n", "ä", "a".repeat(254))) {
            assertThatIllegalArgumentException().isThrownBy(() -> new EkSubject("finance", name, UID));
            assertThatIllegalArgumentException().isThrownBy(() -> new EkSubject(name, "payroll", UID));
            assertThatIllegalArgumentException().isThrownBy(() -> new EkSubject("finance", "payroll", name));
        }
        assertThat(new EkSubject("a".repeat(253), "0-9.z", UID).name()).isEqualTo("0-9.z");
    }

    private String file(String name, X509Certificate content) throws Exception {
        return Files.writeString(folder.resolve(name), Certificates.toPem(content))
                .toString();
    }

    private static String openssl(String... arguments) throws Exception {
        return OpenSsl.run(arguments);
    }
}
