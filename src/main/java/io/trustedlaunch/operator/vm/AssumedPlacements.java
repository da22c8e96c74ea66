package io.trustedlaunch.operator.vm;

import io.trustedlaunch.operator.kube.StaleViewException;
import io.trustedlaunch.placement.Allocated;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;

/**
 * What was promised to lives whose incarnations are not in the cache yet. Without it, VMs that are applied together would
 * all see the same node empty, and those that are to be apart would not see each other. Of this process only: it prevents crowding, and proves nothing.
 */
final class AssumedPlacements {
    /** What was promised to a VM for an epoch. */
    record Promise(String vmUid, long epoch, String node, Allocated load) {}

    private final Map<String, Promise> byVm = new HashMap<>();
    private long version;

    /** @param counts whether the incarnation that something was promised to counts by itself */
    synchronized View view(Predicate<Promise> counts) {
        byVm.values().removeIf(counts);
        return new View(version, Map.copyOf(byVm));
    }

    /** @throws StaleViewException if something was promised since {@code view} was taken */
    synchronized void promise(View view, Promise promise) {
        if (view.version() != version) {
            throw new StaleViewException("another VM was placed at the same time");
        }
        version++;
        byVm.put(promise.vmUid(), promise);
    }

    synchronized void forget(Collection<String> vmUids) {
        vmUids.forEach(byVm::remove);
    }

    /** @param byVm what was promised beyond what incarnations show, by the VM's identity */
    record View(long version, Map<String, Promise> byVm) {
        Map<String, Allocated> loads() {
            Map<String, Allocated> loads = new HashMap<>();
            byVm.values().forEach(promise -> loads.merge(promise.node(), promise.load(), Allocated::plus));
            return loads;
        }
    }
}
