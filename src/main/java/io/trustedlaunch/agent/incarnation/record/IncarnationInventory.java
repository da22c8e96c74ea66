package io.trustedlaunch.agent.incarnation.record;

import io.trustedlaunch.agent.hypervisor.DomainInfo;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.api.ClusterNodeStatus;
import java.util.List;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * The latest life of every VM that has something on this host: a domain, or disks and guest state that the memory knows
 * of. A VM that was stopped counts, or a record that was set back would take its next life for its first (I3).
 */
public final class IncarnationInventory implements Supplier<List<ClusterNodeStatus.Domain>> {
    private final Hypervisor hypervisor;
    private final VmRecordStore memory;

    public IncarnationInventory(Hypervisor hypervisor, VmRecordStore memory) {
        this.hypervisor = hypervisor;
        this.memory = memory;
    }

    @Override
    public List<ClusterNodeStatus.Domain> get() {
        TreeMap<UUID, Long> latest = new TreeMap<>(memory.latestIncarnations());
        hypervisor.domains().stream()
                .filter(domain -> !isAwaited(domain))
                .forEach(domain -> latest.merge(domain.vm(), domain.epoch(), Math::max));
        return latest.entrySet().stream()
                .map(incarnation ->
                        new ClusterNodeStatus.Domain(incarnation.getKey().toString(), incarnation.getValue()))
                .toList();
    }

    /** Until it is let run here it is the other host's, whatever this one's hypervisor has of it. */
    private boolean isAwaited(DomainInfo domain) {
        return memory.lookUp(domain.vm())
                .found()
                .filter(record -> record.isPendingArrival(domain.epoch()))
                .isPresent();
    }
}
