package io.trustedlaunch.custody;

import java.util.UUID;

/** The key-encryption key of the descriptions of one VM's backups, made by {@link ProtectionKey#backupDescriptionKey}. */
public final class BackupDescriptionKey extends KeyEncryptionKey {
    BackupDescriptionKey(UUID vm, byte[] keyId, byte[] key) {
        super(vm, keyId, key);
    }
}
