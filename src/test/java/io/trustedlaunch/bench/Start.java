package io.trustedlaunch.bench;

import io.trustedlaunch.bench.Figure.Pair;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The start of a real VM, beside that of a copy of its domain by libvirt alone. */
final class Start implements Row {
    private static final double ADDED_MILLISECONDS = 150;
    private static final int ROUNDS = 9;
    private static final Pattern LINE = Pattern.compile(
            "round \\d+: (\\d+) ms, virsh create (\\d+) ms; with processes (\\d+) ms, virsh create (\\d+) ms; began at (\\d+)");

    /**
     * @param start from the request to the event that the guest was resumed
     * @param withProcesses the same with kubectl and virsh as users start them
     */
    private record Round(Instant begin, Pair start, Pair withProcesses) {
        static Round of(Matcher line) {
            return new Round(Instant.ofEpochMilli(Long.parseLong(line.group(5))), pair(line, 1), pair(line, 3));
        }

        private static Pair pair(Matcher line, int first) {
            return new Pair(Double.parseDouble(line.group(first)), Double.parseDouble(line.group(first + 1)));
        }

        StepTimes.Window window() {
            return new StepTimes.Window(begin, begin.plus(Duration.ofMillis(Math.round(start.ours()))));
        }
    }

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
        run.hosts().start(run.explains() ? "DEBUG" : "INFO");
        List<Round> rounds = run.lanes().script("bench-start", run.hosts().lab(), Integer.toString(ROUNDS)).stream()
                .map(line -> LINE.matcher(line.strip()))
                .filter(Matcher::matches)
                .map(Round::of)
                .toList();
        if (run.explains()) {
            StepTimes.ofLab()
                    .print("a start", rounds.stream().map(Round::window).toList(), System.out);
        }
        return List.of(
                added("added time", rounds, Round::start).atMost(ADDED_MILLISECONDS),
                ratio("start ÷ virsh create", rounds, Round::start),
                added("added time, with the processes of kubectl and virsh", rounds, Round::withProcesses),
                ratio("the same ÷ virsh create", rounds, Round::withProcesses));
    }

    private static Figure added(String name, List<Round> rounds, Function<Round, Pair> pair) {
        return Figure.of(
                name,
                "ms",
                rounds.stream()
                        .map(pair)
                        .map(each -> each.ours() - each.other())
                        .toList());
    }

    private static Figure ratio(String name, List<Round> rounds, Function<Round, Pair> pair) {
        return Figure.ratio(name, rounds.stream().map(pair).toList());
    }
}
