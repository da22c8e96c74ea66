package io.trustedlaunch.agent.imagesource;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The header {@code Content-Range}: which part of a file follows.
 *
 * @param first empty if no part follows
 * @param total empty if the server does not know
 */
record ContentRange(OptionalLong first, OptionalLong total) {
    /** Eighteen digits do not overflow a long. */
    private static final Pattern FORM =
            Pattern.compile("bytes (?:(?<first>[0-9]{1,18})-[0-9]{1,18}|[*])/(?:(?<total>[0-9]{1,18})|[*])");

    static Optional<ContentRange> parse(String value) {
        Matcher matcher = FORM.matcher(value.strip());
        return matcher.matches()
                ? Optional.of(new ContentRange(number(matcher.group("first")), number(matcher.group("total"))))
                : Optional.empty();
    }

    private static OptionalLong number(String digits) {
        return digits == null ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(digits));
    }
}
