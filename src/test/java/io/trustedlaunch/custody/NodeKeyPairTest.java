package io.trustedlaunch.custody;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.testkit.RsaKeys;
import java.math.BigInteger;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.util.Base64;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.junit.jupiter.api.Test;

class NodeKeyPairTest {
    private final SecureRandom random = new SecureRandom();

    @Test
    void aPairReadBackFromItsFileIsTheSame() {
        NodeKeyPair pair = NodeKeyPair.generate(random);

        assertThat(NodeKeyPair.fromPem(pair.toPem()).publicKey().getEncoded())
                .isEqualTo(pair.publicKey().getEncoded());
    }

    @Test
    void aTruncatedOrForeignKeyIsRefusedWithoutQuotingIt() throws Exception {
        String pem = NodeKeyPair.generate(random).toPem();
        String body = pem.lines().skip(1).findFirst().orElseThrow();
        String rsaPem = PemBlock.write(
                PemBlock.PRIVATE_KEY, RsaKeys.make(2048).getPrivate().getEncoded());

        assertThatThrownBy(() -> NodeKeyPair.fromPem(pem.substring(0, pem.length() / 2)))
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .doesNotContain(body.substring(0, 10));
        assertThatThrownBy(() -> NodeKeyPair.fromPem(PemBlock.write(
                        PemBlock.PRIVATE_KEY, Base64.getMimeDecoder().decode(body))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> NodeKeyPair.fromPem(rsaPem)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> NodeKeyPair.fromPem("")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theTextOfAPairIsItsPublicId() {
        NodeKeyPair pair = NodeKeyPair.generate(random);

        assertThat(pair.toString()).isEqualTo("NodeKeyPair[" + pair.keyId() + "]");
    }

    /** Its number would be a key on P-256, too, of another public half. */
    @Test
    void aKeyOnAnotherCurveIsRefused() {
        String p384 = PemBlock.write(
                PemBlock.PRIVATE_KEY,
                NamedCurve.P_384.newPair(random).getPrivate().getEncoded());

        assertThatThrownBy(() -> NodeKeyPair.fromPem(p384)).hasMessage("not a private key on P-256");
    }

    /** A public key in the file may be missing or wrong, so that it is computed. */
    @Test
    void thePublicHalfIsNotReadFromTheFile() throws Exception {
        NodeKeyPair pair = NodeKeyPair.generate(random);
        NodeKeyPair other = NodeKeyPair.generate(random);
        byte[] scalar = ((ECPrivateKey) pair.privateKey()).getS().toByteArray();
        byte[] foreignPoint = SubjectPublicKeyInfo.getInstance(other.publicKey().getEncoded())
                .getPublicKeyData()
                .getBytes();
        String mixed = PemBlock.write(
                PemBlock.PRIVATE_KEY,
                new PrivateKeyInfo(
                                EllipticCurve.ALGORITHM,
                                new org.bouncycastle.asn1.sec.ECPrivateKey(
                                        256, new BigInteger(1, scalar), new DERBitString(foreignPoint), null))
                        .getEncoded());

        assertThat(NodeKeyPair.fromPem(mixed).keyId()).isEqualTo(pair.keyId());
    }

    @Test
    void aPairKnowsItsOwnCertificateAndRequestAndNoOthers() {
        CustodyFixture fixture = new CustodyFixture();
        NodeKeyPair pair = NodeKeyPair.generate(random);
        NodeKeyPair other = NodeKeyPair.generate(random);
        X509Certificate certificate = fixture.issue(pair, "host-a", CertificatePurpose.AGENT);

        assertThat(pair.isCertifiedBy(certificate)).isTrue();
        assertThat(other.isCertifiedBy(certificate)).isFalse();
        assertThat(pair.isRequestedBy(fixture.requestOf(pair))).isTrue();
        assertThat(other.isRequestedBy(fixture.requestOf(pair))).isFalse();
        assertThat(pair.keyId()).hasSize(16).isNotEqualTo(other.keyId());
    }
}
