package io.trustedlaunch.custody;

import io.trustedlaunch.custody.EnvelopeRefusedException.Refusal;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.UUID;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERUTF8String;

/**
 * Carries the keys of a VM's backups, and what may be asked of the bucket that they are in, for one RestoreRun to its node, as a
 * {@link NodeMessage} of this DER:
 *
 * <pre>
 * Content ::= SEQUENCE { version INTEGER (1), restoreRun UTF8String, vmUid UTF8String, nodeName UTF8String,
 *                        keyId OCTET STRING, descriptionKey OCTET STRING, packSecret OCTET STRING,
 *                        grant OCTET STRING }   -- empty for a folder
 * </pre>
 */
public final class RestoreEnvelope {
    private static final int MAX_BYTES = StoreEnvelope.MAX_GRANT_BYTES + 4 * 1024;
    private static final int FIELDS = 7;

    private RestoreEnvelope() {}

    /**
     * The recipient of an envelope.
     *
     * @param restoreRun the name of the RestoreRun
     */
    public record Address(String restoreRun, UUID vm, String nodeName) {}

    /**
     * The secrets that a restore needs.
     *
     * @param grant what may be asked of a bucket; empty for a folder
     */
    public record Content(BackupKeys keys, byte[] grant) implements AutoCloseable {
        @Override
        public void close() {
            keys.close();
        }

        /** Both are secrets. */
        @Override
        public String toString() {
            return "Content";
        }
    }

    private record Addressed(Address address, Content content) {}

    /** @throws IllegalArgumentException if the certificate is not a sealing certificate of the addressed node */
    public static byte[] seal(Content content, Address address, VerifiedCertificate recipient, SecureRandom random) {
        if (content.grant().length > StoreEnvelope.MAX_GRANT_BYTES) {
            throw new IllegalArgumentException(content.grant().length + " bytes for an envelope");
        }
        byte[] encoded = encode(new Addressed(address, content));
        try {
            return NodeMessage.seal(encoded, address.nodeName(), recipient, random);
        } finally {
            Arrays.fill(encoded, (byte) 0);
        }
    }

    /** Returns the content if it was sealed to this pair, is whole, and is addressed to {@code expected}. */
    public static Content open(byte[] envelope, NodeKeyPair sealingPair, Address expected)
            throws EnvelopeRefusedException {
        Addressed opened = NodeMessage.open(envelope, MAX_BYTES, sealingPair, RestoreEnvelope::decode);
        Address address = opened.address();
        NodeMessage.requireSame(Refusal.WRONG_VM, "VM", expected.vm(), address.vm());
        NodeMessage.requireSame(Refusal.WRONG_RESTORE, "restore", expected.restoreRun(), address.restoreRun());
        NodeMessage.requireSame(Refusal.WRONG_NODE, "node", expected.nodeName(), address.nodeName());
        return opened.content();
    }

    private static byte[] encode(Addressed content) {
        BackupKeys keys = content.content().keys();
        return VersionedSequence.encode(
                new DERUTF8String(content.address().restoreRun()),
                new DERUTF8String(content.address().vm().toString()),
                new DERUTF8String(content.address().nodeName()),
                new DEROctetString(keys.description().keyIdBytes()),
                new DEROctetString(keys.description().bytes()),
                new DEROctetString(keys.packSecret()),
                new DEROctetString(content.content().grant()));
    }

    private static Addressed decode(byte[] encoded) {
        return VersionedSequence.decode(
                encoded,
                FIELDS,
                content -> {
                    UUID vm = UUID.fromString(content.text(2));
                    BackupDescriptionKey description = new BackupDescriptionKey(
                            vm, content.octets(4, ProtectionKey.ID_BYTES), content.octets(5, ProtectionKey.BYTES));
                    return new Addressed(
                            new Address(content.text(1), vm, content.text(3)),
                            new Content(
                                    new BackupKeys(description, content.octets(6, ProtectionKey.BYTES)),
                                    content.octets(7)));
                },
                RestoreEnvelope::encode);
    }
}
