package io.trustedlaunch.custody;

import io.trustedlaunch.custody.EnvelopeRefusedException.Refusal;
import java.io.IOException;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.CertificateEncodingException;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
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
 * What is for one node only: CMS AuthEnvelopedData, sealed to the node's sealing pair by an ephemeral ECDH key on P-256,
 * AES-256 key wrap and AES-256-GCM.
 *
 * <p>The recipient is named by its public key, not by its certificate: the pair outlives a certificate, and what was
 * sealed before a renewal must open after it. Nothing here proves who sealed it.
 */
final class NodeMessage {
    private NodeMessage() {}

    /** @throws IllegalArgumentException if the certificate is not a sealing one of that node */
    static byte[] seal(byte[] content, String nodeName, VerifiedCertificate recipient, SecureRandom random) {
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
                    .generate(new CMSProcessableByteArray(content), encryptor)
                    .toASN1Structure()
                    .getEncoded(ASN1Encoding.DER);
        } catch (CMSException | CertificateEncodingException | IOException e) {
            throw new IllegalStateException("sealing an envelope failed", e);
        }
    }

    /**
     * @param maxBytes of all that its writer writes
     * @param decode throws an unchecked exception for whatever its writer would not have written
     */
    static <T> T open(byte[] message, int maxBytes, NodeKeyPair sealingPair, Function<byte[], T> decode)
            throws EnvelopeRefusedException {
        if (message.length > maxBytes) {
            throw new EnvelopeRefusedException(
                    Refusal.TOO_LARGE, "the envelope has " + message.length + " bytes, the limit is " + maxBytes);
        }
        try {
            CMSAuthEnvelopedData data = EnvelopeStructure.parse(message);
            RecipientInformation recipient =
                    List.copyOf(data.getRecipientInfos().getRecipients()).getFirst();
            byte[] sealedTo = ((KeyAgreeRecipientId) recipient.getRID()).getSubjectKeyIdentifier();
            if (!Arrays.equals(sealedTo, EllipticCurve.keyIdentifier(sealingPair.publicKey()))) {
                throw new EnvelopeRefusedException(
                        Refusal.WRONG_RECIPIENT, "the envelope is sealed to another key pair than this node's");
            }
            return decode.apply(recipient.getContent(new JceKeyAgreeAuthEnvelopedRecipient(sealingPair.privateKey())
                    .setProvider(EllipticCurve.PROVIDER)));
        } catch (CMSException | IOException | RuntimeException e) {
            // BouncyCastle tells malformed input by several unchecked exceptions; their messages may
            // quote the input, and after decryption that is the content.
            throw new EnvelopeRefusedException(
                    Refusal.DAMAGED, "the envelope is damaged (" + e.getClass().getSimpleName() + ")");
        }
    }

    static void requireSame(Refusal refusal, String what, Object expected, Object found)
            throws EnvelopeRefusedException {
        if (!expected.equals(found)) {
            throw new EnvelopeRefusedException(
                    refusal, "the envelope is for " + what + " " + found + ", expected was " + expected);
        }
    }
}
