package io.trustedlaunch.bench;

import io.trustedlaunch.bench.Levels.Level;
import java.util.ArrayList;
import java.util.List;

/** What an agent has in memory, and the operator by the number of VMs. */
final class Memory implements Row {
    private static final double MOST_RESIDENT = 400;
    private static final double KIBIBYTES_A_VM = 25;

    @Override
    public String name() {
        return "memory";
    }

    @Override
    public String summary() {
        return "memory of an agent, and of the operator by the number of VMs";
    }

    @Override
    public List<Figure> measure(Run run) throws Exception {
        List<Figure> figures = new ArrayList<>();
        figures.add(LoneAgent.measure(run.stand()));
        List<Level> levels = run.levels().all();
        for (Level level : levels) {
            Figure resident = Figure.of("operator, " + level.vms() + " VMs: resident", "MiB", level.resident());
            figures.add(level.noted(resident));
            figures.add(
                    Figure.of("operator, " + level.vms() + " VMs: most resident since its start", "MiB", level.most())
                            .atMost(MOST_RESIDENT));
            figures.add(Figure.of("operator, " + level.vms() + " VMs: live heap", "MiB", level.live()));
        }
        Level none = levels.getFirst();
        Level most = levels.getLast();
        figures.add(Figure.of("live heap a VM", "KiB", (most.live() - none.live()) * 1024 / (most.vms() - none.vms()))
                .atMost(KIBIBYTES_A_VM));
        return figures;
    }
}
