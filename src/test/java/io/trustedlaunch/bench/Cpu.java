package io.trustedlaunch.bench;

import io.trustedlaunch.bench.Levels.Level;
import java.util.ArrayList;
import java.util.List;

/** Processor time of the operator while nothing happens; that of a VM's life is in the row {@link Burst burst}. */
final class Cpu implements Row {
    private static final double IDLE_PERCENT = 1;

    @Override
    public String name() {
        return "cpu";
    }

    @Override
    public String summary() {
        return "processor time of the operator and writes while nothing happens, by the number of VMs";
    }

    @Override
    public List<Figure> measure(Run run) throws Exception {
        List<Figure> figures = new ArrayList<>();
        for (Level level : run.levels().all()) {
            figures.add(level.noted(Figure.of("idle with " + level.vms() + " VMs", "%", level.idlePercent())
                    .atMost(IDLE_PERCENT)));
            double hours = run.scale().idle().toMillis() / 3.6e6;
            if (level.vms() > 0) {
                figures.add(Figure.of(
                                "writes for an idle VM in an hour, " + level.vms() + " VMs",
                                "",
                                level.idleWrites() / level.vms() / hours)
                        .atMost(0));
            }
        }
        return figures;
    }
}
