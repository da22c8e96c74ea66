package io.trustedlaunch.agent.domain;

import java.nio.file.Path;

/** What a name or a path must be before it may stand in a domain; escaping is the XML writer's work, not this. */
final class Text {
    private Text() {}

    /** XML 1.0 cannot carry control characters at all, not even escaped. */
    static void requirePrintable(String what, String value) {
        if (value.isBlank()) {
            throw new IllegalArgumentException(what + " is blank");
        }
        boolean legal = value.codePoints()
                .allMatch(c -> !Character.isISOControl(c) && c != 0xFFFE && c != 0xFFFF && !isSurrogate(c));
        if (!legal) {
            throw new IllegalArgumentException(what + " holds a character that XML cannot carry");
        }
    }

    /** A relative path would be taken as relative to libvirtd's own working directory. */
    static void requireAbsolute(String what, Path path) {
        requirePrintable(what, path.toString());
        if (!path.isAbsolute() || !path.normalize().equals(path)) {
            throw new IllegalArgumentException(what + ": not an absolute, normal path: " + path);
        }
    }

    private static boolean isSurrogate(int codePoint) {
        return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
    }
}
