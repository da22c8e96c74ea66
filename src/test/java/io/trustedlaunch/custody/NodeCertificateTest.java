package io.trustedlaunch.custody;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.custody.CertificateVerdict.Accepted;
import io.trustedlaunch.custody.CertificateVerdict.Fault;
import io.trustedlaunch.custody.CertificateVerdict.Refused;
import io.trustedlaunch.testkit.OpenSsl;
import io.trustedlaunch.testkit.RsaKeys;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.bouncycastle.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class NodeCertificateTest {
    private static final Instant NOW = CustodyFixture.NOW;
    private static final int DNS = 2;

    @TempDir
    private Path folder;

    private final CustodyFixture fixture = new CustodyFixture();
    private final NodeKeyPair pair = NodeKeyPair.generate(fixture.random);
    private final NodeCertificateVerifier verifier = fixture.authority.verifier();

    @ParameterizedTest
    @EnumSource(CertificatePurpose.class)
    void anIssuedCertificateIsAcceptedForItsNodeAndPurpose(CertificatePurpose purpose) {
        X509Certificate certificate = fixture.issue(pair, "host-a", purpose);

        assertThat(verifier.verify(Certificates.toPem(certificate), "host-a", purpose, NOW))
                .isInstanceOf(Accepted.class);
        assertThat(pair.isCertifiedBy(certificate)).isTrue();
    }

    /** Not its address, which an agent reports: it may be another node's. */
    @Test
    void theNameOfTheNodeIsAllThatItsCertificateNames() throws Exception {
        X509Certificate certificate = fixture.issue(pair, "host-a", CertificatePurpose.AGENT);

        assertThat(certificate.getSubjectX500Principal().getName()).isEqualTo("CN=host-a,O=trustedlaunch.io");
        assertThat(certificate.getSubjectAlternativeNames()).containsExactly(List.of(DNS, "host-a"));
    }

    @Test
    void theUsagesAreThoseOfThePurpose() throws Exception {
        X509Certificate agent = fixture.issue(pair, "host-a", CertificatePurpose.AGENT);
        X509Certificate sealing = fixture.issue(pair, "host-a", CertificatePurpose.SEALING);

        assertThat(agent.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.2", "1.3.6.1.5.5.7.3.1");
        assertThat(usageBits(agent)).containsExactly(0, 2);
        assertThat(sealing.getExtendedKeyUsage()).containsExactly("1.3.6.1.4.1.311.80.1");
        assertThat(usageBits(sealing)).containsExactly(4);
        assertThat(sealing.getCriticalExtensionOIDs()).contains(Extension.extendedKeyUsage.getId());
        assertThat(agent.getBasicConstraints()).isNegative();
    }

    @Test
    void aCertificateLastsItsLifetimeAndStartsALittleEarlier() {
        X509Certificate certificate = fixture.issue(pair, "host-a", CertificatePurpose.SEALING);

        assertThat(certificate.getNotAfter().toInstant()).isEqualTo(NOW.plus(CustodyFixture.LIFETIME));
        assertThat(certificate.getNotBefore().toInstant()).isBefore(NOW).isAfter(NOW.minus(Duration.ofHours(1)));
    }

    @Test
    void aCertificateDoesNotOutliveItsAuthority() {
        NodeCertificateAuthority brief =
                NodeCertificateAuthority.create(PublishedAuthority.NODES, fixture.random, NOW, Duration.ofDays(2));

        X509Certificate certificate = brief.issue(
                fixture.requestOf(pair),
                new NodeSubject("host-a"),
                CertificatePurpose.AGENT,
                NOW,
                Duration.ofDays(30),
                fixture.random);

        assertThat(certificate.getNotAfter().toInstant()).isEqualTo(NOW.plus(Duration.ofDays(2)));
    }

    @Test
    void aSealingCertificateIsNoAgentCertificateNorTheOtherWayRound() {
        X509Certificate agent = fixture.issue(pair, "host-a", CertificatePurpose.AGENT);
        X509Certificate sealing = fixture.issue(pair, "host-a", CertificatePurpose.SEALING);

        assertThat(fault(agent, "host-a", CertificatePurpose.SEALING)).isEqualTo(Fault.WRONG_PURPOSE);
        assertThat(fault(sealing, "host-a", CertificatePurpose.AGENT)).isEqualTo(Fault.WRONG_PURPOSE);
    }

    @Test
    void eachFaultIsReported() {
        X509Certificate certificate = fixture.issue(pair, "host-a", CertificatePurpose.SEALING);
        X509Certificate foreign = new CustodyFixture().issue(pair, "host-a", CertificatePurpose.SEALING);

        assertThat(fault(certificate, "host-b", CertificatePurpose.SEALING)).isEqualTo(Fault.WRONG_NODE);
        assertThat(fault(foreign, "host-a", CertificatePurpose.SEALING)).isEqualTo(Fault.UNKNOWN_ISSUER);
        assertThat(faultAt(certificate, NOW.plus(CustodyFixture.LIFETIME).plusSeconds(1)))
                .isEqualTo(Fault.EXPIRED);
        assertThat(faultAt(certificate, NOW.minus(Duration.ofDays(1)))).isEqualTo(Fault.NOT_YET_VALID);
        assertThat(((Refused) verifier.verify("no PEM", "host-a", CertificatePurpose.SEALING, NOW)).fault())
                .isEqualTo(Fault.MALFORMED);
    }

    @Test
    void theAuthorityItselfIsNoNode() {
        X509Certificate authority = Certificates.fromPem(fixture.authority.certificatePem());
        String name = Certificates.commonNameOf(authority).orElseThrow();

        assertThat(fault(authority, name, CertificatePurpose.AGENT)).isEqualTo(Fault.WRONG_PURPOSE);
    }

    @Test
    void namesInARequestAreIgnored() throws Exception {
        KeyPair keys = EllipticCurve.newPair(fixture.random);
        ExtensionsGenerator extensions = new ExtensionsGenerator();
        extensions.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
        extensions.addExtension(
                Extension.subjectAlternativeName,
                false,
                new GeneralNames(new GeneralName(GeneralName.dNSName, "host-b")));
        byte[] forged = new JcaPKCS10CertificationRequestBuilder(
                        new X500Name("CN=host-b,O=system:masters"), keys.getPublic())
                .addAttribute(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, extensions.generate())
                .build(new JcaContentSignerBuilder("SHA256withECDSA")
                        .setProvider(EllipticCurve.PROVIDER)
                        .build(keys.getPrivate()))
                .getEncoded();

        X509Certificate certificate = fixture.authority.issue(
                CertificateRequest.parse(pem(forged)),
                new NodeSubject("host-a"),
                CertificatePurpose.AGENT,
                NOW,
                CustodyFixture.LIFETIME,
                fixture.random);

        assertThat(certificate.toString()).doesNotContain("host-b").doesNotContain("system:masters");
        assertThat(certificate.getBasicConstraints()).isNegative();
    }

    @Test
    void aRequestSignedByAnotherKeyIsRefused() throws Exception {
        KeyPair stolen = EllipticCurve.newPair(fixture.random);
        KeyPair own = EllipticCurve.newPair(fixture.random);

        assertThatThrownBy(() -> CertificateRequest.parse(request(stolen, own, "SHA256withECDSA")))
                .hasMessage("the request is not signed by the key that it is for");
    }

    @Test
    void requestsForOtherKeysThanP256AreRefused() throws Exception {
        KeyPair rsa = RsaKeys.make(2048);
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", EllipticCurve.PROVIDER);
        generator.initialize(new ECGenParameterSpec("secp384r1"));
        KeyPair p384 = generator.generateKeyPair();

        assertThatThrownBy(() -> CertificateRequest.parse(request(rsa, rsa, "SHA256withRSA")))
                .hasMessage("the request is not for a key on P-256");
        assertThatThrownBy(() -> CertificateRequest.parse(request(p384, p384, "SHA256withECDSA")))
                .hasMessage("the request is not for a key on P-256");
    }

    @Test
    void weaklySignedAndMalformedRequestsAreRefused() throws Exception {
        KeyPair keys = EllipticCurve.newPair(fixture.random);

        assertThatThrownBy(() -> CertificateRequest.parse(request(keys, keys, "SHA1withECDSA")))
                .hasMessage("the request is not signed by ECDSA with SHA-2");
        assertThatThrownBy(() -> CertificateRequest.parse("nothing")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> CertificateRequest.parse(pem(new byte[] {0x30, 0x03, 0x02, 0x01, 0x01})))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void anAuthorityReadBackFromItsSecretIssuesWhatTheFirstOneVerifies() {
        NodeCertificateAuthority again =
                NodeCertificateAuthority.fromPem(fixture.authority.keyPem(), fixture.authority.certificatePem());
        X509Certificate certificate = again.issue(
                fixture.requestOf(pair),
                new NodeSubject("host-a"),
                CertificatePurpose.SEALING,
                NOW,
                CustodyFixture.LIFETIME,
                fixture.random);

        assertThat(verifier.verify(certificate, "host-a", CertificatePurpose.SEALING, NOW))
                .isInstanceOf(Accepted.class);
    }

    @Test
    void anAuthoritysKeyAndCertificateMustBelongTogether() {
        assertThatThrownBy(() -> NodeCertificateAuthority.fromPem(
                        fixture.authority.keyPem(), new CustodyFixture().authority.certificatePem()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void anAuthorityIsValidFromItsStartToItsEnd() {
        assertThat(fixture.authority.isValidAt(NOW)).isTrue();
        assertThat(fixture.authority.isValidAt(NOW.plus(Duration.ofDays(3651)))).isFalse();
        assertThat(fixture.authority.isValidAt(NOW.minus(Duration.ofDays(1)))).isFalse();
    }

    @Test
    void aVerifierIsOneCertificateOfAnAuthority() {
        String authority = fixture.authority.certificatePem();

        assertThat(NodeCertificateVerifier.fromPem(authority).authorityPem()).isEqualTo(authority);
        for (String other : List.of("", "a text", authority + authority, fixture.authority.keyPem())) {
            assertThatThrownBy(() -> NodeCertificateVerifier.fromPem(other))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void aBlockThatHoldsMoreThanItsCertificateIsRefused() throws Exception {
        byte[] certificate =
                fixture.issue(pair, "host-a", CertificatePurpose.AGENT).getEncoded();

        for (byte[] other : List.of(
                Arrays.copyOf(certificate, certificate.length + 1),
                Arrays.concatenate(certificate, certificate),
                Arrays.copyOf(certificate, certificate.length - 1),
                new byte[0])) {
            String pem = PemBlock.write(PemBlock.CERTIFICATE, other);
            assertThatThrownBy(() -> Certificates.fromPem(pem)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void aRequestIsOnePkcs10BlockAndNothingElse() throws Exception {
        String request = pair.certificateRequest(fixture.random);
        byte[] encoded = PemBlock.read(PemBlock.CERTIFICATE_REQUEST, request);

        for (String other : List.of(
                request + request,
                request + "\n".repeat(16 * 1024),
                request.replace("CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"),
                pem(Arrays.copyOf(encoded, encoded.length + 1)),
                pem(Arrays.copyOf(encoded, encoded.length - 1)))) {
            assertThatThrownBy(() -> CertificateRequest.parse(other))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("the request is not PKCS#10 in PEM");
        }
    }

    @Test
    void noAlteredByteOfARequestIsOverlooked() throws Exception {
        byte[] encoded = PemBlock.read(PemBlock.CERTIFICATE_REQUEST, pair.certificateRequest(fixture.random));

        for (int index = 0; index < encoded.length; index++) {
            byte[] altered = encoded.clone();
            altered[index] ^= 1;
            assertThatThrownBy(() -> CertificateRequest.parse(pem(altered)))
                    .as("byte %d", index)
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void everySha2IsAcceptedInARequest() throws Exception {
        KeyPair keys = EllipticCurve.newPair(fixture.random);

        for (String algorithm : List.of("SHA256withECDSA", "SHA384withECDSA", "SHA512withECDSA")) {
            assertThat(CertificateRequest.parse(request(keys, keys, algorithm)).publicKey())
                    .isEqualTo(keys.getPublic());
        }
    }

    @Test
    void theLongestNameIsCertifiedAsItIsAndOnce() throws Exception {
        String name = "a".repeat(253);
        X509Certificate certificate = fixture.authority.issue(
                fixture.requestOf(pair),
                new NodeSubject(name),
                CertificatePurpose.AGENT,
                NOW,
                CustodyFixture.LIFETIME,
                fixture.random);

        assertThat(certificate.getSubjectAlternativeNames()).containsExactly(List.of(DNS, name));
        assertThat(verifier.verify(Certificates.toPem(certificate), name, CertificatePurpose.AGENT, NOW))
                .isInstanceOf(Accepted.class);
        assertThat(OpenSsl.run(
                        "x509",
                        "-noout",
                        "-subject",
                        "-in",
                        Files.writeString(folder.resolve("node.pem"), Certificates.toPem(certificate))
                                .toString()))
                .contains(name);
    }

    @Test
    void subjectsThatNameNoHostAreRefused() {
        for (String bad : List.of("", "Host-A", "host_a", "a,CN=b", "-a", "a".repeat(254))) {
            assertThatThrownBy(() -> new NodeSubject(bad)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    private Fault fault(X509Certificate certificate, String nodeName, CertificatePurpose purpose) {
        return ((Refused) verifier.verify(certificate, nodeName, purpose, NOW)).fault();
    }

    private Fault faultAt(X509Certificate certificate, Instant time) {
        return ((Refused) verifier.verify(certificate, "host-a", CertificatePurpose.SEALING, time)).fault();
    }

    private static List<Integer> usageBits(X509Certificate certificate) {
        boolean[] bits = certificate.getKeyUsage();
        return IntStream.range(0, bits.length).filter(bit -> bits[bit]).boxed().toList();
    }

    private static String request(KeyPair of, KeyPair signer, String algorithm) throws Exception {
        return pem(new JcaPKCS10CertificationRequestBuilder(new X500Name("CN=x"), of.getPublic())
                .build(new JcaContentSignerBuilder(algorithm)
                        .setProvider(EllipticCurve.PROVIDER)
                        .build(signer.getPrivate()))
                .getEncoded());
    }

    private static String pem(byte[] request) {
        return PemBlock.write(PemBlock.CERTIFICATE_REQUEST, request);
    }
}
