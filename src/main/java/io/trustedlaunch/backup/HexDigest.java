package io.trustedlaunch.backup;

import java.util.regex.Pattern;

/** SHA-256 as it is written here. */
final class HexDigest {
    private static final Pattern FORM = Pattern.compile("[0-9a-f]{64}");

    private HexDigest() {}

    /** @throws IllegalArgumentException if it is not SHA-256 in lower-case hex */
    static void require(String what, String digest) {
        if (digest == null || !FORM.matcher(digest).matches()) {
            throw new IllegalArgumentException(what + " is not SHA-256 in lower-case hex");
        }
    }
}
