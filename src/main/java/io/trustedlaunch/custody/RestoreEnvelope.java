package io.trustedlaunch.custody;

import io.trustedlaunch.custody.EnvelopeRefusedException.Refusal;
import java.io.IOException;
import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.UUID;
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
 * Carries the keys of a VM's backups for one RestoreRun to its node, as a {@link NodeMessage} of this DER:
 *
 * <pre>
 * Content ::= SEQUENCE { version INTEGER (1), restoreRun UTF8String, vmUid UTF8String, nodeName UTF8String,
 *                        keyId OCTET STRING, descriptionKey OCTET STRING, passphrase OCTET STRING }
 * </pre>
 */
public final class RestoreEnvelope {
    private static final int MAX_BYTES = 4 * 1024;
    private static final BigInteger VERSION = BigInteger.ONE;
    private static final int FIELDS = 7;
    private static final int PASSPHRASE_BYTES = 2 * ProtectionKey.BYTES;

    private RestoreEnvelope() {}

    /**
     * The recipient of an envelope.
     *
     * @param restoreRun the name of the RestoreRun
     */
    public record Address(String restoreRun, UUID vm, String nodeName) {}

    private record Content(Address address, BackupKeys keys) {}

    /** @throws IllegalArgumentException if the certificate is not a sealing certificate of the addressed node */
    public static byte[] seal(BackupKeys keys, Address address, VerifiedCertificate recipient, SecureRandom random) {
        byte[] encoded = encode(new Content(address, keys));
        try {
            return NodeMessage.seal(encoded, address.nodeName(), recipient, random);
        } finally {
            Arrays.fill(encoded, (byte) 0);
        }
    }

    /** Returns the keys if they were sealed to this pair, are whole, and are addressed to {@code expected}. */
    public static BackupKeys open(byte[] envelope, NodeKeyPair sealingPair, Address expected)
            throws EnvelopeRefusedException {
        Content content = NodeMessage.open(envelope, MAX_BYTES, sealingPair, RestoreEnvelope::decode);
        Address address = content.address();
        NodeMessage.requireSame(Refusal.WRONG_VM, "VM", expected.vm(), address.vm());
        NodeMessage.requireSame(Refusal.WRONG_RESTORE, "restore", expected.restoreRun(), address.restoreRun());
        NodeMessage.requireSame(Refusal.WRONG_NODE, "node", expected.nodeName(), address.nodeName());
        return content.keys();
    }

    private static byte[] encode(Content content) {
        DERSequence sequence = new DERSequence(new ASN1Encodable[] {
            new ASN1Integer(VERSION),
            new DERUTF8String(content.address().restoreRun()),
            new DERUTF8String(content.address().vm().toString()),
            new DERUTF8String(content.address().nodeName()),
            new DEROctetString(content.keys().description().keyIdBytes()),
            new DEROctetString(content.keys().description().bytes()),
            new DEROctetString(content.keys().passphrase())
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
            throw new IllegalArgumentException("not version " + VERSION + " of a restore envelope's content");
        }
        UUID vm = UUID.fromString(text(sequence.getObjectAt(2)));
        Content content = new Content(
                new Address(text(sequence.getObjectAt(1)), vm, text(sequence.getObjectAt(3))),
                new BackupKeys(
                        new BackupDescriptionKey(
                                vm,
                                octets(sequence.getObjectAt(4), ProtectionKey.ID_BYTES),
                                octets(sequence.getObjectAt(5), ProtectionKey.BYTES)),
                        octets(sequence.getObjectAt(6), PASSPHRASE_BYTES)));
        if (!Arrays.equals(encode(content), encoded)) {
            throw new IllegalArgumentException("not the canonical encoding of a restore envelope's content");
        }
        return content;
    }

    private static String text(ASN1Encodable value) {
        return ASN1UTF8String.getInstance(value).getString();
    }

    /** A copy, which its user wipes. */
    private static byte[] octets(ASN1Encodable value, int length) {
        byte[] octets = ASN1OctetString.getInstance(value).getOctets().clone();
        if (octets.length != length) {
            throw new IllegalArgumentException("a field has " + octets.length + " bytes, not " + length);
        }
        return octets;
    }
}
