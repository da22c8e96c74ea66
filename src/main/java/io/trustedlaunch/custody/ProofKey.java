package io.trustedlaunch.custody;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.regex.Pattern;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.generators.HKDFBytesGenerator;
import org.bouncycastle.crypto.macs.HMac;
import org.bouncycastle.crypto.params.HKDFParameters;
import org.bouncycastle.crypto.params.KeyParameter;

/** HMAC-SHA256 under a key that no agent has: what the operator wrote, and an agent brings back. */
final class ProofKey {
    private static final int BYTES = 32;
    private static final Pattern FORM = Pattern.compile("[0-9a-f]{64}");

    private final byte[] key = new byte[BYTES];

    /**
     * The same for the same secret, so that it is restored with the secret.
     *
     * @param use what is proved with it; another use has another key
     */
    ProofKey(byte[] secret, String use) {
        HKDFBytesGenerator hkdf = new HKDFBytesGenerator(new SHA256Digest());
        hkdf.init(new HKDFParameters(secret, null, ("trustedlaunch.io/v1/" + use).getBytes(US_ASCII)));
        hkdf.generateBytes(key, 0, BYTES);
    }

    /** The proof in lower-case hexadecimal. */
    String prove(byte[] message) {
        return HexFormat.of().formatHex(mac(message));
    }

    /** @param proof of any form */
    boolean hasProved(byte[] message, String proof) {
        return FORM.matcher(proof).matches()
                && MessageDigest.isEqual(mac(message), HexFormat.of().parseHex(proof));
    }

    private byte[] mac(byte[] message) {
        HMac mac = new HMac(new SHA256Digest());
        mac.init(new KeyParameter(key));
        mac.update(message, 0, message.length);
        byte[] proof = new byte[mac.getMacSize()];
        mac.doFinal(proof, 0);
        return proof;
    }
}
