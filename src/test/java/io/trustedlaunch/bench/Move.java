package io.trustedlaunch.bench;

import io.trustedlaunch.bench.Figure.Pair;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** Migrations of real guests and a drain, beside the same with virsh. */
final class Move implements Row {
    private static final String CLASS = "io.trustedlaunch.e2e.MigrationSpeedE2E";
    private static final double RATIO = 1.10;
    private static final double PAUSE_MILLISECONDS = 50;
    private static final String MEASURED = ": Measurement\\[took=(\\S+), longestPause=(\\S+)]";
    private static final Pattern OURS = Pattern.compile("SPEED ours" + MEASURED);
    private static final Pattern VIRSH = Pattern.compile("SPEED virsh migrate --tls" + MEASURED);
    private static final Pattern WINDOW = Pattern.compile("SPEED ours from (\\S+) to (\\S+)");
    private static final Pattern DRAIN =
            Pattern.compile("SPEED drain of .*: ours (\\d+) ms, virsh migrate --tls of the same (\\d+) ms.*");

    @Override
    public String name() {
        return "move";
    }

    @Override
    public String summary() {
        return "migrations of a busy real guest and a drain of six, beside virsh migrate --tls";
    }

    @Override
    public Place place() {
        return Place.HOSTS;
    }

    @Override
    public List<Figure> measure(Run run) throws Exception {
        run.hosts().start(run.explains() ? "DEBUG" : "INFO");
        List<String> printed = run.lanes().test(CLASS, Map.of(), "--tag", "campaign");
        if (run.explains()) {
            StepTimes times = StepTimes.ofLab();
            List<StepTimes.Window> migrations = windows(printed);
            times.print("a migration", migrations, System.out);
            times.print(
                    "a hand-over, by libvirt's events", times.between("SUSPENDED", "RESUMED", migrations), System.out);
        }
        return List.of(
                Figure.ratio("migration ÷ virsh migrate --tls", pairs(printed, 1))
                        .atMost(RATIO),
                Figure.of(
                                "added to the guest's longest pause",
                                "ms",
                                pairs(printed, 2).stream()
                                        .map(pair -> pair.ours() - pair.other())
                                        .toList())
                        .atMost(PAUSE_MILLISECONDS),
                Figure.ratio("drain ÷ virsh migrate --tls of the same", Lanes.pairs(printed, DRAIN))
                        .atMost(RATIO));
    }

    /** In the order in which they were measured. */
    private static List<Pair> pairs(List<String> printed, int group) {
        List<Double> ours = durations(printed, OURS, group);
        List<Double> others = durations(printed, VIRSH, group);
        return IntStream.range(0, Math.min(ours.size(), others.size()))
                .mapToObj(i -> new Pair(ours.get(i), others.get(i)))
                .toList();
    }

    private static List<StepTimes.Window> windows(List<String> printed) {
        return printed.stream()
                .flatMap(line -> WINDOW.matcher(line.strip()).results())
                .map((MatchResult found) ->
                        new StepTimes.Window(Instant.parse(found.group(1)), Instant.parse(found.group(2))))
                .toList();
    }

    private static List<Double> durations(List<String> printed, Pattern pattern, int group) {
        return printed.stream()
                .flatMap(line -> pattern.matcher(line.strip()).results())
                .map((MatchResult found) -> Duration.parse(found.group(group)).toNanos() / 1e6)
                .toList();
    }
}
