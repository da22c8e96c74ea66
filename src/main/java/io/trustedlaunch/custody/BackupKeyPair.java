package io.trustedlaunch.custody;

import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.HexFormat;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;

/**
 * A new backup key of a cluster, on P-256, and a certificate for it that never expires. It opens what was sealed for its
 * certificate as a recovery key does, and signs nothing.
 *
 * @param keyPem for its Secret, and for nothing else
 */
public record BackupKeyPair(String keyPem, String certificatePem) {
    private static final String NAME = "trusted-launch-backup";

    public static BackupKeyPair create(SecureRandom random, Instant now) {
        KeyPair pair = EllipticCurve.newPair(random);
        var name = NodeSubject.distinguishedName(
                NAME + "-" + HexFormat.of().formatHex(EllipticCurve.keyIdentifier(pair.getPublic()), 0, 4));
        try {
            var builder = SigningPair.builder(
                            name, name, pair.getPublic(), now, EkCertificateAuthority.WITHOUT_END, random)
                    .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyAgreement));
            return new BackupKeyPair(
                    PemBlock.write(PemBlock.PRIVATE_KEY, pair.getPrivate().getEncoded()),
                    Certificates.toPem(SigningPair.sign(builder, pair, random)));
        } catch (CertIOException e) {
            throw new IllegalStateException("encoding in memory failed", e);
        }
    }

    /** Omits the key. */
    @Override
    public String toString() {
        return "BackupKeyPair[" + RecoveryCertificate.fromPem(certificatePem) + "]";
    }
}
