package io.trustedlaunch.custody;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.interfaces.ECPublicKey;
import java.util.Arrays;
import javax.crypto.KeyAgreement;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.cms.KeyAgreeRecipientIdentifier;
import org.bouncycastle.asn1.cms.KeyAgreeRecipientInfo;
import org.bouncycastle.asn1.cms.OriginatorIdentifierOrKey;
import org.bouncycastle.asn1.cms.OriginatorPublicKey;
import org.bouncycastle.asn1.cms.RecipientEncryptedKey;
import org.bouncycastle.asn1.cms.RecipientInfo;
import org.bouncycastle.asn1.cms.RecipientKeyIdentifier;
import org.bouncycastle.asn1.cms.ecc.ECCCMSSharedInfo;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.generators.KDF2BytesGenerator;
import org.bouncycastle.crypto.params.KDFParameters;
import org.bouncycastle.util.Pack;

/** Wrapped under a key from ephemeral ECDH (RFC 5753): the X9.63 KDF with SHA-256, then AES-256 key wrap. */
record AgreedKey(NamedCurve curve, byte[] keyIdentifier, byte[] ephemeralPoint, byte[] wrappedKey)
        implements WrappedContentKey {
    private static final AlgorithmIdentifier KEY_WRAP = new AlgorithmIdentifier(NISTObjectIdentifiers.id_aes256_wrap);
    private static final AlgorithmIdentifier KEY_AGREEMENT =
            new AlgorithmIdentifier(SECObjectIdentifiers.dhSinglePass_stdDH_sha256kdf_scheme, KEY_WRAP);

    static AgreedKey wrap(byte[] contentKey, ECPublicKey recipient, SecureRandom random) {
        NamedCurve curve = NamedCurve.of(
                        SubjectPublicKeyInfo.getInstance(recipient.getEncoded()).getAlgorithm())
                .orElseThrow();
        KeyPair ephemeral = curve.newPair(random);
        byte[] point = SubjectPublicKeyInfo.getInstance(ephemeral.getPublic().getEncoded())
                .getPublicKeyData()
                .getBytes();
        try {
            byte[] keyEncryptionKey = agreed(ephemeral.getPrivate(), recipient);
            byte[] wrapped = KeyWrap.wrap(contentKey, keyEncryptionKey);
            Arrays.fill(keyEncryptionKey, (byte) 0);
            return new AgreedKey(curve, EllipticCurve.keyIdentifier(recipient), point, wrapped);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("agreeing on a key in memory failed", e);
        }
    }

    static AgreedKey parse(KeyAgreeRecipientInfo found) throws IOException {
        RecipientEncryptedKey key = RecipientEncryptedKey.getInstance(
                found.getRecipientEncryptedKeys().getObjectAt(0));
        ASN1OctetString keyIdentifier = key.getIdentifier().getRKeyID().getSubjectKeyIdentifier();
        OriginatorPublicKey originator = found.getOriginator().getOriginatorKey();
        NamedCurve curve =
                NamedCurve.of(originator.getAlgorithm()).orElseThrow(() -> new IOException("unsupported curve"));
        return new AgreedKey(
                curve,
                keyIdentifier.getOctets(),
                curve.point(originator.getPublicKeyData()),
                key.getEncryptedKey().getOctets());
    }

    @Override
    public RecipientInfo recipient() {
        OriginatorPublicKey originator = new OriginatorPublicKey(curve.algorithm(), new DERBitString(ephemeralPoint));
        RecipientEncryptedKey key = new RecipientEncryptedKey(
                new KeyAgreeRecipientIdentifier(new RecipientKeyIdentifier(keyIdentifier)),
                new DEROctetString(wrappedKey));
        return new RecipientInfo(new KeyAgreeRecipientInfo(
                new OriginatorIdentifierOrKey(originator), null, KEY_AGREEMENT, new DERSequence(key)));
    }

    @Override
    public byte[] unwrap(PrivateKey key) throws GeneralSecurityException {
        byte[] keyEncryptionKey = agreed(key, curve.publicKey(ephemeralPoint));
        try {
            return KeyWrap.unwrap(wrappedKey, keyEncryptionKey);
        } finally {
            Arrays.fill(keyEncryptionKey, (byte) 0);
        }
    }

    private static byte[] agreed(PrivateKey own, PublicKey others) throws GeneralSecurityException {
        KeyAgreement agreement = KeyAgreement.getInstance("ECDH", EllipticCurve.PROVIDER);
        agreement.init(own);
        agreement.doPhase(others, true);
        byte[] secret = agreement.generateSecret();
        byte[] keyEncryptionKey = new byte[AuthenticatedContent.KEY_BYTES];
        KDF2BytesGenerator derivation = new KDF2BytesGenerator(new SHA256Digest());
        derivation.init(new KDFParameters(secret, sharedInfo()));
        derivation.generateBytes(keyEncryptionKey, 0, keyEncryptionKey.length);
        Arrays.fill(secret, (byte) 0);
        return keyEncryptionKey;
    }

    private static byte[] sharedInfo() {
        try {
            return new ECCCMSSharedInfo(KEY_WRAP, Pack.intToBigEndian(AuthenticatedContent.KEY_BYTES * Byte.SIZE))
                    .getEncoded(ASN1Encoding.DER);
        } catch (IOException e) {
            throw new IllegalStateException("encoding in memory failed", e);
        }
    }
}
