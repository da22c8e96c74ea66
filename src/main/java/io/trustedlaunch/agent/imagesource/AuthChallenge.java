package io.trustedlaunch.agent.imagesource;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A challenge of a {@code WWW-Authenticate} header.
 *
 * @param scheme in lower case
 * @param parameters by name, in lower case
 */
record AuthChallenge(String scheme, Map<String, String> parameters) {
    /** A scheme precedes its first parameter. Possessive quantifiers: the input is read only once. */
    private static final Pattern PART = Pattern.compile(
            "\\G[\\s,]*+(?:(?<scheme>[A-Za-z-]++)\\s++)?(?<name>[A-Za-z_]++)\\s*+=\\s*+(?:\"(?<quoted>[^\"]*+)\"|(?<plain>[^\\s,\"]++))");

    /** Parses the challenges of the usual form; ignores others. */
    static List<AuthChallenge> parse(List<String> headers) {
        List<AuthChallenge> found = new ArrayList<>();
        for (String header : headers) {
            Matcher matcher = PART.matcher(header);
            while (matcher.find()) {
                if (matcher.group("scheme") != null) {
                    found.add(new AuthChallenge(matcher.group("scheme").toLowerCase(Locale.ROOT), new HashMap<>()));
                }
                if (!found.isEmpty()) {
                    found.getLast()
                            .parameters
                            .put(
                                    matcher.group("name").toLowerCase(Locale.ROOT),
                                    Optional.ofNullable(matcher.group("quoted"))
                                            .orElseGet(() -> matcher.group("plain")));
                }
            }
        }
        return found;
    }

    static Optional<AuthChallenge> of(String scheme, List<AuthChallenge> challenges) {
        return challenges.stream().filter(each -> each.scheme.equals(scheme)).findFirst();
    }

    Optional<String> parameter(String name) {
        return Optional.ofNullable(parameters.get(name));
    }
}
