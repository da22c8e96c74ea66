package io.trustedlaunch.operator.vm;

import io.trustedlaunch.operator.kube.StaleViewException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Memory that was promised to lives whose incarnations are not in the cache yet. Without it, VMs that are applied
 * together would all see the same node empty. Of this process only: it prevents crowding, and proves nothing.
 */
final class Promises {
    /** What was promised to a VM for an epoch. */
    record Promise(String vmUid, long epoch, String node, long bytes) {}

    private final Map<String, Promise> byVm = new HashMap<>();
    private long version;

    /** @param seen the incarnations that already count */
    synchronized View view(Set<String> seen) {
        byVm.values().removeIf(promise -> seen.contains(promise.vmUid() + "-" + promise.epoch()));
        Map<String, Long> bytes = new HashMap<>();
        byVm.values().forEach(promise -> bytes.merge(promise.node(), promise.bytes(), Long::sum));
        return new View(version, Map.copyOf(bytes));
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

    /** @param bytesByNode memory promised beyond what incarnations show */
    record View(long version, Map<String, Long> bytesByNode) {}
}
