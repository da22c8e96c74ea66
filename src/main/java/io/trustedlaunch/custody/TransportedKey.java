package io.trustedlaunch.custody;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.MGF1ParameterSpec;
import javax.crypto.Cipher;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource.PSpecified;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.cms.KeyTransRecipientInfo;
import org.bouncycastle.asn1.cms.RecipientIdentifier;
import org.bouncycastle.asn1.cms.RecipientInfo;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.RSAESOAEPparams;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;

/** Encrypted with RSA: OAEP with SHA-256 throughout (RFC 4055). */
record TransportedKey(byte[] keyIdentifier, byte[] encryptedKey) implements WrappedContentKey {
    private static final AlgorithmIdentifier SHA_256 =
            new AlgorithmIdentifier(NISTObjectIdentifiers.id_sha256, DERNull.INSTANCE);
    private static final AlgorithmIdentifier OAEP = new AlgorithmIdentifier(
            PKCSObjectIdentifiers.id_RSAES_OAEP,
            new RSAESOAEPparams(
                    SHA_256,
                    new AlgorithmIdentifier(PKCSObjectIdentifiers.id_mgf1, SHA_256),
                    RSAESOAEPparams.DEFAULT_P_SOURCE_ALGORITHM));
    private static final OAEPParameterSpec PARAMETERS =
            new OAEPParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, PSpecified.DEFAULT);

    static TransportedKey wrap(byte[] contentKey, RSAPublicKey recipient, SecureRandom random) {
        try {
            Cipher cipher = cipher();
            cipher.init(Cipher.ENCRYPT_MODE, recipient, PARAMETERS, random);
            return new TransportedKey(EllipticCurve.keyIdentifier(recipient), cipher.doFinal(contentKey));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("encrypting in memory failed", e);
        }
    }

    static TransportedKey parse(KeyTransRecipientInfo found) {
        return new TransportedKey(
                ASN1OctetString.getInstance(found.getRecipientIdentifier().getId())
                        .getOctets(),
                found.getEncryptedKey().getOctets());
    }

    @Override
    public RecipientInfo recipient() {
        return new RecipientInfo(new KeyTransRecipientInfo(
                new RecipientIdentifier(new DEROctetString(keyIdentifier)), OAEP, new DEROctetString(encryptedKey)));
    }

    @Override
    public byte[] unwrap(PrivateKey key) throws GeneralSecurityException {
        Cipher cipher = cipher();
        cipher.init(Cipher.DECRYPT_MODE, key, PARAMETERS);
        byte[] contentKey = cipher.doFinal(encryptedKey);
        if (contentKey.length != AuthenticatedContent.KEY_BYTES) {
            throw new InvalidKeyException("not an AES-256 key");
        }
        return contentKey;
    }

    private static Cipher cipher() throws GeneralSecurityException {
        return Cipher.getInstance("RSA/NONE/OAEPWithSHA256AndMGF1Padding", EllipticCurve.PROVIDER);
    }
}
