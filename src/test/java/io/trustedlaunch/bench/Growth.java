package io.trustedlaunch.bench;

import io.trustedlaunch.bench.Levels.Level;
import io.trustedlaunch.testkit.AuditLog.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** How costs grow with the number of VMs, and what a restart of the operator costs. */
final class Growth implements Row {
    private static final double EXPONENT = 1.05;
    private static final double RESTART_SECONDS = 10;
    /** One a kind; Secrets are listed by their two types. */
    private static final double LISTS_BESIDE_KINDS = 1;
    /** A review of its own rights. */
    private static final double WRITES = 1;

    @Override
    public String name() {
        return "growth";
    }

    @Override
    public String summary() {
        return "time of a start by the number of VMs, and what a restart of the operator costs then";
    }

    @Override
    public List<Figure> measure(Run run) throws Exception {
        List<Level> levels = run.levels().all();
        List<Figure> figures = new ArrayList<>();
        for (Level level : levels) {
            String beside = run.scale().batch() + " VMs more beside " + level.vms();
            figures.add(level.noted(Figure.of(beside, "s", level.batch())));
        }
        Level less = levels.get(levels.size() - 2);
        Level most = levels.getLast();
        if (less.vms() > 0) {
            figures.add(Figure.of("exponent of the total time", "", exponent(less, most))
                    .atMost(EXPONENT));
        }
        for (Level level : levels) {
            figures.addAll(restart(level));
        }
        most.lists()
                .forEach((kind, count) -> figures.add(Figure.of("  lists of " + kind + " at a restart", "", count)
                        .atMost(1)));
        return figures;
    }

    /** From the time of one more VM, which is the derivative of the total time. */
    private static double exponent(Level less, Level most) {
        return 1 + Math.log(most.batch() / less.batch()) / Math.log((double) most.vms() / less.vms());
    }

    private static List<Figure> restart(Level level) {
        String with = "restart with " + level.vms() + " VMs: ";
        long writes = level.requests().stream().filter(Request::writes).count();
        long gets = level.requests().stream()
                .filter(request -> request.verb().equals("get"))
                .count();
        long lists = level.lists().values().stream().mapToLong(Long::longValue).sum();
        return List.of(
                level.noted(
                        Figure.of(with + "until quiet", "s", level.restart()).atMost(RESTART_SECONDS)),
                Figure.of(with + "writes", "", writes)
                        .atMost(0)
                        .limitedTo(WRITES)
                        .noting(level.requests().stream()
                                .filter(Request::writes)
                                .map(request -> request.verb() + " " + request.resource())
                                .distinct()
                                .sorted()
                                .collect(Collectors.joining(", "))),
                Figure.of(with + "single GETs", "", gets),
                Figure.of(with + "lists", "", lists).limitedTo(level.lists().size() + LISTS_BESIDE_KINDS));
    }
}
