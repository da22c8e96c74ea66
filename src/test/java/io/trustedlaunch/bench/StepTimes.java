package io.trustedlaunch.bench;

import io.trustedlaunch.testkit.AuditLog;
import io.trustedlaunch.testkit.Lab;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What operator and agents spend the time of an act on: the failpoints that each passes and libvirt's events of its guests, from
 * its log at DEBUG, and the requests that the API server has answered it. All of a lab's processes share one clock.
 *
 * @param logs of the processes, by their names
 * @param requests of the API server's audit log, besides watches
 */
record StepTimes(Map<String, Path> logs, AuditLog requests) {
    private static final Pattern PASSED =
            Pattern.compile("(\\S+) DEBUG (?:Failpoints: |LifecycleEvents: VM \\S+: )(\\S+)");
    private static final int BAR = 60;

    record Window(Instant begin, Instant end) {
        boolean contains(Instant moment) {
            return !moment.isBefore(begin) && !moment.isAfter(end);
        }

        double milliseconds(Instant moment) {
            return Duration.between(begin, moment).toNanos() / 1e6;
        }
    }

    /** A point that a process passed. */
    record Passed(String process, Instant at, String point) {}

    /** @param at milliseconds from the begin, median of the windows */
    record Step(String name, double at) {}

    static StepTimes ofLab() {
        Lab lab = Lab.fromEnvironment();
        Map<String, Path> logs = new LinkedHashMap<>();
        logs.put("operator", lab.folder().resolve("logs/operator-1.log"));
        lab.hosts().forEach(host -> logs.put(host, lab.agentLog(host)));
        return new StepTimes(logs, new AuditLog(lab.auditLog()));
    }

    /** A table, in which a bar shows when each step ends and what it took since the one before. */
    void print(String act, List<Window> windows, PrintStream out) throws IOException {
        List<Step> steps = steps(passed(), windows);
        double whole = median(windows.stream()
                .map(window -> window.milliseconds(window.end()))
                .toList());
        out.printf("%nWhere the time of %s goes, medians of %d, in milliseconds%n", act, windows.size());
        double before = 0;
        for (Step step :
                Stream.concat(steps.stream(), Stream.of(new Step("end", whole))).toList()) {
            int from = column(before, whole);
            int to = Math.max(column(step.at(), whole), from);
            out.printf(
                    Locale.ROOT,
                    "%-52s %6.0f %6.0f  %s%s%n",
                    step.name(),
                    step.at() - before,
                    step.at(),
                    " ".repeat(from),
                    "█".repeat(Math.max(1, to - from)));
            before = step.at();
        }
        out.println();
    }

    private static int column(double at, double whole) {
        return (int) Math.min(BAR, Math.round(BAR * at / whole));
    }

    /** Those of at least half of the windows; one that is passed twice in a window is two steps. */
    static List<Step> steps(List<Passed> passed, List<Window> windows) {
        Map<String, List<Double>> times = new HashMap<>();
        for (Window window : windows) {
            Map<String, Integer> seen = new HashMap<>();
            passed.stream()
                    .filter(each -> window.contains(each.at()))
                    .sorted(Comparator.comparing(Passed::at))
                    .forEach(each -> {
                        String name = each.process() + " " + each.point();
                        int count = seen.merge(name, 1, Integer::sum);
                        times.computeIfAbsent(count == 1 ? name : name + " " + count, key -> new ArrayList<>())
                                .add(window.milliseconds(each.at()));
                    });
        }
        return times.entrySet().stream()
                .filter(entry -> entry.getValue().size() * 2 >= windows.size())
                .map(entry -> new Step(entry.getKey(), median(entry.getValue())))
                .sorted(Comparator.comparingDouble(Step::at))
                .toList();
    }

    /** The part of each window between two points, whichever processes passed them. */
    List<Window> between(String first, String last, List<Window> windows) throws IOException {
        List<Passed> passed = passed();
        return windows.stream()
                .flatMap(window -> firstOf(first, window, passed)
                        .flatMap(begin -> firstOf(last, new Window(begin, window.end()), passed)
                                .map(end -> new Window(begin, end)))
                        .stream())
                .toList();
    }

    private static Optional<Instant> firstOf(String point, Window window, List<Passed> passed) {
        return passed.stream()
                .filter(each -> each.point().equals(point) && window.contains(each.at()))
                .map(Passed::at)
                .min(Comparator.naturalOrder());
    }

    private List<Passed> passed() throws IOException {
        List<Passed> all = new ArrayList<>();
        requests.productRequests(0, request -> !request.verb().equals("watch"))
                .forEach(request -> all.add(new Passed(
                        request.user().replace("trusted-launch-", ""),
                        request.at(),
                        request.verb() + " " + request.resource())));
        for (Map.Entry<String, Path> log : logs.entrySet()) {
            try (Stream<String> lines = Files.lines(log.getValue())) {
                lines.map(PASSED::matcher)
                        .filter(Matcher::matches)
                        .forEach(
                                line -> all.add(new Passed(log.getKey(), Instant.parse(line.group(1)), line.group(2))));
            }
        }
        return all;
    }

    private static double median(List<Double> values) {
        return Figure.percentile(
                values.stream().mapToDouble(Double::doubleValue).toArray(), 50);
    }
}
