package io.trustedlaunch.custody;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A number that the operator raises on its Lease, with the proof that the operator issued it. An agent that remembers a
 * later one than the Lease has proves that the API server's data was restored from a backup.
 */
public record Mark(long number, String proof) {
    /** Eighteen digits always fit. */
    private static final Pattern FORM = Pattern.compile("([1-9][0-9]{0,17})\\.([0-9a-f]{64})");

    public static Optional<Mark> parse(String text) {
        Matcher form = FORM.matcher(text);
        return form.matches() ? Optional.of(new Mark(Long.parseLong(form.group(1)), form.group(2))) : Optional.empty();
    }

    @Override
    public String toString() {
        return number + "." + proof;
    }
}
