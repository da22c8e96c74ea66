package io.trustedlaunch.custody;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.UUID;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.generators.HKDFBytesGenerator;
import org.bouncycastle.crypto.params.HKDFParameters;

/**
 * The keys of one VM's packs: one for each pack, and one for the digests by which unchanged blocks are known. {@code
 * docs/backup-format.md} derives them with openssl.
 *
 * <p>A pack's name is used for one content only, or its nonces would be used twice: a run that was broken off is never resumed.
 */
public final class PackKeys {
    private static final int KEY_BYTES = 32;
    private static final String PACK_INFO = "trustedlaunch.io/v1/backup-pack/";
    private static final String DIGEST_INFO = "trustedlaunch.io/v1/backup-digest";

    private final byte[] secret;

    /** @param secret of {@link BackupKeys}; not copied, so that its owner can overwrite it */
    public PackKeys(byte[] secret) {
        this.secret = secret;
    }

    /**
     * The cipher of one pack.
     *
     * @param backup in whose folder it is
     * @param file its name
     */
    public SegmentCipher cipher(UUID backup, String file) {
        return new SegmentCipher(new SecretKeySpec(derive(backup.toString(), PACK_INFO + file), "AES"));
    }

    public BlockDigest digest() {
        return new BlockDigest(new SecretKeySpec(derive("", DIGEST_INFO), "AES"));
    }

    private byte[] derive(String salt, String info) {
        HKDFBytesGenerator hkdf = new HKDFBytesGenerator(new SHA256Digest());
        hkdf.init(new HKDFParameters(secret, salt.getBytes(UTF_8), info.getBytes(UTF_8)));
        byte[] key = new byte[KEY_BYTES];
        hkdf.generateBytes(key, 0, KEY_BYTES);
        return key;
    }

    /** It is a secret. */
    @Override
    public String toString() {
        return "PackKeys";
    }
}
