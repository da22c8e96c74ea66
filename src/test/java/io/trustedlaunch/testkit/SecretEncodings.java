package io.trustedlaunch.testkit;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/** The encodings in which a leaked secret may appear. */
final class SecretEncodings {
    /** Fewer bytes would appear by chance. */
    private static final int SHORTEST = 8;

    /** A prefix of this length is enough, and keeps the automaton small. */
    private static final int LONGEST = 48;

    private SecretEncodings() {}

    static Map<String, byte[]> of(byte[] secret) {
        if (secret.length < SHORTEST) {
            throw new IllegalArgumentException("a secret of less than " + SHORTEST + " bytes would be found by chance");
        }
        byte[] bytes = Arrays.copyOf(secret, Math.min(secret.length, LONGEST));
        Map<String, byte[]> forms = new LinkedHashMap<>();
        forms.put("bytes", bytes);
        forms.put("hex", HexFormat.of().formatHex(bytes).getBytes(US_ASCII));
        forms.put("HEX", HexFormat.of().withUpperCase().formatHex(bytes).getBytes(US_ASCII));
        for (int before = 0; before < 3; before++) {
            forms.put("base64+" + before, base64(Base64.getEncoder(), bytes, before));
            forms.put("base64url+" + before, base64(Base64.getUrlEncoder(), bytes, before));
        }
        return forms;
    }

    /** The digits that depend on the secret alone when it stands {@code before} bytes after a multiple of three. */
    private static byte[] base64(Base64.Encoder encoder, byte[] secret, int before) {
        byte[] padded = new byte[before + secret.length];
        System.arraycopy(secret, 0, padded, before, secret.length);
        String digits = encoder.withoutPadding().encodeToString(padded);
        int first = (before * 8 + 5) / 6;
        int end = padded.length * 8 / 6;
        return digits.substring(first, end).getBytes(US_ASCII);
    }
}
