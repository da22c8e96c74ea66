package io.trustedlaunch.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One decision in a large cluster, without an API server. */
final class Placement implements Row {
    private static final String CLASS = "io.trustedlaunch.operator.vm.PlacementBenchmark";
    private static final Pattern LINE = Pattern.compile("(.+ \\(\\w+\\)) +[\\d.]+ +[\\d.]+ +([\\d.]+) +([\\d.]+)");

    @Override
    public String name() {
        return "placement";
    }

    @Override
    public String summary() {
        return "the operator's work for one VM with 1,000 nodes and 10,000 VMs, without an API server";
    }

    @Override
    public Place place() {
        return Place.MACHINE;
    }

    @Override
    public List<Figure> measure(Run run) throws Exception {
        List<Figure> figures = new ArrayList<>();
        for (String printed : run.lanes().test(CLASS, Map.of())) {
            Matcher line = LINE.matcher(printed.strip());
            if (line.matches()) {
                figures.add(Figure.of(line.group(1) + ", p50", "ms", Double.parseDouble(line.group(2)))
                        .noting("p99 " + line.group(3) + " ms"));
            }
        }
        return figures;
    }
}
