package io.trustedlaunch.custody;

import io.trustedlaunch.custody.EnvelopeRefusedException.Refusal;
import java.security.SecureRandom;
import java.util.Optional;

/**
 * Carries the confidential data of one incarnation to its node, as a {@link NodeMessage}.
 *
 * <p>An envelope does not prove who sealed it. Admission policies ensure that only the operator writes an incarnation's
 * spec; the address inside prevents the use of an envelope for another incarnation.
 */
public final class Envelope {
    /** The limit of the files, and room for the rest. */
    public static final int MAX_BYTES = EnvelopeContent.MAX_FILE_BYTES + 8 * 1024;

    private Envelope() {}

    /** @throws IllegalArgumentException if the certificate is not a sealing certificate of the addressed node */
    public static byte[] seal(EnvelopeContent content, VerifiedCertificate recipient, SecureRandom random) {
        return NodeMessage.seal(
                EnvelopeEncoding.encode(content), content.address().nodeName(), recipient, random);
    }

    /** Whether the owner of the key can open it, unless it was altered. */
    public static boolean isSealedTo(String keyIdentifier, byte[] envelope) {
        return NodeMessage.recipient(envelope).equals(Optional.of(keyIdentifier));
    }

    /** Returns the content if it was sealed to this pair, is whole, and is addressed to {@code expected}. */
    public static EnvelopeContent open(byte[] envelope, NodeKeyPair sealingPair, EnvelopeAddress expected)
            throws EnvelopeRefusedException {
        EnvelopeContent content = NodeMessage.open(envelope, MAX_BYTES, sealingPair, EnvelopeEncoding::decode);
        NodeMessage.requireSame(
                Refusal.WRONG_VM, "VM", expected.vmUid(), content.address().vmUid());
        NodeMessage.requireSame(
                Refusal.WRONG_EPOCH,
                "epoch",
                expected.epoch(),
                content.address().epoch());
        NodeMessage.requireSame(
                Refusal.WRONG_NODE,
                "node",
                expected.nodeName(),
                content.address().nodeName());
        return content;
    }
}
