package io.trustedlaunch.recovery;

import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The name of an escrow's file. It only repeats the epoch that the record inside gives, so that a folder can be listed. */
public final class EscrowName {
    /** For messages. */
    static final String PATTERN_FOR_PEOPLE = "protection-key-EPOCH.p7m";

    private static final Pattern NAME = Pattern.compile("protection-key-([1-9][0-9]{0,18})\\.p7m");

    private EscrowName() {}

    public static String of(long epoch) {
        return "protection-key-" + epoch + ".p7m";
    }

    /** Empty for any other name, also for a second way to write a number. */
    public static OptionalLong parse(String fileName) {
        Matcher matcher = NAME.matcher(fileName);
        if (!matcher.matches()) {
            return OptionalLong.empty();
        }
        try {
            return OptionalLong.of(Long.parseLong(matcher.group(1)));
        } catch (NumberFormatException e) {
            // Nineteen digits can be more than a long holds.
            return OptionalLong.empty();
        }
    }
}
