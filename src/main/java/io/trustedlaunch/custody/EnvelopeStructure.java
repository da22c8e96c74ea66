package io.trustedlaunch.custody;

import java.io.IOException;
import java.util.Arrays;
import org.bouncycastle.asn1.ASN1BitString;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.cms.AuthEnvelopedData;
import org.bouncycastle.asn1.cms.CMSObjectIdentifiers;
import org.bouncycastle.asn1.cms.ContentInfo;
import org.bouncycastle.asn1.cms.EncryptedContentInfo;
import org.bouncycastle.asn1.cms.GCMParameters;
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
 * The one form of CMS that an envelope has.
 *
 * <p>CMS leaves a sender much freedom (algorithms, tag lengths, attributes, encodings), and a reader
 * that accepts it accepts what nobody here sealed. So the variable parts are taken out, the envelope is
 * built anew around them, and must come out the same to the last byte.
 */
final class EnvelopeStructure {
    private static final int TAG_BYTES = 16;
    private static final int NONCE_BYTES = 12;

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
        if (!Arrays.equals(rebuilt(found).getEncoded(ASN1Encoding.DER), envelope)) {
            throw new IOException("not the form that envelopes have");
        }
        return new CMSAuthEnvelopedData(envelope);
    }

    private static ContentInfo rebuilt(AuthEnvelopedData found) throws IOException {
        KeyAgreeRecipientInfo recipient = (KeyAgreeRecipientInfo)
                RecipientInfo.getInstance(found.getRecipientInfos().getObjectAt(0))
                        .getInfo();
        EncryptedContentInfo content = found.getAuthEncryptedContentInfo();
        GCMParameters gcm = GCMParameters.getInstance(
                content.getContentEncryptionAlgorithm().getParameters());
        byte[] tag = found.getMac().getOctets();
        if (tag.length != TAG_BYTES || gcm.getNonce().length != NONCE_BYTES) {
            throw new IOException("authentication tag or nonce of an unexpected length");
        }
        EncryptedContentInfo expectedContent = new EncryptedContentInfo(
                CMSObjectIdentifiers.data,
                new AlgorithmIdentifier(
                        NISTObjectIdentifiers.id_aes256_GCM, new GCMParameters(gcm.getNonce(), TAG_BYTES)),
                new DEROctetString(content.getEncryptedContent().getOctets()));
        return new ContentInfo(
                CMSObjectIdentifiers.authEnvelopedData,
                new AuthEnvelopedData(
                        null, new DERSet(rebuilt(recipient)), expectedContent, null, new DEROctetString(tag), null));
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
