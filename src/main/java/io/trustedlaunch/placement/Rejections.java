package io.trustedlaunch.placement;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Why no node can take a VM, as one message: a few nodes one by one, many grouped by reason. */
final class Rejections {
    private static final int FEW = 5;
    private static final int MOST_REASONS = 8;
    private static final int MOST_NAMES = 3;

    private Rejections() {}

    static String message(List<Rejection> rejections) {
        return String.join("; ", rejections.size() <= FEW ? oneByOne(rejections) : byReason(rejections));
    }

    private static List<String> oneByOne(List<Rejection> rejections) {
        return rejections.stream().map(Rejections::one).toList();
    }

    private static List<String> byReason(List<Rejection> rejections) {
        List<List<Rejection>> groups = rejections.stream()
                .collect(Collectors.groupingBy(Rejection::summary, TreeMap::new, Collectors.toList()))
                .values()
                .stream()
                .sorted(Comparator.comparingInt((List<Rejection> group) -> group.size())
                        .reversed())
                .toList();
        List<String> parts = new ArrayList<>(List.of("none of " + rejections.size() + " nodes can take it"));
        groups.stream().limit(MOST_REASONS).map(Rejections::group).forEach(parts::add);
        int omitted = groups.stream().skip(MOST_REASONS).mapToInt(List::size).sum();
        if (omitted > 0) {
            parts.add(omitted + " more for other reasons");
        }
        return parts;
    }

    private static String group(List<Rejection> group) {
        if (group.size() == 1) {
            return one(group.getFirst());
        }
        String names = group.stream().limit(MOST_NAMES).map(Rejection::node).collect(Collectors.joining(", "));
        return group.size() + " nodes (" + names + (group.size() > MOST_NAMES ? ", …" : "") + "): "
                + group.getFirst().summary();
    }

    private static String one(Rejection rejection) {
        return rejection.node() + ": " + rejection.message();
    }
}
