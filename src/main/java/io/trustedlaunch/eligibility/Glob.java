package io.trustedlaunch.eligibility;

import java.util.Locale;

/** A whole-string pattern with {@code *} and {@code ?} that ignores case, as a marketplace's names do. */
record Glob(String pattern) {

    /** Linear in both lengths: patterns come from people, and a regular expression of stars could take forever. */
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
