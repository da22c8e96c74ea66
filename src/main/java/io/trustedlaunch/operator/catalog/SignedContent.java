package io.trustedlaunch.operator.catalog;

import java.util.Arrays;

/** A catalog's bytes, and the text of a signature that may be theirs. */
record SignedContent(byte[] content, String signature) {
    boolean hasContentOf(SignedContent other) {
        return Arrays.equals(content, other.content);
    }
}
