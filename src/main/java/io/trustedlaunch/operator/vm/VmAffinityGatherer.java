package io.trustedlaunch.operator.vm;

import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.operator.vm.facts.VmObject;
import io.trustedlaunch.placement.Constraints;
import io.trustedlaunch.placement.PlacedVm;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads the other VMs whose place matters for a VM, by its affinity or by theirs. Most VMs are skipped by an index. */
final class VmAffinityGatherer {
    private final VmCaches caches;

    VmAffinityGatherer(VmCaches caches) {
        this.caches = caches;
    }

    List<PlacedVm> placedVms(TrustedLaunchVM vm) {
        String namespace = vm.getMetadata().getNamespace();
        Constraints constraints = new VmObject(vm).constraints();
        List<TrustedLaunchVM> others =
                constraints.hasVmAffinity() ? caches.vmsIn(namespace) : caches.vmsWithAntiAffinityIn(namespace);
        return others.stream()
                .filter(other -> constraints.interactsWith(new VmObject(other).constraints()))
                .filter(other ->
                        !other.getMetadata().getName().equals(vm.getMetadata().getName()))
                .flatMap(other -> placedVm(other).stream())
                .toList();
    }

    private Optional<PlacedVm> placedVm(TrustedLaunchVM vm) {
        Set<String> nodes = caches.allocations().nodesOf(vm);
        Constraints constraints = new VmObject(vm).constraints();
        return nodes.isEmpty()
                ? Optional.empty()
                : Optional.of(new PlacedVm(
                        vm.getMetadata().getName(),
                        constraints.labels(),
                        constraints.vmAntiAffinity().required(),
                        nodes));
    }
}
