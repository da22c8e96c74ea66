package io.trustedlaunch.custody;

import io.trustedlaunch.custody.EnvelopeRefusedException.Refusal;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.Function;

/**
 * Content for one node only: CMS AuthEnvelopedData, sealed to the node's sealing pair by an ephemeral ECDH key on
 * P-256, AES-256 key wrap and AES-256-GCM.
 *
 * <p>The recipient is named by its public key, not by its certificate: a message that was sealed before a renewal must
 * open after it. Nothing here proves who sealed it.
 */
final class NodeMessage {
    private NodeMessage() {}

    /** @throws IllegalArgumentException if the certificate is not a sealing certificate of that node */
    static byte[] seal(byte[] content, String nodeName, VerifiedCertificate recipient, SecureRandom random) {
        if (recipient.purpose() != CertificatePurpose.SEALING
                || !recipient.nodeName().equals(nodeName)) {
            throw new IllegalArgumentException("an envelope for node " + nodeName + " cannot be sealed to the "
                    + recipient.purpose() + " certificate of node " + recipient.nodeName());
        }
        return KeyPairStructure.seal(content, recipient.certificate().getPublicKey(), random);
    }

    /**
     * The identifier of the key that a message is sealed to, as {@link VerifiedCertificate#keyIdentifier}; empty if it
     * is not such a message. It is in the clear and not protected.
     */
    static Optional<String> recipient(byte[] message) {
        try {
            return Optional.of(HexFormat.of()
                    .formatHex(KeyPairStructure.parse(message).key().keyIdentifier()));
        } catch (IOException | RuntimeException e) {
            // BouncyCastle reports malformed input by several unchecked exceptions.
            return Optional.empty();
        }
    }

    /**
     * @param maxBytes the most that the writer writes
     * @param decode throws an unchecked exception for anything that the writer does not write
     */
    static <T> T open(byte[] message, int maxBytes, NodeKeyPair sealingPair, Function<byte[], T> decode)
            throws EnvelopeRefusedException {
        if (message.length > maxBytes) {
            throw new EnvelopeRefusedException(
                    Refusal.TOO_LARGE, "the envelope has " + message.length + " bytes, the limit is " + maxBytes);
        }
        try {
            KeyPairStructure structure = KeyPairStructure.parse(message);
            if (!(structure.key() instanceof AgreedKey key) || key.curve() != NamedCurve.P_256) {
                throw new IOException("not sealed to a key pair on P-256");
            }
            if (!Arrays.equals(key.keyIdentifier(), EllipticCurve.keyIdentifier(sealingPair.publicKey()))) {
                throw new EnvelopeRefusedException(
                        Refusal.WRONG_RECIPIENT, "the envelope is sealed to another key pair than this node's");
            }
            byte[] contentKey = key.unwrap(sealingPair.privateKey());
            try {
                return decode.apply(structure.content().decrypt(contentKey));
            } finally {
                Arrays.fill(contentKey, (byte) 0);
            }
        } catch (GeneralSecurityException | IOException | RuntimeException e) {
            // BouncyCastle reports malformed input by several unchecked exceptions; their messages may
            // quote the input, which is confidential after decryption.
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
