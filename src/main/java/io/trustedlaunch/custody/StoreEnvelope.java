package io.trustedlaunch.custody;

import io.trustedlaunch.custody.EnvelopeRefusedException.Refusal;
import java.security.SecureRandom;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERUTF8String;

/**
 * Carries what the node of one BackupRun or StoredBackupRun may ask of a store, as a {@link NodeMessage} of this DER:
 *
 * <pre>
 * Content ::= SEQUENCE { version INTEGER (1), backupRun UTF8String, nodeName UTF8String, grant OCTET STRING }
 * </pre>
 */
public final class StoreEnvelope {
    /** The base64 form must fit into the field of a run. */
    public static final int MAX_GRANT_BYTES = 700 * 1024;

    private static final int MAX_BYTES = MAX_GRANT_BYTES + 4 * 1024;
    private static final int FIELDS = 3;

    private StoreEnvelope() {}

    /**
     * The recipient of an envelope.
     *
     * @param backupRun UID of the run
     */
    public record Address(String backupRun, String nodeName) {}

    private record Content(Address address, byte[] grant) {}

    /** @throws IllegalArgumentException if the certificate is not a sealing certificate of the addressed node */
    public static byte[] seal(byte[] grant, Address address, VerifiedCertificate recipient, SecureRandom random) {
        if (grant.length > MAX_GRANT_BYTES) {
            throw new IllegalArgumentException(grant.length + " bytes for an envelope");
        }
        return NodeMessage.seal(encode(new Content(address, grant)), address.nodeName(), recipient, random);
    }

    /** Returns the grant if it was sealed to this pair, is whole, and is addressed to {@code expected}. */
    public static byte[] open(byte[] envelope, NodeKeyPair sealingPair, Address expected)
            throws EnvelopeRefusedException {
        Content content = NodeMessage.open(envelope, MAX_BYTES, sealingPair, StoreEnvelope::decode);
        NodeMessage.requireSame(
                Refusal.WRONG_BACKUP_RUN,
                "backup run",
                expected.backupRun(),
                content.address().backupRun());
        NodeMessage.requireSame(
                Refusal.WRONG_NODE,
                "node",
                expected.nodeName(),
                content.address().nodeName());
        return content.grant();
    }

    private static byte[] encode(Content content) {
        return VersionedSequence.encode(
                new DERUTF8String(content.address().backupRun()),
                new DERUTF8String(content.address().nodeName()),
                new DEROctetString(content.grant()));
    }

    private static Content decode(byte[] encoded) {
        return VersionedSequence.decode(
                encoded,
                FIELDS,
                content -> new Content(new Address(content.text(1), content.text(2)), content.octets(3)),
                StoreEnvelope::encode);
    }
}
