package io.trustedlaunch.eligibility;

import java.util.Locale;

/** A pattern with {@code *} and {@code ?} for a whole name. It ignores case, as marketplaces do. */
record Glob(String pattern) {

    /**
     * Takes no exponential time: users write the patterns, and a regular expression with many stars could run for ever.
     */
    boolean matches(String text) {
        String p = pattern.toLowerCase(Locale.ROOT);
        String t = text.toLowerCase(Locale.ROOT);
        int patternAt = 0;
        int textAt = 0;
        int lastStar = -1;
        int starMatchedTo = 0;
        while (textAt < t.length()) {
            if (patternAt < p.length() && p.charAt(patternAt) == '*') {
                lastStar = patternAt++;
                starMatchedTo = textAt;
            } else if (patternAt < p.length()
                    && (p.charAt(patternAt) == '?' || p.charAt(patternAt) == t.charAt(textAt))) {
                patternAt++;
                textAt++;
            } else if (lastStar >= 0) {
                patternAt = lastStar + 1;
                textAt = ++starMatchedTo;
            } else {
                return false;
            }
        }
        while (patternAt < p.length() && p.charAt(patternAt) == '*') {
            patternAt++;
        }
        return patternAt == p.length();
    }
}
