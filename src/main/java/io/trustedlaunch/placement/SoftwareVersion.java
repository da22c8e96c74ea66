package io.trustedlaunch.placement;

import java.util.Arrays;

/** A version as a node reports it. Only major and minor count: patch releases are compatible. */
record SoftwareVersion(String text) {
    private static final int PARTS = 2;

    boolean isOlderThan(SoftwareVersion other) {
        return Arrays.compare(numbers(), other.numbers()) < 0;
    }

    private int[] numbers() {
        return Arrays.stream(text.split("[^0-9]+"))
                .filter(part -> !part.isEmpty() && part.length() < 10)
                .limit(PARTS)
                .mapToInt(Integer::parseInt)
                .toArray();
    }
}
