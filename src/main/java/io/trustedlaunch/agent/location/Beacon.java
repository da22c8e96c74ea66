package io.trustedlaunch.agent.location;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What an agent's file in a location says: whose it is, and that it is alive.
 *
 * @param nodeName the file's name
 * @param token random, the agent's own; 32 hexadecimal digits
 * @param beat another at each writing; what matters is that it changes
 */
record Beacon(String nodeName, String token, long beat) {
    /** As Kubernetes names nodes, which makes it a plain name for a file, too. */
    private static final Pattern NODE = Pattern.compile("[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?");

    private static final Pattern CONTENT = Pattern.compile("([0-9a-f]{32}) ([0-9]{1,18})\n");

    static boolean isNodeName(String name) {
        return NODE.matcher(name).matches();
    }

    /** Empty where it is not what an agent writes: anybody's file may lie in a shared folder. */
    static Optional<Beacon> parse(String nodeName, String content) {
        Matcher matcher = CONTENT.matcher(content);
        return isNodeName(nodeName) && matcher.matches()
                ? Optional.of(new Beacon(nodeName, matcher.group(1), Long.parseLong(matcher.group(2))))
                : Optional.empty();
    }

    String content() {
        return token + " " + beat + "\n";
    }
}
