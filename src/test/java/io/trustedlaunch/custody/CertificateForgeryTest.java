package io.trustedlaunch.custody;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.trustedlaunch.custody.CertificateVerdict.Accepted;
import io.trustedlaunch.custody.CertificateVerdict.Fault;
import io.trustedlaunch.custody.CertificateVerdict.Refused;
import io.trustedlaunch.testkit.RsaKeys;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Certificates that the authority's key signed and that its own code would not have made, and near misses of it. */
class CertificateForgeryTest {
    private static final Instant NOW = CustodyFixture.NOW;
    private static final Instant END = NOW.plus(CustodyFixture.LIFETIME);
    private static final CertificatePurpose AGENT = CertificatePurpose.AGENT;

    private final CustodyFixture fixture = new CustodyFixture();
    private final SigningPair authority =
            SigningPair.fromPem(fixture.authority.keyPem(), fixture.authority.certificatePem());
    private final NodeCertificateVerifier verifier = fixture.authority.verifier();
    private final PublicKey key = NodeKeyPair.generate(fixture.random).publicKey();

    @Test
    void whatTheForgedOnesVaryIsAccepted() throws Exception {
        assertThat(verify(certificate("CN=host-a", key, AGENT.keyUsage(), AGENT.extendedKeyUsage())))
                .isInstanceOf(Accepted.class);
        assertThat(verifier.verify(
                        certificate("CN=host-a", key, AGENT.keyUsage(), AGENT.extendedKeyUsage()), AGENT, NOW))
                .isInstanceOfSatisfying(Accepted.class, accepted -> {
                    assertThat(accepted.certificate().nodeName()).isEqualTo("host-a");
                    assertThat(accepted.certificate().purpose()).isEqualTo(AGENT);
                    assertThat(accepted.certificate()).hasToString("VerifiedCertificate[AGENT of host-a]");
                });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "CN=host-a,CN=host-b | is of node (unnamed), not of host-a",
                "CN=host-b,CN=host-a | is of node (unnamed), not of host-a",
                "CN=host-a+O=x | is of node (unnamed), not of host-a",
                "O=host-a | is of node (unnamed), not of host-a",
                "'' | is of node (unnamed), not of host-a",
                "CN=Host-A | is of node Host-A, not of host-a",
                "CN=host-a.example.org | is of node host-a.example.org, not of host-a",
            })
    void aNodeIsItsOneCommonName(String subject, String message) throws Exception {
        X509Certificate certificate = certificate(subject, key, AGENT.keyUsage(), AGENT.extendedKeyUsage());

        assertThat(verify(certificate)).isEqualTo(new Refused(Fault.WRONG_NODE, "the certificate " + message));
        if (message.contains("unnamed")) {
            assertThat(verifier.verify(certificate, AGENT, NOW))
                    .isEqualTo(new Refused(Fault.MALFORMED, "the certificate names no node"));
        }
    }

    @Test
    void usagesAreThoseOfThePurposeNoLessAndNoMore() throws Exception {
        ExtendedKeyUsage usual = AGENT.extendedKeyUsage();
        KeyPurposeId client = KeyPurposeId.id_kp_clientAuth;
        KeyPurposeId server = KeyPurposeId.id_kp_serverAuth;
        KeyPurposeId sealing = KeyPurposeId.getInstance(new ASN1ObjectIdentifier("1.3.6.1.4.1.311.80.1"));
        JcaX509v3CertificateBuilder withoutExtensions = new JcaX509v3CertificateBuilder(
                Certificates.subjectOf(authority.certificate()),
                BigInteger.ONE,
                Date.from(NOW),
                Date.from(END),
                new X500Name("CN=host-a"),
                key);
        for (X509Certificate other : List.of(
                authority.sign(withoutExtensions, fixture.random),
                certificate("CN=host-a", key, null, null),
                certificate("CN=host-a", key, AGENT.keyUsage(), null),
                certificate("CN=host-a", key, null, usual),
                certificate("CN=host-a", key, AGENT.keyUsage(), new ExtendedKeyUsage(client)),
                certificate("CN=host-a", key, AGENT.keyUsage(), new ExtendedKeyUsage(KeyPurposeId.anyExtendedKeyUsage)),
                certificate("CN=host-a", key, AGENT.keyUsage(), new ExtendedKeyUsage(new KeyPurposeId[] {
                    client, server, sealing
                })),
                certificate("CN=host-a", key, new KeyUsage(KeyUsage.digitalSignature), usual),
                certificate(
                        "CN=host-a",
                        key,
                        new KeyUsage(KeyUsage.digitalSignature | KeyUsage.keyEncipherment | KeyUsage.keyCertSign),
                        usual))) {
            assertThat(verify(other))
                    .isEqualTo(new Refused(Fault.WRONG_PURPOSE, "the certificate is not a certificate for agent"));
        }
    }

    @Test
    void aKeyOnAnotherCurveOrOfAnotherKindIsRefused() throws Exception {
        for (PublicKey other : List.of(
                NamedCurve.P_384.newPair(fixture.random).getPublic(),
                RsaKeys.make(2048).getPublic())) {
            assertThat(verify(certificate("CN=host-a", other, AGENT.keyUsage(), AGENT.extendedKeyUsage())))
                    .isEqualTo(new Refused(Fault.MALFORMED, "the certificate is not for a key on P-256"));
        }
    }

    /** A name proves nothing: both authorities have the same. */
    @Test
    void anAuthorityIsItsKeyAndNotItsName() throws Exception {
        KeyPair forger = EllipticCurve.newPair(fixture.random);
        SigningPair impostor = new SigningPair(forger, authority.certificate());
        X509Certificate forged = impostor.sign(
                withUsages(
                        impostor.builder(new X500Name("CN=host-a"), key, NOW, END, fixture.random),
                        AGENT.keyUsage(),
                        AGENT.extendedKeyUsage()),
                fixture.random);

        assertThat(forged.getIssuerX500Principal())
                .isEqualTo(authority.certificate().getSubjectX500Principal());
        assertThat(verify(forged))
                .isEqualTo(new Refused(
                        Fault.UNKNOWN_ISSUER, "the certificate was not issued by this cluster's authority"));
        assertThat(verifier.hasIssued(forged)).isFalse();
        assertThat(verifier.hasIssued(certificate("CN=host-b", key, null, null)))
                .isTrue();
    }

    /** A node cannot make certificates of its own: what it signs is not signed by the authority. */
    @Test
    void aNodeIsNoAuthority() throws Exception {
        KeyPair node = EllipticCurve.newPair(fixture.random);
        SigningPair nodeAsAuthority = new SigningPair(
                node, certificate("CN=host-a", node.getPublic(), AGENT.keyUsage(), AGENT.extendedKeyUsage()));
        X509Certificate signed = nodeAsAuthority.sign(
                withUsages(
                        nodeAsAuthority.builder(new X500Name("CN=host-a"), key, NOW, END, fixture.random),
                        AGENT.keyUsage(),
                        AGENT.extendedKeyUsage()),
                fixture.random);

        assertThat(((Refused) verify(signed)).fault()).isEqualTo(Fault.UNKNOWN_ISSUER);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NodeCertificateVerifier.fromPem(Certificates.toPem(nodeAsAuthority.certificate())))
                .withMessage("not the certificate of an authority");
    }

    @Test
    void bothEndsOfTheValidityAreInIt() throws Exception {
        X509Certificate certificate = certificate("CN=host-a", key, AGENT.keyUsage(), AGENT.extendedKeyUsage());
        Instant start = certificate.getNotBefore().toInstant();

        assertThat(verifier.verify(certificate, "host-a", AGENT, start)).isInstanceOf(Accepted.class);
        assertThat(verifier.verify(certificate, "host-a", AGENT, END)).isInstanceOf(Accepted.class);
        assertThat(verifier.verify(certificate, "host-a", AGENT, start.minusNanos(1)))
                .isEqualTo(new Refused(
                        Fault.NOT_YET_VALID,
                        "the certificate is valid from " + start + ", and it is " + start.minusNanos(1)));
        assertThat(verifier.verify(certificate, "host-a", AGENT, END.plusNanos(1)))
                .isEqualTo(new Refused(Fault.EXPIRED, "the certificate expired at " + END));
    }

    @Test
    void aCertificateIsOfNoUseBeyondItsAuthority() throws Exception {
        X509Certificate certificate = certificate("CN=host-a", key, AGENT.keyUsage(), AGENT.extendedKeyUsage());
        Instant authorityEnd = NOW.plus(Duration.ofDays(1));
        X509Certificate brief = authority.sign(
                withUsages(
                                new JcaX509v3CertificateBuilder(
                                        Certificates.subjectOf(authority.certificate()),
                                        BigInteger.ONE,
                                        Date.from(NOW),
                                        Date.from(authorityEnd),
                                        Certificates.subjectOf(authority.certificate()),
                                        authority.pair().getPublic()),
                                null,
                                null)
                        .addExtension(Extension.basicConstraints, true, new BasicConstraints(0)),
                fixture.random);
        NodeCertificateVerifier briefly = NodeCertificateVerifier.fromPem(Certificates.toPem(brief));

        assertThat(briefly.verify(certificate, "host-a", AGENT, authorityEnd)).isInstanceOf(Accepted.class);
        assertThat(briefly.verify(certificate, "host-a", AGENT, authorityEnd.plusSeconds(1)))
                .isEqualTo(new Refused(Fault.EXPIRED, "the certificate outlived the authority that issued it"));
        assertThat(((Refused) briefly.verify(certificate, "host-a", AGENT, NOW.minusSeconds(1))).fault())
                .isEqualTo(Fault.EXPIRED);
    }

    private CertificateVerdict verify(X509Certificate certificate) {
        return verifier.verify(certificate, "host-a", AGENT, NOW);
    }

    private X509Certificate certificate(
            String subject, PublicKey publicKey, ASN1Encodable keyUsage, ASN1Encodable extendedKeyUsage)
            throws Exception {
        return authority.sign(
                withUsages(
                        authority.builder(new X500Name(subject), publicKey, NOW, END, fixture.random),
                        keyUsage,
                        extendedKeyUsage),
                fixture.random);
    }

    /** None where it is null. */
    private static X509v3CertificateBuilder withUsages(
            X509v3CertificateBuilder builder, ASN1Encodable keyUsage, ASN1Encodable extendedKeyUsage) throws Exception {
        if (keyUsage != null) {
            builder.addExtension(Extension.keyUsage, true, keyUsage);
        }
        if (extendedKeyUsage != null) {
            builder.addExtension(Extension.extendedKeyUsage, true, extendedKeyUsage);
        }
        return builder;
    }
}
