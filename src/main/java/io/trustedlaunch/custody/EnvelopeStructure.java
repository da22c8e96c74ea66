package io.trustedlaunch.custody;

import java.io.IOException;
import java.util.Arrays;
import org.bouncycastle.asn1.ASN1BitString;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.cms.AuthEnvelopedData;
import org.bouncycastle.asn1.cms.ContentInfo;
import org.bouncycastle.asn1.cms.KeyAgreeRecipientIdentifier;
import org.bouncycastle.asn1.cms.KeyAgreeRecipientInfo;
import org.bouncycastle.asn1.cms.OriginatorIdentifierOrKey;
import org.bouncycastle.asn1.cms.OriginatorPublicKey;
import org.bouncycastle.asn1.cms.RecipientEncryptedKey;
import org.bouncycastle.asn1.cms.RecipientInfo;
import org.bouncycastle.asn1.cms.RecipientKeyIdentifier;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.cms.CMSAuthEnvelopedData;
import org.bouncycastle.cms.CMSException;

/**
 * The one form of CMS that an envelope has; {@link AuthenticatedContent} says why there is only one, and how a reader
 * makes sure of it.
 */
final class EnvelopeStructure {
    /** An uncompressed point: its mark and two coordinates. */
    private static final int POINT_BYTES = 1 + 2 * 32;

    private static final byte UNCOMPRESSED = 4;

    private static final AlgorithmIdentifier KEY_AGREEMENT = new AlgorithmIdentifier(
            SECObjectIdentifiers.dhSinglePass_stdDH_sha256kdf_scheme,
            new AlgorithmIdentifier(NISTObjectIdentifiers.id_aes256_wrap));

    private EnvelopeStructure() {}

    static CMSAuthEnvelopedData parse(byte[] envelope) throws IOException, CMSException {
        AuthEnvelopedData found =
                AuthEnvelopedData.getInstance(ContentInfo.getInstance(envelope).getContent());
        KeyAgreeRecipientInfo recipient = (KeyAgreeRecipientInfo)
                RecipientInfo.getInstance(found.getRecipientInfos().getObjectAt(0))
                        .getInfo();
        if (!Arrays.equals(AuthenticatedContent.in(found).encodedFor(rebuilt(recipient)), envelope)) {
            throw new IOException("not the form that envelopes have");
        }
        return new CMSAuthEnvelopedData(envelope);
    }

    private static RecipientInfo rebuilt(KeyAgreeRecipientInfo found) throws IOException {
        RecipientEncryptedKey key = RecipientEncryptedKey.getInstance(
                found.getRecipientEncryptedKeys().getObjectAt(0));
        ASN1OctetString keyIdentifier = key.getIdentifier().getRKeyID().getSubjectKeyIdentifier();
        OriginatorPublicKey originator = new OriginatorPublicKey(
                EllipticCurve.ALGORITHM,
                point(found.getOriginator().getOriginatorKey().getPublicKeyData()));
        RecipientEncryptedKey expectedKey = new RecipientEncryptedKey(
                new KeyAgreeRecipientIdentifier(new RecipientKeyIdentifier(keyIdentifier.getOctets())),
                new DEROctetString(key.getEncryptedKey().getOctets()));
        return new RecipientInfo(new KeyAgreeRecipientInfo(
                new OriginatorIdentifierOrKey(originator), null, KEY_AGREEMENT, new DERSequence(expectedKey)));
    }

    /** One point can be written in several ways, and a bit string can end within a byte. */
    private static DERBitString point(ASN1BitString found) throws IOException {
        byte[] bytes = found.getBytes();
        if (found.getPadBits() != 0 || bytes.length != POINT_BYTES || bytes[0] != UNCOMPRESSED) {
            throw new IOException("not an uncompressed point");
        }
        return new DERBitString(bytes);
    }
}
