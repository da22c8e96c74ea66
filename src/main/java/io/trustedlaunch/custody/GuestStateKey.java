package io.trustedlaunch.custody;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.UUID;

/**
 * The key-encryption key of one VM's sealed guest state, made by {@link ProtectionKey#guestStateKey}.
 *
 * <p>Whoever made it closes it: the bytes are then overwritten, and sealing or opening with it ends with an
 * {@link IllegalStateException}. One thread at a time may use it.
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

    /** Tells keys apart in logs and messages, as {@link ProtectionKey#keyId} does; says nothing about the key. */
    public String keyId() {
        return HexFormat.of().formatHex(keyId);
    }

    /**
     * Stands in a sealed file in the clear: 16 bytes of the VM's UID, then 8 of the key id, so that a file of another
     * VM and one under another key are told apart without the key.
     */
    public byte[] identifier() {
        return ByteBuffer.allocate(IDENTIFIER_BYTES)
                .putLong(vm.getMostSignificantBits())
                .putLong(vm.getLeastSignificantBits())
                .put(keyId)
                .array();
    }

    /** The key itself, not a copy, so that no more copies than needed lie about. */
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
