package io.trustedlaunch.operator.vm;

import io.trustedlaunch.operator.kube.StaleViewException;
import io.trustedlaunch.placement.Allocated;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Placements whose incarnations are not in the cache yet. Without them, VMs that are applied together would all see the
 * same node empty, and anti-affinity would not see the other VM. In memory: they prevent crowding, and prove nothing.
 */
final class AssumedPlacements {
    /** The placement of a VM for an epoch. */
    record Entry(String vmUid, long epoch, String node, Allocated allocated) {}

    private final Map<String, Entry> byVm = new HashMap<>();
    private long version;

    /** @param inCache whether the incarnation of the entry is in the cache, so that the entry is no longer needed */
    synchronized View view(Predicate<Entry> inCache) {
        byVm.values().removeIf(inCache);
        return new View(version, Map.copyOf(byVm));
    }

    /** @throws StaleViewException if an entry was added since {@code view} was taken */
    synchronized void add(View view, Entry entry) {
        if (view.version() != version) {
            throw new StaleViewException("another VM was placed at the same time");
        }
        version++;
        byVm.put(entry.vmUid(), entry);
    }

    /** @param onRecord the epochs that the VM's status names; a placement for another was given up */
    synchronized void keep(String vmUid, Set<Long> onRecord) {
        Entry entry = byVm.get(vmUid);
        if (entry != null && !onRecord.contains(entry.epoch())) {
            byVm.remove(vmUid);
        }
    }

    synchronized void forget(Collection<String> vmUids) {
        vmUids.forEach(byVm::remove);
    }

    /** @param byVm the entries by the VM's identity */
    record View(long version, Map<String, Entry> byVm) {
        Map<String, Allocated> byNode() {
            Map<String, Allocated> byNode = new HashMap<>();
            byVm.values().forEach(entry -> byNode.merge(entry.node(), entry.allocated(), Allocated::plus));
            return byNode;
        }
    }
}
