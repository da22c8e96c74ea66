package io.trustedlaunch.agent.location;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The content of an agent's file in a location, which shows that the agent is alive and shares the folder.
 *
 * @param nodeName also the file's name
 * @param token random, per agent; 32 hexadecimal digits
 * @param beat changes with each write
 */
record Beacon(String nodeName, String token, long beat) {
    /** The names of Kubernetes nodes, which are plain file names too. */
    private static final Pattern NODE = Pattern.compile("[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?");

    private static final Pattern CONTENT = Pattern.compile("([0-9a-f]{32}) ([0-9]{1,18})\n");

    static boolean isNodeName(String name) {
        return NODE.matcher(name).matches();
    }

    /** Empty if no agent wrote it: a shared folder may have other files. */
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
