package io.trustedlaunch.custody;

import java.util.Arrays;
import java.util.UUID;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERUTF8String;

/**
 * The keys that open the backups of one VM, and nothing else of it: neither its TPM nor its guest state. Its maker closes it:
 * the bytes are then overwritten.
 *
 * @param packSecret of the packs, as {@link ProtectionKey#backupPackSecret}; not a copy
 */
public record BackupKeys(BackupDescriptionKey description, byte[] packSecret) implements AutoCloseable {
    private static final int FIELDS = 4;

    public static BackupKeys of(ProtectionKey key, UUID vm) {
        return new BackupKeys(key.backupDescriptionKey(vm), key.backupPackSecret(vm));
    }

    /**
     * All of them in the clear, for another process of the same host. Its user overwrites it.
     *
     * <pre>
     * Keys ::= SEQUENCE { version INTEGER (1), vmUid UTF8String, keyId OCTET STRING, descriptionKey OCTET STRING,
     *                     packSecret OCTET STRING }
     * </pre>
     */
    public byte[] encoded() {
        return VersionedSequence.encode(
                new DERUTF8String(description.vm().toString()),
                new DEROctetString(description.keyIdBytes()),
                new DEROctetString(description.bytes()),
                new DEROctetString(packSecret));
    }

    /** @throws IllegalArgumentException if it is nothing that {@link #encoded} returns */
    public static BackupKeys decode(byte[] encoded) {
        return VersionedSequence.decode(
                encoded,
                FIELDS,
                keys -> new BackupKeys(
                        new BackupDescriptionKey(
                                UUID.fromString(keys.text(1)),
                                keys.octets(2, ProtectionKey.ID_BYTES),
                                keys.octets(3, ProtectionKey.BYTES)),
                        keys.octets(4, ProtectionKey.BYTES)),
                BackupKeys::encoded);
    }

    @Override
    public void close() {
        description.close();
        Arrays.fill(packSecret, (byte) 0);
    }

    @Override
    public String toString() {
        return "BackupKeys[" + description + "]";
    }
}
