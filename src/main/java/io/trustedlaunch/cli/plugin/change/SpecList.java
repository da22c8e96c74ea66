package io.trustedlaunch.cli.plugin.change;

import io.trustedlaunch.cli.CommandException;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A list of a VM's spec whose entries have names.
 *
 * @param path its JSON pointer
 * @param kind what an entry is, for people
 * @param owner the VM, for people
 */
record SpecList<T>(String path, String kind, String owner, List<T> entries, Function<T, String> name) {
    T require(String wanted) {
        return entries.get(index(wanted));
    }

    String pathOf(String wanted) {
        return path + "/" + index(wanted);
    }

    /** A list without entries may be absent. */
    Operation added(Object entry) {
        return entries.isEmpty() ? Operation.add(path, List.of(entry)) : Operation.add(path + "/-", entry);
    }

    boolean has(String wanted) {
        return entries.stream().map(name).anyMatch(wanted::equals);
    }

    private int index(String wanted) {
        return IntStream.range(0, entries.size())
                .filter(index -> name.apply(entries.get(index)).equals(wanted))
                .findFirst()
                .orElseThrow(() -> new CommandException(owner + " has no " + kind + " " + wanted + ": "
                        + (entries.isEmpty()
                                ? "it has none"
                                : "it has these: " + entries.stream().map(name).collect(Collectors.joining(", ")))));
    }
}
