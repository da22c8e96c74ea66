package io.trustedlaunch.custody;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;

/**
 * Seals the pieces of one pack with AES-256-GCM. The nonce is a piece's offset in the pack, which is written once: so it
 * opens in its place, and nowhere else. Not thread-safe.
 */
public final class SegmentCipher {
    public static final int TAG_BYTES = 16;

    private static final int NONCE_BYTES = 12;

    private final SecretKey key;
    private final Cipher cipher;

    SegmentCipher(SecretKey key) {
        this.key = key;
        try {
            this.cipher = Cipher.getInstance("AES/GCM/NoPadding");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has AES-GCM", e);
        }
    }

    /**
     * Returns how many bytes it has sealed: {@value #TAG_BYTES} more.
     *
     * @param offset in the pack
     */
    public int seal(byte[] plain, int from, int length, long offset, byte[] sealed) {
        try {
            cipher.init(Cipher.ENCRYPT_MODE, key, nonce(offset));
            return cipher.doFinal(plain, from, length, sealed);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a segment cannot be sealed", e);
        }
    }

    /** Returns false if it is not what was sealed there; {@code plain} is then of no use. */
    public boolean opens(byte[] sealed, int from, int length, long offset, byte[] plain, int to) {
        try {
            cipher.init(Cipher.DECRYPT_MODE, key, nonce(offset));
            cipher.doFinal(sealed, from, length, plain, to);
            return true;
        } catch (AEADBadTagException e) {
            return false;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a segment cannot be opened", e);
        }
    }

    private static GCMParameterSpec nonce(long offset) {
        byte[] nonce = ByteBuffer.allocate(NONCE_BYTES).putInt(0).putLong(offset).array();
        return new GCMParameterSpec(TAG_BYTES * Byte.SIZE, nonce);
    }
}
