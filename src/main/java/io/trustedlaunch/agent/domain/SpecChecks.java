package io.trustedlaunch.agent.domain;

import java.nio.file.Path;

/** Checks of names and paths in a {@link DomainSpec}. They are escaped by {@link Xml}. */
final class SpecChecks {
    private SpecChecks() {}

    /** XML 1.0 does not allow control characters, not even escaped. */
    static void requirePrintable(String what, String value) {
        if (value.isBlank()) {
            throw new IllegalArgumentException(what + " is blank");
        }
        boolean legal = value.codePoints()
                .allMatch(c -> !Character.isISOControl(c) && c != 0xFFFE && c != 0xFFFF && !isSurrogate(c));
        if (!legal) {
            throw new IllegalArgumentException(what + " contains a character that XML does not allow");
        }
    }

    /** libvirtd would resolve a relative path in its own working directory. */
    static void requireAbsolute(String what, Path path) {
        requirePrintable(what, path.toString());
        if (!path.isAbsolute() || !path.normalize().equals(path)) {
            throw new IllegalArgumentException(what + ": path must be absolute and normalized, not " + path);
        }
    }

    private static boolean isSurrogate(int codePoint) {
        return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
    }
}
