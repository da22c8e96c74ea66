package io.trustedlaunch.backup.pack;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;

/**
 * A digest of a segment's plain blocks under a key of the VM's: it says that blocks are unchanged. It is the tag of AES-256-GCM under one
 * nonce for all, which is a universal hash with a secret key, at five times the speed of SHA-256. So it must not be seen: it is kept
 * in maps, which are sealed, and what is encrypted on the way is thrown away. Not thread-safe.
 */
final class BlockDigest {
    private static final int NONCE_BYTES = 12;

    private final SecretKey key;

    BlockDigest(SecretKey key) {
        this.key = key;
    }

    /** Begins a digest. */
    Cipher begin() {
        try {
            // A cipher refuses to use a nonce twice.
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(
                    Cipher.ENCRYPT_MODE,
                    key,
                    new GCMParameterSpec(SegmentCipher.TAG_BYTES * Byte.SIZE, new byte[NONCE_BYTES]));
            return cipher;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has AES-GCM", e);
        }
    }

    /** @param scratch a buffer as long as the block, with room for a tag */
    static void update(Cipher digest, byte[] block, int from, int length, byte[] scratch) {
        try {
            digest.update(block, from, length, scratch);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a digest cannot be computed", e);
        }
    }

    /** Returns 32 hex digits. */
    static String finish(Cipher digest) {
        try {
            byte[] end = digest.doFinal();
            return HexFormat.of().formatHex(Arrays.copyOfRange(end, end.length - SegmentCipher.TAG_BYTES, end.length));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a digest cannot be computed", e);
        }
    }
}
