package io.trustedlaunch.bench;

import io.trustedlaunch.bench.Figure.Pair;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.DoubleStream;

/** Backups of a real guest that writes, and a restore, beside plain copies of the same bytes. */
final class Backup implements Row {
    private static final String CLASS = "io.trustedlaunch.e2e.BackupSpeedE2E";
    private static final double OF_A_COPY = 0.5;
    private static final double RESTORE_OF_A_COPY = 0.5;
    private static final double STORED = 1.1;
    private static final double PAUSE_MILLISECONDS = 150;
    private static final double NOTHING_MILLISECONDS = 2000;
    private static final double LATENCY = 2;
    private static final double WRITES = 8;
    private static final String SPEED = ": ours (\\d+) ms, copy with fsync (\\d+) ms.*";
    private static final Pattern FULL = Pattern.compile("BACKUP full" + SPEED);
    private static final Pattern NOTHING = Pattern.compile("BACKUP (nothing): (\\d+) ms,.*");
    private static final Pattern VERIFY = Pattern.compile("BACKUP (verify): (\\d+) ms");
    private static final Pattern CHANGES = Pattern.compile("BACKUP changes: stored (\\d+), dirty (\\d+);.*");
    private static final Pattern PAUSE = Pattern.compile("BACKUP (pause): (\\d+) ms");
    private static final Pattern MEAN = Pattern.compile("BACKUP write latency: during (\\S+) ms, before (\\S+) ms;.*");
    private static final Pattern P99 = Pattern.compile("BACKUP write latency: .* p99 (\\S+) ms, (\\S+) ms;.*");
    private static final Pattern API = Pattern.compile("BACKUP API (writes): (\\d+)");
    private static final Pattern START = Pattern.compile("BACKUP start: at once (\\d+) ms, filled first (\\d+) ms;.*");
    private static final Pattern FILLED = Pattern.compile("BACKUP start: .* (filled) (\\d+) ms later");
    private static final Pattern RESTORE = Pattern.compile("BACKUP restore" + SPEED);

    @Override
    public String name() {
        return "backup";
    }

    @Override
    public String summary() {
        return "backups of a real guest that writes, and a restore, beside copies of the same bytes";
    }

    @Override
    public Place place() {
        return Place.HOSTS;
    }

    @Override
    public List<Figure> measure(Run run) throws Exception {
        run.hosts().start("INFO");
        List<String> printed = run.lanes().test(CLASS, Map.of(), "--tag", "campaign");
        return List.of(
                Figure.ratio("speed of a full backup ÷ copy with fsync", faster(printed, FULL))
                        .atLeast(OF_A_COPY),
                Figure.of(
                                "incremental of nothing",
                                "ms",
                                numbers(printed, NOTHING).boxed().toList())
                        .atMost(NOTHING_MILLISECONDS),
                Figure.of(
                        "verification of a full one",
                        "ms",
                        numbers(printed, VERIFY).boxed().toList()),
                Figure.ratio("stored ÷ dirty", Lanes.pairs(printed, CHANGES)).atMost(STORED),
                percentile("p99 of the guest's pause", "ms", printed, PAUSE).atMost(PAUSE_MILLISECONDS),
                Figure.ratio("guest's mean write latency during it ÷ before", Lanes.pairs(printed, MEAN))
                        .atMost(LATENCY),
                Figure.ratio("  p99 during it ÷ before", Lanes.pairs(printed, P99)),
                Figure.ratio("speed of a restore ÷ copy with fsync", faster(printed, RESTORE))
                        .atLeast(RESTORE_OF_A_COPY),
                Figure.ratio("time to a running guest: at once ÷ filled first", Lanes.pairs(printed, START)),
                Figure.of(
                        "  filled, after that",
                        "ms",
                        numbers(printed, FILLED).boxed().toList()),
                Figure.of(
                                "API writes a backup",
                                "",
                                numbers(printed, API).boxed().toList())
                        .atMost(WRITES));
    }

    /** A speed is the other way round than a time. */
    private static List<Pair> faster(List<String> printed, Pattern pattern) {
        return Lanes.pairs(printed, pattern).stream()
                .map(pair -> new Pair(pair.other(), pair.ours()))
                .toList();
    }

    private static Figure percentile(String name, String unit, List<String> printed, Pattern pattern) {
        return Figure.of(name, unit, Figure.percentile(numbers(printed, pattern).toArray(), 99));
    }

    private static DoubleStream numbers(List<String> printed, Pattern pattern) {
        return printed.stream()
                .flatMap(line -> pattern.matcher(line.strip()).results())
                .mapToDouble(found -> Double.parseDouble(found.group(2)));
    }
}
