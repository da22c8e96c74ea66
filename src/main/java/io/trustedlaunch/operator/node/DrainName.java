package io.trustedlaunch.operator.node;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** The names of a drain's migrations: deterministic, so that two operators do not create the same one twice. */
final class DrainName {
    private static final int LONGEST_VM_NAME = 200;
    private static final int LONGEST_LABEL = 63;

    private DrainName() {}

    /** @param taken the names of all migrations in the VM's namespace */
    static String next(String vm, List<String> taken) {
        String base = "drain-" + cut(vm, LONGEST_VM_NAME) + "-";
        Pattern ours = Pattern.compile(Pattern.quote(base) + "([0-9]{1,9})");
        int highest = taken.stream()
                .map(ours::matcher)
                .filter(Matcher::matches)
                .mapToInt(match -> Integer.parseInt(match.group(1)))
                .max()
                .orElse(0);
        return IntStream.iterate(highest + 1, number -> number + 1)
                .mapToObj(number -> base + number)
                .dropWhile(taken::contains)
                .findFirst()
                .orElseThrow();
    }

    /** The name of a node may be longer than the value of a label. */
    static String label(String node) {
        return cut(node, LONGEST_LABEL);
    }

    private static String cut(String name, int longest) {
        return name.length() <= longest ? name : name.substring(0, longest).replaceAll("[-.]+$", "");
    }
}
