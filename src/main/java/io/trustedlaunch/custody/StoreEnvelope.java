package io.trustedlaunch.custody;

import io.trustedlaunch.custody.EnvelopeRefusedException.Refusal;
import java.io.IOException;
import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.Arrays;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ASN1UTF8String;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERUTF8String;

/**
 * Carries what the node of one BackupRun may ask of a store, as a {@link NodeMessage} of this DER:
 *
 * <pre>
 * Content ::= SEQUENCE { version INTEGER (1), backupRun UTF8String, nodeName UTF8String, grant OCTET STRING }
 * </pre>
 */
public final class StoreEnvelope {
    /** As base64 it must fit into the field of a BackupRun. */
    public static final int MAX_GRANT_BYTES = 700 * 1024;

    private static final int MAX_BYTES = MAX_GRANT_BYTES + 4 * 1024;
    private static final BigInteger VERSION = BigInteger.ONE;
    private static final int FIELDS = 4;

    private StoreEnvelope() {}

    /**
     * The recipient of an envelope.
     *
     * @param backupRun UID of the BackupRun
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
        DERSequence sequence = new DERSequence(new ASN1Encodable[] {
            new ASN1Integer(VERSION),
            new DERUTF8String(content.address().backupRun()),
            new DERUTF8String(content.address().nodeName()),
            new DEROctetString(content.grant())
        });
        try {
            return sequence.getEncoded(ASN1Encoding.DER);
        } catch (IOException e) {
            throw new IllegalStateException("encoding in memory failed", e);
        }
    }

    private static Content decode(byte[] encoded) {
        ASN1Sequence sequence = ASN1Sequence.getInstance(encoded);
        if (sequence.size() != FIELDS
                || !ASN1Integer.getInstance(sequence.getObjectAt(0)).hasValue(VERSION)) {
            throw new IllegalArgumentException("not version " + VERSION + " of a store envelope's content");
        }
        Content content = new Content(
                new Address(text(sequence.getObjectAt(1)), text(sequence.getObjectAt(2))),
                ASN1OctetString.getInstance(sequence.getObjectAt(3)).getOctets());
        if (!Arrays.equals(encode(content), encoded)) {
            throw new IllegalArgumentException("not the canonical encoding of a store envelope's content");
        }
        return content;
    }

    private static String text(ASN1Encodable value) {
        return ASN1UTF8String.getInstance(value).getString();
    }
}
