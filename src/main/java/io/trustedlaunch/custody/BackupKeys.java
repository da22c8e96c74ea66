package io.trustedlaunch.custody;

import java.util.Arrays;
import java.util.UUID;

/**
 * The keys that open the backups of one VM, and nothing else of it: neither its TPM nor its guest state. Its maker closes it:
 * the bytes are then overwritten.
 *
 * @param packSecret of the packs, as {@link ProtectionKey#backupPackSecret}; not a copy
 */
public record BackupKeys(BackupDescriptionKey description, byte[] packSecret) implements AutoCloseable {
    public static BackupKeys of(ProtectionKey key, UUID vm) {
        return new BackupKeys(key.backupDescriptionKey(vm), key.backupPackSecret(vm));
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
