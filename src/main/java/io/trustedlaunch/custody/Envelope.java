package io.trustedlaunch.custody;

import io.trustedlaunch.custody.EnvelopeRefusedException.Refusal;
import java.io.IOException;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.CertificateEncodingException;
import java.util.Arrays;
import java.util.List;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.cms.CMSAlgorithm;
import org.bouncycastle.cms.CMSAuthEnvelopedData;
import org.bouncycastle.cms.CMSAuthEnvelopedDataGenerator;
import org.bouncycastle.cms.CMSException;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.KeyAgreeRecipientId;
import org.bouncycastle.cms.RecipientInformation;
import org.bouncycastle.cms.jcajce.JceCMSContentEncryptorBuilder;
import org.bouncycastle.cms.jcajce.JceKeyAgreeAuthEnvelopedRecipient;
import org.bouncycastle.cms.jcajce.JceKeyAgreeRecipientInfoGenerator;
import org.bouncycastle.operator.OutputAEADEncryptor;

/**
 * Carries what is confidential about one incarnation to its node: CMS AuthEnvelopedData, sealed to the
 * node's sealing pair by an ephemeral ECDH key on P-256, AES-256 key wrap and AES-256-GCM.
 *
 * <p>The recipient is named by its public key, not by its certificate: the pair outlives a
 * certificate, and envelopes sealed before a renewal must open after it.
 *
 * <p>An envelope does not prove who sealed it. That only the operator writes an incarnation's spec is
 * the admission policies' part; that an envelope cannot be put into another incarnation is the address
 * inside it.
 */
public final class Envelope {
    /** The files at their limit, and room for the rest. */
    public static final int MAX_BYTES = EnvelopeContent.MAX_FILE_BYTES + 8 * 1024;

    private Envelope() {}

    /** @throws IllegalArgumentException if the certificate is not a sealing one of the addressed node */
    public static byte[] seal(EnvelopeContent content, VerifiedCertificate recipient, SecureRandom random) {
        String nodeName = content.address().nodeName();
        if (recipient.purpose() != CertificatePurpose.SEALING
                || !recipient.nodeName().equals(nodeName)) {
            throw new IllegalArgumentException("an envelope for node " + nodeName + " cannot be sealed to the "
                    + recipient.purpose() + " certificate of node " + recipient.nodeName());
        }
        var publicKey = recipient.certificate().getPublicKey();
        KeyPair ephemeral = EllipticCurve.newPair(random);
        try {
            var generator = new CMSAuthEnvelopedDataGenerator();
            generator.addRecipientInfoGenerator(new JceKeyAgreeRecipientInfoGenerator(
                            CMSAlgorithm.ECDH_SHA256KDF,
                            ephemeral.getPrivate(),
                            ephemeral.getPublic(),
                            CMSAlgorithm.AES256_WRAP)
                    .setProvider(EllipticCurve.PROVIDER)
                    .setSecureRandom(random)
                    .addRecipient(EllipticCurve.keyIdentifier(publicKey), publicKey));
            var encryptor = (OutputAEADEncryptor) new JceCMSContentEncryptorBuilder(CMSAlgorithm.AES256_GCM)
                    .setProvider(EllipticCurve.PROVIDER)
                    .setSecureRandom(random)
                    .build();
            return generator
                    .generate(new CMSProcessableByteArray(EnvelopeEncoding.encode(content)), encryptor)
                    .toASN1Structure()
                    .getEncoded(ASN1Encoding.DER);
        } catch (CMSException | CertificateEncodingException | IOException e) {
            throw new IllegalStateException("sealing an envelope failed", e);
        }
    }

    /** The content, if it was sealed to this pair, is whole, and says that it is for {@code expected}. */
    public static EnvelopeContent open(byte[] envelope, NodeKeyPair sealingPair, EnvelopeAddress expected)
            throws EnvelopeRefusedException {
        if (envelope.length > MAX_BYTES) {
            throw new EnvelopeRefusedException(
                    Refusal.TOO_LARGE, "the envelope has " + envelope.length + " bytes, the limit is " + MAX_BYTES);
        }
        EnvelopeContent content = decrypt(envelope, sealingPair);
        requireSame(Refusal.WRONG_VM, "VM", expected.vmUid(), content.address().vmUid());
        requireSame(
                Refusal.WRONG_EPOCH,
                "epoch",
                expected.epoch(),
                content.address().epoch());
        requireSame(
                Refusal.WRONG_NODE,
                "node",
                expected.nodeName(),
                content.address().nodeName());
        return content;
    }

    private static EnvelopeContent decrypt(byte[] envelope, NodeKeyPair sealingPair) throws EnvelopeRefusedException {
        try {
            CMSAuthEnvelopedData data = EnvelopeStructure.parse(envelope);
            RecipientInformation recipient =
                    List.copyOf(data.getRecipientInfos().getRecipients()).getFirst();
            byte[] sealedTo = ((KeyAgreeRecipientId) recipient.getRID()).getSubjectKeyIdentifier();
            if (!Arrays.equals(sealedTo, EllipticCurve.keyIdentifier(sealingPair.publicKey()))) {
                throw new EnvelopeRefusedException(
                        Refusal.WRONG_RECIPIENT, "the envelope is sealed to another key pair than this node's");
            }
            return EnvelopeEncoding.decode(
                    recipient.getContent(new JceKeyAgreeAuthEnvelopedRecipient(sealingPair.privateKey())
                            .setProvider(EllipticCurve.PROVIDER)));
        } catch (CMSException | IOException | RuntimeException e) {
            // BouncyCastle tells malformed input by several unchecked exceptions; their messages may
            // quote the input, and after decryption that is the content.
            throw new EnvelopeRefusedException(
                    Refusal.DAMAGED, "the envelope is damaged (" + e.getClass().getSimpleName() + ")");
        }
    }

    private static void requireSame(Refusal refusal, String what, Object expected, Object found)
            throws EnvelopeRefusedException {
        if (!expected.equals(found)) {
            throw new EnvelopeRefusedException(
                    refusal, "the envelope is for " + what + " " + found + ", expected was " + expected);
        }
    }
}
