package io.trustedlaunch.agent.migration;

import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A request to a migration server: one line. */
record MigrationRequest(Kind kind, UUID vm, long epoch) {
    static final int MAX_LENGTH = 128;

    private static final Pattern FORM =
            Pattern.compile("1 (forward|seed|home|handoff|keepalive|left|taken) ([0-9a-f-]{36}) ([1-9][0-9]{0,17})");

    enum Kind {
        FORWARD,
        SEED,
        HOME,
        HANDOFF,
        /** Carries no data: the connection shows whether the two hosts reach each other. */
        KEEPALIVE,
        LEFT,
        TAKEN
    }

    static Optional<MigrationRequest> parse(String line) {
        Matcher matcher = FORM.matcher(line);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new MigrationRequest(
                    Kind.valueOf(matcher.group(1).toUpperCase(Locale.ROOT)),
                    UUID.fromString(matcher.group(2)),
                    Long.parseLong(matcher.group(3))));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    String line() {
        return "1 " + kind.name().toLowerCase(Locale.ROOT) + " " + vm + " " + epoch;
    }
}
