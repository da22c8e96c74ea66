package io.trustedlaunch.agent.tpm;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.RSAPublicKeySpec;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Who a TPM is. Nothing in it is secret. Two are equal if their names are: a certificate can be issued again.
 *
 * @param name the TPM's own name for the key, in hex: {@code 000b} and the SHA-256 of its public area; what
 *     {@code tpm2_readpublic} prints
 * @param digest SHA-256 of the public key as a DER SubjectPublicKeyInfo, in hex: what openssl makes of a PEM file
 * @param certificate the EK certificate that the TPM carries; only one that certifies this very key
 */
public record EndorsementKey(String name, String digest, PublicKey publicKey, Optional<X509Certificate> certificate) {
    private static final HexFormat HEX = HexFormat.of();

    /** From a TPMT_PUBLIC and what lies in the NV index of the certificate, if anything. */
    static EndorsementKey of(byte[] publicArea, Optional<byte[]> certificateDer) {
        try {
            BigInteger modulus = new BigInteger(1, EkTemplate.modulus(publicArea));
            PublicKey key = KeyFactory.getInstance("RSA")
                    .generatePublic(new RSAPublicKeySpec(modulus, BigInteger.valueOf(65537)));
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            String name = "000b" + HEX.formatHex(sha256.digest(publicArea));
            String digest = HEX.formatHex(sha256.digest(key.getEncoded()));
            return new EndorsementKey(name, digest, key, certificateDer.flatMap(der -> certificate(der, modulus)));
        } catch (GeneralSecurityException e) {
            throw new TpmException(new TpmFailure.ProtocolBroken("the TPM answered with an unusable key"), e);
        }
    }

    /** The guest's owner can put anything into NV memory, so that what is no certificate of this key is none. */
    private static Optional<X509Certificate> certificate(byte[] der, BigInteger modulus) {
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            X509Certificate found = (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(der));
            boolean certifiesThisKey = found.getPublicKey() instanceof RSAPublicKey key
                    && key.getModulus().equals(modulus);
            return certifiesThisKey ? Optional.of(found) : Optional.empty();
        } catch (CertificateException e) {
            return Optional.empty();
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof EndorsementKey key && name.equals(key.name);
    }

    @Override
    public int hashCode() {
        return name.hashCode();
    }
}
