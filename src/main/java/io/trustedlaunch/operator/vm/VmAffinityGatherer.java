package io.trustedlaunch.operator.vm;

import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.placement.Constraints;
import io.trustedlaunch.placement.PlacedVm;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads the other VMs whose place matters for a VM, by its affinity or by theirs. Most VMs are skipped by an index. */
final class VmAffinityGatherer {
    private final VmCaches caches;

    VmAffinityGatherer(VmCaches caches) {
        this.caches = caches;
    }

    List<PlacedVm> placedVms(TrustedLaunchVM vm, AssumedPlacements.View assumed) {
        String namespace = vm.getMetadata().getNamespace();
        Constraints constraints = VmFacts.constraintsOf(vm);
        List<TrustedLaunchVM> others =
                constraints.hasVmAffinity() ? caches.vmsIn(namespace) : caches.vmsWithAntiAffinityIn(namespace);
        return others.stream()
                .filter(other -> constraints.interactsWith(VmFacts.constraintsOf(other)))
                .filter(other ->
                        !other.getMetadata().getName().equals(vm.getMetadata().getName()))
                .flatMap(other -> placedVm(other, assumed).stream())
                .toList();
    }

    private Optional<PlacedVm> placedVm(TrustedLaunchVM vm, AssumedPlacements.View assumed) {
        Set<String> nodes = new HashSet<>();
        caches.watchedIncarnationsOf(vm.identity()).stream()
                .filter(incarnation -> incarnation
                        .getSpec()
                        .vmRef()
                        .owner()
                        .equals(vm.getMetadata().getUid()))
                .map(Incarnation::new)
                .filter(incarnation -> !incarnation.isOver())
                .forEach(incarnation -> nodes.add(incarnation.node()));
        Optional.ofNullable(assumed.byVm().get(vm.identity())).ifPresent(entry -> nodes.add(entry.node()));
        Constraints constraints = VmFacts.constraintsOf(vm);
        return nodes.isEmpty()
                ? Optional.empty()
                : Optional.of(new PlacedVm(
                        vm.getMetadata().getName(),
                        constraints.labels(),
                        constraints.vmAntiAffinity().required(),
                        nodes));
    }
}
