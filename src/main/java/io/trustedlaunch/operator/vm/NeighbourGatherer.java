package io.trustedlaunch.operator.vm;

import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.placement.Constraints;
import io.trustedlaunch.placement.Neighbour;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads which other VMs bear on where a VM can be: most bear on nobody, and nobody looks at them. */
final class NeighbourGatherer {
    private final VmCaches caches;

    NeighbourGatherer(VmCaches caches) {
        this.caches = caches;
    }

    List<Neighbour> neighbours(TrustedLaunchVM vm, Promises.View promises) {
        String namespace = vm.getMetadata().getNamespace();
        Constraints constraints = VmFacts.constraintsOf(vm);
        List<TrustedLaunchVM> others =
                constraints.looksAtOtherVms() ? caches.vmsIn(namespace) : caches.vmsKeepingApartIn(namespace);
        return others.stream()
                .filter(other -> constraints.looksAt(VmFacts.constraintsOf(other)))
                .filter(other ->
                        !other.getMetadata().getName().equals(vm.getMetadata().getName()))
                .flatMap(other -> neighbour(other, promises).stream())
                .toList();
    }

    private Optional<Neighbour> neighbour(TrustedLaunchVM vm, Promises.View promises) {
        Set<String> nodes = new HashSet<>();
        caches.knownLivesOf(vm.identity()).stream()
                .filter(life ->
                        life.getSpec().vmRef().owner().equals(vm.getMetadata().getUid()))
                .map(Life::new)
                .filter(life -> !life.isOver())
                .forEach(life -> nodes.add(life.node()));
        Optional.ofNullable(promises.byVm().get(vm.identity())).ifPresent(promise -> nodes.add(promise.node()));
        Constraints constraints = VmFacts.constraintsOf(vm);
        return nodes.isEmpty()
                ? Optional.empty()
                : Optional.of(new Neighbour(
                        vm.getMetadata().getName(),
                        constraints.labels(),
                        constraints.vmAntiAffinity().required(),
                        nodes));
    }
}
