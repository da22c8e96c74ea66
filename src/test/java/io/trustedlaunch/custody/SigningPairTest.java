package io.trustedlaunch.custody;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Set;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SigningPairTest {
    private static final Instant NOW = CustodyFixture.NOW;

    private final SecureRandom random = new SecureRandom();
    private final SigningPair authority = SigningPair.create("test", NOW, NOW.plus(Duration.ofDays(10)), random);

    @Test
    void anAuthorityCertifiesNodesAndNoOtherAuthority() {
        X509Certificate certificate = authority.certificate();

        assertThat(certificate.getBasicConstraints()).isZero();
        boolean[] usage = certificate.getKeyUsage();
        for (int bit = 0; bit < usage.length; bit++) {
            assertThat(usage[bit]).as("key usage " + bit).isEqualTo(bit == 5 || bit == 6);
        }
        assertThat(certificate.getCriticalExtensionOIDs()).isEqualTo(Set.of("2.5.29.15", "2.5.29.19"));
    }

    /** The two thirds at which a certificate is renewed must come after its start. */
    @ParameterizedTest
    @CsvSource({"PT10S, PT1S", "PT10M, PT1M", "PT50M, PT5M", "PT51M, PT5M", "P3650D, PT5M"})
    void aCertificateIsBackdatedByATenthOfItsLifetimeAndFiveMinutesAtMost(Duration lifetime, Duration backdated) {
        X509Certificate certificate =
                SigningPair.create("test", NOW, NOW.plus(lifetime), random).certificate();

        assertThat(certificate.getNotBefore().toInstant()).isEqualTo(NOW.minus(backdated));
        assertThat(certificate.getNotAfter().toInstant()).isEqualTo(NOW.plus(lifetime));
    }

    @Test
    void serialNumbersAreRandomPositiveAndOfAtMostTwentyBytes() {
        X509Certificate one = certificate();
        X509Certificate other = certificate();

        assertThat(one.getSerialNumber()).isNotEqualTo(other.getSerialNumber()).isPositive();
        assertThat(one.getSerialNumber().bitLength()).isBetween(65, 128);
    }

    @Test
    void aCertificateNamesTheKeysOfItsAuthority() {
        byte[] keyIdentifier = EllipticCurve.keyIdentifier(authority.pair().getPublic());

        assertThat(AuthorityKeyIdentifier.fromExtensions(
                                Certificates.holder(certificate()).getExtensions())
                        .getKeyIdentifierOctets())
                .isEqualTo(keyIdentifier)
                .hasSize(20);
        assertThat(SubjectKeyIdentifier.fromExtensions(
                                Certificates.holder(authority.certificate()).getExtensions())
                        .getKeyIdentifier())
                .isEqualTo(keyIdentifier);
        assertThat(certificate().getExtensionValue(Extension.authorityKeyIdentifier.getId()))
                .isNotNull();
        assertThat(certificate().getIssuerX500Principal())
                .isEqualTo(authority.certificate().getSubjectX500Principal());
    }

    @Test
    void twoAuthoritiesNeverHaveTheSameName() {
        SigningPair other = SigningPair.create("test", NOW, NOW.plus(Duration.ofDays(10)), random);

        assertThat(authority.certificate().getSubjectX500Principal())
                .isNotEqualTo(other.certificate().getSubjectX500Principal());
    }

    @Test
    void aPairReadBackIsTheSameAndShowsItsNameOnly() {
        SigningPair again = SigningPair.fromPem(authority.keyPem(), authority.certificatePem());

        assertThat(again.certificate()).isEqualTo(authority.certificate());
        assertThat(again.pair().getPrivate()).isEqualTo(authority.pair().getPrivate());
        assertThat(authority.toString())
                .startsWith("SigningPair[CN=test-")
                .doesNotContain(HexFormat.of()
                        .formatHex(authority.pair().getPrivate().getEncoded())
                        .substring(60, 90))
                .hasSizeLessThan(80);
        assertThat(authority.isValidAt(NOW)).isTrue();
        assertThat(authority.isValidAt(NOW.plus(Duration.ofDays(10)).plusSeconds(1)))
                .isFalse();
        assertThat(authority.isValidAt(NOW.minus(Duration.ofHours(1)))).isFalse();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SigningPair.fromPem(authority.certificatePem(), authority.keyPem()));
    }

    private X509Certificate certificate() {
        return authority.sign(
                authority.builder(
                        NodeSubject.distinguishedName("host-a"),
                        EllipticCurve.newPair(random).getPublic(),
                        NOW,
                        NOW.plus(Duration.ofDays(1)),
                        random),
                random);
    }
}
