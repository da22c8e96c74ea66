package io.trustedlaunch.agent.incarnation.record;

import io.trustedlaunch.agent.hypervisor.DomainInfo;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.api.node.ClusterNodeStatus;
import io.trustedlaunch.api.node.ClusterNodeStatus.PendingArrival;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The latest epoch of every VM that may have the newest state on this host: a domain, or disks and guest state on record.
 * Stopped VMs count too: without them, an operator restored from a backup would hand out their epochs again (I3). An
 * incarnation that was only seen here does not count: the VM is where it was before.
 */
public final class IncarnationInventory implements Supplier<List<ClusterNodeStatus.Domain>> {
    private final Hypervisor hypervisor;
    private final VmRecordStore records;

    public IncarnationInventory(Hypervisor hypervisor, VmRecordStore records) {
        this.hypervisor = hypervisor;
        this.records = records;
    }

    @Override
    public List<ClusterNodeStatus.Domain> get() {
        TreeMap<UUID, Long> latest = new TreeMap<>(records.latestIncarnations());
        List<ClusterNodeStatus.Domain> arrivals = new ArrayList<>();
        for (DomainInfo domain : hypervisor.domains()) {
            pendingArrival(domain)
                    .ifPresentOrElse(
                            arrival -> arrivals.add(domain(
                                    domain.vm(), domain.epoch(), new PendingArrival(arrival.epoch(), arrival.left()))),
                            () -> latest.merge(domain.vm(), domain.epoch(), Math::max));
        }
        return Stream.concat(
                        latest.entrySet().stream()
                                .map(incarnation -> domain(incarnation.getKey(), incarnation.getValue(), null)),
                        arrivals.stream())
                .toList();
    }

    private ClusterNodeStatus.Domain domain(UUID vm, long epoch, PendingArrival arrival) {
        String proof = records.lookUp(vm)
                .found()
                .flatMap(record -> record.of(epoch).proof())
                .orElse(null);
        return new ClusterNodeStatus.Domain(vm.toString(), epoch, proof, arrival);
    }

    /** Until a guest is resumed here it may belong to its source, although the hypervisor has a domain here. */
    private Optional<ArrivalRecord> pendingArrival(DomainInfo domain) {
        return records.lookUp(domain.vm())
                .found()
                .map(record -> record.of(domain.epoch()))
                .filter(IncarnationRecord::isPendingArrival)
                .flatMap(IncarnationRecord::arrival);
    }
}
