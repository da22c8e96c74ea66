package io.trustedlaunch.custody;

import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;

/** AES-256 key wrap (RFC 3394). */
final class KeyWrap {
    private KeyWrap() {}

    static byte[] wrap(byte[] key, byte[] keyEncryptionKey) {
        try {
            return cipher(Cipher.WRAP_MODE, keyEncryptionKey).wrap(aes(key));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("wrapping a key in memory failed", e);
        }
    }

    /** @throws GeneralSecurityException if it was wrapped under another key, or altered */
    static byte[] unwrap(byte[] wrapped, byte[] keyEncryptionKey) throws GeneralSecurityException {
        return cipher(Cipher.UNWRAP_MODE, keyEncryptionKey)
                .unwrap(wrapped, "AES", Cipher.SECRET_KEY)
                .getEncoded();
    }

    private static Cipher cipher(int mode, byte[] keyEncryptionKey) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AESWrap", EllipticCurve.PROVIDER);
        cipher.init(mode, aes(keyEncryptionKey));
        return cipher;
    }

    private static SecretKeySpec aes(byte[] key) {
        return new SecretKeySpec(key, "AES");
    }
}
