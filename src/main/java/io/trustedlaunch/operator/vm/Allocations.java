package io.trustedlaunch.operator.vm;

import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.VmRef;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.placement.Allocated;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * The resources that are allocated on each node: to incarnations that are not over, and to epochs that are reserved and whose
 * incarnations the watch has not brought yet. Kept up to date by the watch, so that no pass adds up all VMs.
 */
final class Allocations {
    /** An epoch of a VM that is on record, or about to be. */
    record Reservation(long epoch, String node, Allocated allocated) {}

    /** @param seen whether its incarnation is in the cache; otherwise only the reservation is known */
    private record Entry(String owner, String node, Allocated allocated, boolean isOver, boolean seen) {}

    /** Keyed by the VM's identity and the epoch. */
    private final Map<String, Map<Long, Entry>> byVm = new HashMap<>();

    private final Map<String, Allocated> byNode = new HashMap<>();
    /** A copy for those that read it; empty if it has changed since. */
    private Optional<Map<String, Allocated>> present = Optional.empty();

    /** The watch has brought an incarnation, or a change of it. */
    synchronized void seen(VMIncarnation resource) {
        Incarnation incarnation = new Incarnation(resource);
        VmRef vm = resource.getSpec().vmRef();
        Allocated allocated = incarnation.isOver() ? Allocated.NONE : incarnation.allocated();
        put(
                vm.uid(),
                incarnation.epoch(),
                new Entry(vm.owner(), incarnation.node(), allocated, incarnation.isOver(), true));
    }

    /** The watch shows that an incarnation was deleted. */
    synchronized void gone(VMIncarnation resource) {
        remove(resource.getSpec().vmRef().uid(), resource.getSpec().epoch());
    }

    /** These are all that the watch has. */
    synchronized void listed(List<VMIncarnation> incarnations) {
        removeIf(Set.copyOf(byVm.keySet()), Entry::seen);
        incarnations.forEach(this::seen);
    }

    /** Chooses a node and reserves a part of it, so that the next choice sees that. All that the choice reads is in memory. */
    synchronized <T> T exclusively(Supplier<T> choice) {
        return choice.get();
    }

    synchronized void reserve(TrustedLaunchVM vm, Reservation reservation) {
        Map<Long, Entry> known = byVm.getOrDefault(vm.identity(), Map.of());
        if (!known.containsKey(reservation.epoch())) {
            put(
                    vm.identity(),
                    reservation.epoch(),
                    new Entry(vm.getMetadata().getUid(), reservation.node(), reservation.allocated(), false, false));
        }
    }

    /** These are all that the VM has on record. What it reserved besides was never written, or given up. */
    synchronized void onRecord(TrustedLaunchVM vm, List<Reservation> reservations) {
        Map<Long, Reservation> byEpoch =
                reservations.stream().collect(Collectors.toMap(Reservation::epoch, one -> one, (one, same) -> one));
        Map.copyOf(byVm.getOrDefault(vm.identity(), Map.of())).forEach((epoch, entry) -> {
            boolean isOnRecord =
                    byEpoch.containsKey(epoch) && byEpoch.get(epoch).node().equals(entry.node());
            if (!entry.seen() && !isOnRecord) {
                remove(vm.identity(), epoch);
            }
        });
        reservations.forEach(reservation -> reserve(vm, reservation));
    }

    /** The VM is gone; its incarnations count until they are gone, too. */
    synchronized void forget(TrustedLaunchVM vm) {
        removeIf(Set.of(vm.identity()), entry -> !entry.seen());
    }

    synchronized Map<String, Allocated> byNode() {
        Map<String, Allocated> copy = present.orElseGet(() -> Map.copyOf(byNode));
        present = Optional.of(copy);
        return copy;
    }

    /** Where the VM is, or is about to be. */
    synchronized Set<String> nodesOf(TrustedLaunchVM vm) {
        return byVm.getOrDefault(vm.identity(), Map.of()).values().stream()
                .filter(entry -> !entry.isOver() && vm.getMetadata().getUid().equals(entry.owner()))
                .map(Entry::node)
                .collect(Collectors.toSet());
    }

    private void put(String vm, long epoch, Entry entry) {
        remove(vm, epoch);
        byVm.computeIfAbsent(vm, unseen -> new HashMap<>()).put(epoch, entry);
        add(entry.node(), entry.allocated());
    }

    private void add(String node, Allocated allocated) {
        present = Optional.empty();
        byNode.merge(node, allocated, Allocated::plus);
        byNode.remove(node, Allocated.NONE);
    }

    private void removeIf(Set<String> vms, Predicate<Entry> which) {
        vms.forEach(vm -> Map.copyOf(byVm.getOrDefault(vm, Map.of())).forEach((epoch, entry) -> {
            if (which.test(entry)) {
                remove(vm, epoch);
            }
        }));
    }

    private void remove(String vm, long epoch) {
        Map<Long, Entry> known = byVm.getOrDefault(vm, new HashMap<>());
        Entry removed = known.remove(epoch);
        if (removed != null) {
            add(removed.node(), Allocated.NONE.minus(removed.allocated()));
        }
        if (known.isEmpty()) {
            byVm.remove(vm);
        }
    }
}
