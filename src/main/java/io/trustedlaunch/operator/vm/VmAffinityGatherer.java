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

/** Reads which other VMs bear on where a VM can be: most bear on nobody, and nobody looks at them. */
final class VmAffinityGatherer {
    private final VmCaches caches;

    VmAffinityGatherer(VmCaches caches) {
        this.caches = caches;
    }

    List<PlacedVm> neighbours(TrustedLaunchVM vm, AssumedPlacements.View promises) {
        String namespace = vm.getMetadata().getNamespace();
        Constraints constraints = VmFacts.constraintsOf(vm);
        List<TrustedLaunchVM> others =
                constraints.hasVmAffinity() ? caches.vmsIn(namespace) : caches.vmsKeepingApartIn(namespace);
        return others.stream()
                .filter(other -> constraints.interactsWith(VmFacts.constraintsOf(other)))
                .filter(other ->
                        !other.getMetadata().getName().equals(vm.getMetadata().getName()))
                .flatMap(other -> neighbour(other, promises).stream())
                .toList();
    }

    private Optional<PlacedVm> neighbour(TrustedLaunchVM vm, AssumedPlacements.View promises) {
        Set<String> nodes = new HashSet<>();
        caches.knownLivesOf(vm.identity()).stream()
                .filter(life ->
                        life.getSpec().vmRef().owner().equals(vm.getMetadata().getUid()))
                .map(Incarnation::new)
                .filter(life -> !life.isOver())
                .forEach(life -> nodes.add(life.node()));
        Optional.ofNullable(promises.byVm().get(vm.identity())).ifPresent(promise -> nodes.add(promise.node()));
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
