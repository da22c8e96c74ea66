package io.trustedlaunch.agent.restorerun;

import io.trustedlaunch.api.RestoreRun;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** The real restores of one process of an agent. */
public final class PlayedRestores {
    private final RestorePass pass;

    public PlayedRestores(RestoreWiring wiring) {
        this.pass = new RestorePass(wiring);
    }

    /**
     * A pass over each VM that has one.
     *
     * @param wanted all of this node, as the watch has them
     */
    public void run(Supplier<List<RestoreRun>> wanted) {
        Map<String, List<RestoreRun>> byVm = wanted.get().stream()
                .collect(Collectors.groupingBy(run -> run.getSpec().vmRef().uid(), TreeMap::new, Collectors.toList()));
        byVm.values().forEach(runs -> pass.run(() -> runs));
    }
}
