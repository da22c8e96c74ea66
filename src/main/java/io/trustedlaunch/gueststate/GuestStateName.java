package io.trustedlaunch.gueststate;

import io.trustedlaunch.api.GuestStateVersion;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The name of a sealed state's file. It repeats the version from the manifest, so that a folder can be listed. */
public final class GuestStateName {
    private static final String COUNT = "([1-9][0-9]{0,18})";
    private static final Pattern NAME = Pattern.compile("guest-state-" + COUNT + "-" + COUNT + "\\.p7m");

    private GuestStateName() {}

    public static String of(GuestStateVersion version) {
        return "guest-state-" + version.epoch() + "-" + version.generation() + ".p7m";
    }

    /** Empty for any other name, and for numbers with leading zeros. */
    public static Optional<GuestStateVersion> parse(String fileName) {
        Matcher matcher = NAME.matcher(fileName);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    new GuestStateVersion(Long.parseLong(matcher.group(1)), Long.parseLong(matcher.group(2))));
        } catch (NumberFormatException e) {
            // Nineteen digits can exceed a long.
            return Optional.empty();
        }
    }
}
