package io.trustedlaunch.custody;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.UUID;

/**
 * The key-encryption key of one VM's sealed guest state, made by {@link ProtectionKey#guestStateKey}.
 *
 * <p>Its maker closes it: the bytes are then overwritten, and sealing or opening with it throws an
 * {@link IllegalStateException}. Not thread-safe.
 */
public final class GuestStateKey implements AutoCloseable {
    /** A UID, and the id of a protection key. */
    static final int IDENTIFIER_BYTES = 16 + 8;

    private final UUID vm;
    private final byte[] keyId;
    private final byte[] key;
    private boolean closed;

    /** Keeps {@code key} itself, so that it can be wiped. */
    GuestStateKey(UUID vm, byte[] keyId, byte[] key) {
        this.vm = vm;
        this.keyId = keyId;
        this.key = key;
    }

    public UUID vm() {
        return vm;
    }

    /** Identifies the key in logs and messages, as {@link ProtectionKey#keyId} does; reveals nothing of it. */
    public String keyId() {
        return HexFormat.of().formatHex(keyId);
    }

    /**
     * In the clear in a sealed file: 16 bytes of the VM's UID, then 8 of the key id, so that files of other VMs and
     * files under other keys are recognized without the key.
     */
    public byte[] identifier() {
        return ByteBuffer.allocate(IDENTIFIER_BYTES)
                .putLong(vm.getMostSignificantBits())
                .putLong(vm.getLeastSignificantBits())
                .put(keyId)
                .array();
    }

    /** The key itself, not a copy, so that fewer copies stay in memory. */
    byte[] bytes() {
        if (closed) {
            throw new IllegalStateException(this + " was closed");
        }
        return key;
    }

    @Override
    public void close() {
        closed = true;
        Arrays.fill(key, (byte) 0);
    }

    @Override
    public String toString() {
        return "GuestStateKey[" + keyId() + " of VM " + vm + "]";
    }
}
