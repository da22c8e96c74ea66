package io.trustedlaunch.bench;

import io.trustedlaunch.bench.Figure.Pair;
import java.util.List;
import java.util.regex.Pattern;

/** The start of a real VM, beside that of a copy of its domain by libvirt alone. */
final class Start implements Row {
    private static final double ADDED_MILLISECONDS = 150;
    private static final int ROUNDS = 9;
    private static final Pattern LINE = Pattern.compile("round \\d+: (\\d+) ms, virsh create alone (\\d+) ms");

    @Override
    public String name() {
        return "start";
    }

    @Override
    public String summary() {
        return "the start of a real VM, beside virsh create of the same domain";
    }

    @Override
    public Place place() {
        return Place.HOSTS;
    }

    @Override
    public List<Figure> measure(Run run) throws Exception {
        run.hosts().start("INFO");
        List<Pair> pairs =
                Lanes.pairs(run.lanes().script("bench-start", run.hosts().lab(), Integer.toString(ROUNDS)), LINE);
        return List.of(
                Figure.of(
                                "added time",
                                "ms",
                                pairs.stream()
                                        .map(pair -> pair.ours() - pair.other())
                                        .toList())
                        .atMost(ADDED_MILLISECONDS),
                Figure.ratio("start ÷ virsh create", pairs));
    }
}
