package io.trustedlaunch.custody;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.util.Set;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;

/**
 * A public key whose owner signed the request with the private key. Without that proof a node could have another node's
 * key certified in its own name. The request's names, usages and extensions are not read.
 */
public final class CertificateRequest {
    private static final Set<ASN1ObjectIdentifier> SIGNATURES = Set.of(
            X9ObjectIdentifiers.ecdsa_with_SHA256,
            X9ObjectIdentifiers.ecdsa_with_SHA384,
            X9ObjectIdentifiers.ecdsa_with_SHA512);

    private final PublicKey publicKey;

    private CertificateRequest(PublicKey publicKey) {
        this.publicKey = publicKey;
    }

    /** @throws IllegalArgumentException saying why the request is refused */
    public static CertificateRequest parse(String pem) {
        JcaPKCS10CertificationRequest request = decode(pem);
        if (!EllipticCurve.isOurs(request.getSubjectPublicKeyInfo())) {
            throw new IllegalArgumentException("the request is not for a key on P-256");
        }
        if (!SIGNATURES.contains(request.getSignatureAlgorithm().getAlgorithm())) {
            throw new IllegalArgumentException("the request is not signed by ECDSA with SHA-2");
        }
        if (!isSignedByItsKey(request)) {
            throw new IllegalArgumentException("the request is not signed by the key that it is for");
        }
        return new CertificateRequest(publicKeyOf(request));
    }

    private static JcaPKCS10CertificationRequest decode(String pem) {
        try {
            return new JcaPKCS10CertificationRequest(PemBlock.read(PemBlock.CERTIFICATE_REQUEST, pem))
                    .setProvider(EllipticCurve.PROVIDER);
        } catch (IOException | RuntimeException e) {
            throw new IllegalArgumentException("the request is not PKCS#10 in PEM", e);
        }
    }

    private static boolean isSignedByItsKey(JcaPKCS10CertificationRequest request) {
        try {
            return request.isSignatureValid(new JcaContentVerifierProviderBuilder()
                    .setProvider(EllipticCurve.PROVIDER)
                    .build(request.getSubjectPublicKeyInfo()));
        } catch (PKCSException | OperatorCreationException | RuntimeException e) {
            return false;
        }
    }

    private static PublicKey publicKeyOf(JcaPKCS10CertificationRequest request) {
        try {
            return request.getPublicKey();
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("the request's public key cannot be read", e);
        }
    }

    PublicKey publicKey() {
        return publicKey;
    }
}
