package io.trustedlaunch.custody;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 in lower-case hex; the digest so far can be read at any time. */
public final class Sha256 {
    private final MessageDigest digest;

    public Sha256() {
        this(begin());
    }

    private Sha256(MessageDigest digest) {
        this.digest = digest;
    }

    /** Goes on from the same bytes. */
    public Sha256 copy() {
        return new Sha256(copyOf(digest));
    }

    public void update(ByteBuffer bytes) {
        digest.update(bytes);
    }

    public String hex() {
        return HexFormat.of().formatHex(copyOf(digest).digest());
    }

    private static MessageDigest copyOf(MessageDigest digest) {
        try {
            return (MessageDigest) digest.clone();
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("the JDK's SHA-256 can be cloned", e);
        }
    }

    public static String of(byte[] bytes) {
        return HexFormat.of().formatHex(begin().digest(bytes));
    }

    private static MessageDigest begin() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
