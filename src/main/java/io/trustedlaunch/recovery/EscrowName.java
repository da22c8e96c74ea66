package io.trustedlaunch.recovery;

import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The name of an escrow's file. It repeats the epoch from the record inside, so that a folder can be listed. */
public final class EscrowName {
    /** The pattern of the names, for messages. */
    static final String DISPLAY_PATTERN = "protection-key-EPOCH.p7m";

    private static final Pattern NAME = Pattern.compile("protection-key-([1-9][0-9]{0,18})\\.p7m");

    private EscrowName() {}

    public static String of(long epoch) {
        return "protection-key-" + epoch + ".p7m";
    }

    /** Empty for any other name, and for numbers with leading zeros. */
    public static OptionalLong parse(String fileName) {
        Matcher matcher = NAME.matcher(fileName);
        if (!matcher.matches()) {
            return OptionalLong.empty();
        }
        try {
            return OptionalLong.of(Long.parseLong(matcher.group(1)));
        } catch (NumberFormatException e) {
            // Nineteen digits can exceed a long.
            return OptionalLong.empty();
        }
    }
}
