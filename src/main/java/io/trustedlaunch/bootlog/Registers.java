package io.trustedlaunch.bootlog;

import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * The PCRs 0 to 15 of the SHA-256 bank, which only a reset sets back.
 *
 * @param sha256 their values in order, lower-case hex
 */
public record Registers(List<String> sha256) {
    public static final int COUNT = 16;

    public Registers {
        sha256 = List.copyOf(sha256);
        if (sha256.size() != COUNT || !sha256.stream().allMatch(value -> value.matches("[0-9a-f]{64}"))) {
            throw new IllegalArgumentException("no " + COUNT + " SHA-256 values in lower-case hex");
        }
    }

    /** The numbers of those that have the same value in both. */
    SortedSet<Integer> same(Registers other) {
        SortedSet<Integer> same = new TreeSet<>();
        IntStream.range(0, COUNT)
                .filter(pcr -> sha256.get(pcr).equals(other.sha256.get(pcr)))
                .forEach(same::add);
        return same;
    }
}
