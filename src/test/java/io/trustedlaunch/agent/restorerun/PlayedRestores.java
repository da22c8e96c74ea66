package io.trustedlaunch.agent.restorerun;

import io.trustedlaunch.agent.order.OrderPass;
import io.trustedlaunch.agent.order.StatusWriter;
import io.trustedlaunch.api.restore.RestoreRun;
import io.trustedlaunch.api.restore.RestoreRunStatus;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** The real restores of one process of an agent. */
public final class PlayedRestores {
    private final OrderPass<RestoreRun, RestoreRunStatus> pass;

    public PlayedRestores(RestorePart part, StatusWriter<RestoreRun, RestoreRunStatus> writer) {
        this.pass = part.pass(writer);
    }

    /**
     * A pass over each VM that has one.
     *
     * @param wanted all of this node, as the watch has them
     */
    public void run(Supplier<List<RestoreRun>> wanted) {
        Map<String, List<RestoreRun>> byVm = wanted.get().stream()
                .collect(Collectors.groupingBy(run -> run.getSpec().vmRef().uid(), TreeMap::new, Collectors.toList()));
        byVm.forEach((vm, runs) -> pass.run(UUID.fromString(vm), () -> Optional.of(runs)));
    }
}
