package io.trustedlaunch.agent.imagesource;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The header that says which part of a file comes.
 *
 * @param first empty if none comes
 * @param total empty if the server does not know
 */
record ContentRange(OptionalLong first, OptionalLong total) {
    /** Eighteen digits are no overflow. */
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
