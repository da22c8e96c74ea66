package io.trustedlaunch.operator.catalog;

import java.util.Arrays;

/** The bytes of a catalog, and the text of a signature that is not verified yet. */
record SignedContent(byte[] content, String signature) {
    boolean hasContentOf(SignedContent other) {
        return Arrays.equals(content, other.content);
    }
}
