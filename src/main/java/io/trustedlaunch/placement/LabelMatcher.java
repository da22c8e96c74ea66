package io.trustedlaunch.placement;

import io.trustedlaunch.api.LabelSelector;
import io.trustedlaunch.api.LabelSelector.LabelSelectorRequirement;
import io.trustedlaunch.api.vm.NodeAffinity.NodeSelectorRequirement;
import io.trustedlaunch.api.vm.NodeAffinity.NodeSelectorTerm;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongPredicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Whether a selector selects labels, by the rules of Kubernetes: a missing label is in no list. */
public final class LabelMatcher {
    private static final Pattern INTEGER = Pattern.compile("-?[0-9]{1,18}");

    private LabelMatcher() {}

    public static boolean selects(LabelSelector selector, Map<String, String> labels) {
        return hasAll(selector.matchLabels(), labels)
                && (selector.matchExpressions() == null
                        || selector.matchExpressions().stream().allMatch(one -> isMet(one, labels)));
    }

    /** Called for every VM of a namespace: a stream would take longer than the comparison. */
    private static boolean hasAll(Map<String, String> wanted, Map<String, String> labels) {
        if (wanted != null) {
            for (Map.Entry<String, String> label : wanted.entrySet()) {
                if (!label.getValue().equals(labels.get(label.getKey()))) {
                    return false;
                }
            }
        }
        return true;
    }

    static boolean selects(NodeSelectorTerm term, Map<String, String> labels) {
        return term.matchExpressions().stream().allMatch(one -> isMet(one, labels));
    }

    /** The selector as text for a message. */
    static String text(LabelSelector selector) {
        Stream<String> labels = selector.matchLabels() == null
                ? Stream.empty()
                : new TreeMap<>(selector.matchLabels())
                        .entrySet().stream().map(label -> label.getKey() + "=" + label.getValue());
        Stream<String> expressions = selector.matchExpressions() == null
                ? Stream.empty()
                : selector.matchExpressions().stream().map(one -> text(one.key(), one.operator(), one.values()));
        String text = Stream.concat(labels, expressions).collect(Collectors.joining(", "));
        return text.isEmpty() ? "all VMs of the namespace" : text;
    }

    static String text(NodeSelectorTerm term) {
        return term.matchExpressions().stream()
                .map(one -> text(one.key(), one.operator(), one.values()))
                .collect(Collectors.joining(", "));
    }

    private static String text(String key, Enum<?> operator, List<String> values) {
        return key + " " + operator + (values(values).isEmpty() ? "" : " " + String.join("|", values));
    }

    private static boolean isMet(LabelSelectorRequirement one, Map<String, String> labels) {
        String label = labels.get(one.key());
        return switch (one.operator()) {
            case In -> label != null && values(one.values()).contains(label);
            case NotIn -> label == null || !values(one.values()).contains(label);
            case Exists -> label != null;
            case DoesNotExist -> label == null;
        };
    }

    private static boolean isMet(NodeSelectorRequirement one, Map<String, String> labels) {
        String label = labels.get(one.key());
        return switch (one.operator()) {
            case In -> label != null && values(one.values()).contains(label);
            case NotIn -> label == null || !values(one.values()).contains(label);
            case Exists -> label != null;
            case DoesNotExist -> label == null;
            case Gt ->
                isNumber(label, number -> number > Long.parseLong(one.values().getFirst()));
            case Lt ->
                isNumber(label, number -> number < Long.parseLong(one.values().getFirst()));
        };
    }

    private static boolean isNumber(String label, LongPredicate comparison) {
        return label != null && INTEGER.matcher(label).matches() && comparison.test(Long.parseLong(label));
    }

    private static List<String> values(List<String> values) {
        return values == null ? List.of() : values;
    }
}
