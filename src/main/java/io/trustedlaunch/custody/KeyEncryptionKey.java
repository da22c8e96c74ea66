package io.trustedlaunch.custody;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.UUID;

/**
 * A key of one VM under which {@link KeyWrappedMessage} seals, derived from its {@link ProtectionKey}. Each purpose has a
 * type of its own, so that no file of one purpose is opened as one of another.
 *
 * <p>Its maker closes it: the bytes are then overwritten, and sealing or opening with it throws an
 * {@link IllegalStateException}. Not thread-safe.
 */
public abstract sealed class KeyEncryptionKey implements AutoCloseable permits GuestStateKey, BackupDescriptionKey {
    /** A UID, and the id of a protection key. */
    static final int IDENTIFIER_BYTES = 16 + 8;

    private final UUID vm;
    private final byte[] keyId;
    private final byte[] key;
    private boolean closed;

    /** Keeps {@code key} itself, so that it can be wiped. */
    KeyEncryptionKey(UUID vm, byte[] keyId, byte[] key) {
        this.vm = vm;
        this.keyId = keyId;
        this.key = key;
    }

    public final UUID vm() {
        return vm;
    }

    /** Identifies the key in logs and messages, as {@link ProtectionKey#keyId} does; reveals nothing of it. */
    public final String keyId() {
        return HexFormat.of().formatHex(keyId);
    }

    /**
     * Stands in the clear in a sealed file: 16 bytes of the VM's UID, then 8 of the key id, so that files of other VMs and files
     * under other keys are recognized without the key.
     */
    public final byte[] identifier() {
        return ByteBuffer.allocate(IDENTIFIER_BYTES)
                .putLong(vm.getMostSignificantBits())
                .putLong(vm.getLeastSignificantBits())
                .put(keyId)
                .array();
    }

    final byte[] keyIdBytes() {
        return keyId.clone();
    }

    /** The key itself, not a copy, so that fewer copies stay in memory. */
    final byte[] bytes() {
        if (closed) {
            throw new IllegalStateException(this + " was closed");
        }
        return key;
    }

    @Override
    public final void close() {
        closed = true;
        Arrays.fill(key, (byte) 0);
    }

    @Override
    public final String toString() {
        return getClass().getSimpleName() + "[" + keyId() + " of VM " + vm + "]";
    }
}
