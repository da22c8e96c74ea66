package io.trustedlaunch.custody;

import io.trustedlaunch.custody.EnvelopeRefusedException.Refusal;
import java.security.SecureRandom;
import java.util.List;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERUTF8String;

/**
 * Carries the credentials for the import of one ImageCopy to its node, as a {@link NodeMessage} of this DER:
 *
 * <pre>
 * Content ::= SEQUENCE { version INTEGER (1), imageCopy UTF8String, nodeName UTF8String,
 *                        secrets SEQUENCE OF UTF8String }   -- a token, or user and password
 * </pre>
 */
public final class PullEnvelope {
    private static final int MAX_BYTES = 4 * PullCredentials.MAX_LENGTH + 4 * 1024;

    private static final int FIELDS = 3;

    private PullEnvelope() {}

    /**
     * The recipient of an envelope.
     *
     * @param imageCopy the name of the ImageCopy
     */
    public record Address(String imageCopy, String nodeName) {}

    private record Content(Address address, PullCredentials credentials) {}

    /** @throws IllegalArgumentException if the certificate is not a sealing certificate of the addressed node */
    public static byte[] seal(
            PullCredentials credentials, Address address, VerifiedCertificate recipient, SecureRandom random) {
        return NodeMessage.seal(encode(new Content(address, credentials)), address.nodeName(), recipient, random);
    }

    /** Returns the credentials if they were sealed to this pair, are whole, and are addressed to {@code expected}. */
    public static PullCredentials open(byte[] envelope, NodeKeyPair sealingPair, Address expected)
            throws EnvelopeRefusedException {
        Content content = NodeMessage.open(envelope, MAX_BYTES, sealingPair, PullEnvelope::decode);
        NodeMessage.requireSame(
                Refusal.WRONG_IMAGE_COPY,
                "image copy",
                expected.imageCopy(),
                content.address().imageCopy());
        NodeMessage.requireSame(
                Refusal.WRONG_NODE,
                "node",
                expected.nodeName(),
                content.address().nodeName());
        return content.credentials();
    }

    private static byte[] encode(Content content) {
        List<String> secrets = switch (content.credentials()) {
            case PullCredentials.Basic basic -> List.of(basic.user(), basic.password());
            case PullCredentials.Bearer bearer -> List.of(bearer.token());
        };
        return VersionedSequence.encode(
                new DERUTF8String(content.address().imageCopy()),
                new DERUTF8String(content.address().nodeName()),
                new DERSequence(secrets.stream().map(DERUTF8String::new).toArray(ASN1Encodable[]::new)));
    }

    private static Content decode(byte[] encoded) {
        return VersionedSequence.decode(
                encoded,
                FIELDS,
                content -> new Content(new Address(content.text(1), content.text(2)), credentials(content.texts(3))),
                PullEnvelope::encode);
    }

    private static PullCredentials credentials(List<String> secrets) {
        return secrets.size() == 1
                ? PullCredentials.bearer(secrets.getFirst())
                : PullCredentials.basic(secrets.get(0), secrets.get(1));
    }
}
