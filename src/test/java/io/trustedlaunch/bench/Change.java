package io.trustedlaunch.bench;

import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Disks that are added to real guests, while they run and by a restart. */
final class Change implements Row {
    private static final String CLASS = "io.trustedlaunch.e2e.ChangeSpeedE2E";
    private static final double WRITES = 3;
    private static final Pattern ADDED = Pattern.compile(
            "CHANGE seen after (\\d+) ms, longest pause (\\d+) ms, without a change (\\d+) ms, writes (\\d+): .*");
    private static final Pattern RESTART = Pattern.compile("CHANGE restart with a disk (\\d+) ms, plain (\\d+) ms");

    @Override
    public String name() {
        return "change";
    }

    @Override
    public String summary() {
        return "disks that are added to real guests, while they run and by a restart";
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
                added("added → seen by the guest", "ms", printed, 1),
                added("the guest's longest pause meanwhile", "ms", printed, 2),
                added("as long without a change", "ms", printed, 3),
                added("writes to the API", "", printed, 4).atMost(WRITES),
                Figure.ratio("restart with a disk ÷ a plain one", Lanes.pairs(printed, RESTART)));
    }

    private static Figure added(String name, String unit, List<String> printed, int group) {
        return Figure.of(
                name,
                unit,
                printed.stream()
                        .map(line -> ADDED.matcher(line.strip()))
                        .filter(Matcher::matches)
                        .map(line -> Double.parseDouble(line.group(group)))
                        .toList());
    }
}
