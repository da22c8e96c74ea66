package io.trustedlaunch.custody;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.security.MessageDigest;
import java.util.HexFormat;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.generators.HKDFBytesGenerator;
import org.bouncycastle.crypto.macs.HMac;
import org.bouncycastle.crypto.params.HKDFParameters;
import org.bouncycastle.crypto.params.KeyParameter;

/** Issues and verifies {@link Mark marks}: HMAC-SHA256 over the number, under a key that no agent has. */
public final class MarkKey {
    private static final int BYTES = 32;
    private static final String INFO = "trustedlaunch.io/v1/mark";

    private final byte[] key = new byte[BYTES];

    private MarkKey(byte[] secret) {
        HKDFBytesGenerator hkdf = new HKDFBytesGenerator(new SHA256Digest());
        hkdf.init(new HKDFParameters(secret, null, INFO.getBytes(US_ASCII)));
        hkdf.generateBytes(key, 0, BYTES);
    }

    /** The same for the same secret, so that it is restored with the secret. */
    public static MarkKey derivedFrom(byte[] secret) {
        return new MarkKey(secret);
    }

    public Mark issue(long number) {
        return new Mark(number, HexFormat.of().formatHex(proof(number)));
    }

    public boolean hasIssued(Mark mark) {
        return MessageDigest.isEqual(proof(mark.number()), HexFormat.of().parseHex(mark.proof()));
    }

    private byte[] proof(long number) {
        byte[] message = Long.toString(number).getBytes(US_ASCII);
        HMac mac = new HMac(new SHA256Digest());
        mac.init(new KeyParameter(key));
        mac.update(message, 0, message.length);
        byte[] proof = new byte[mac.getMacSize()];
        mac.doFinal(proof, 0);
        return proof;
    }
}
