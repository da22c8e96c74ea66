package io.trustedlaunch.custody;

import java.util.UUID;

/** The key-encryption key of one VM's sealed guest state, made by {@link ProtectionKey#guestStateKey}. */
public final class GuestStateKey extends KeyEncryptionKey {
    GuestStateKey(UUID vm, byte[] keyId, byte[] key) {
        super(vm, keyId, key);
    }
}
