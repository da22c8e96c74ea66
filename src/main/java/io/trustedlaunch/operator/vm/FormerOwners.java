package io.trustedlaunch.operator.vm;

import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.operator.fencing.Fences.ProvedDeath;
import io.trustedlaunch.operator.kube.ApiReader;
import io.trustedlaunch.operator.vm.facts.FormerOwner;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.KeyFacts;
import io.trustedlaunch.operator.vm.facts.RetainedVm;
import java.util.Map;
import java.util.Optional;

/** Looks whether a retained VM still has an owner. Read from the API server: two VMs must never own the same identity. */
final class FormerOwners {
    private final VmCaches caches;
    private final ApiReader reader;

    FormerOwners(VmCaches caches, ApiReader reader) {
        this.caches = caches;
        this.reader = reader;
    }

    /**
     * @param vm one that is to take the retained VM over
     * @param fenced the nodes that are proved dead
     */
    FormerOwner of(TrustedLaunchVM vm, KeyFacts key, Map<String, ProvedDeath> fenced) {
        String own = vm.getMetadata().getUid();
        return RetainedVm.of(key)
                .found()
                .filter(found ->
                        found.record().namespace().equals(vm.getMetadata().getNamespace()))
                .filter(found -> !found.holder().equals(Optional.of(own)))
                .map(found -> found.holder()
                        .map(holder -> holder(vm, found, holder, fenced))
                        .orElseGet(() -> isPresent(
                                        vm,
                                        found.record().name(),
                                        found.record().objectUID())
                                ? FormerOwner.PRESENT
                                : FormerOwner.GONE))
                .orElse(FormerOwner.GONE);
    }

    /** The Secret names it for people: who changes that must not make it seem to be gone. */
    private FormerOwner holder(
            TrustedLaunchVM vm, RetainedVm.Found found, String holder, Map<String, ProvedDeath> fenced) {
        boolean mayBePresent =
                found.holderName().map(name -> isPresent(vm, name, holder)).orElse(true)
                        || caches.allVms().stream()
                                .anyMatch(other -> other.getMetadata().getUid().equals(holder));
        if (mayBePresent) {
            return FormerOwner.PRESENT;
        }
        boolean mayHaveGuest = caches.incarnationsOf(vm).stream()
                .filter(incarnation -> !fenced.containsKey(incarnation.getSpec().nodeName()))
                .anyMatch(incarnation -> isOf(holder, incarnation) && !new Incarnation(incarnation).isOver());
        return mayHaveGuest ? FormerOwner.GONE_BUT_FOR_A_GUEST : FormerOwner.GONE;
    }

    private static boolean isOf(String holder, VMIncarnation incarnation) {
        return incarnation.getSpec().vmRef().owner().equals(holder);
    }

    private boolean isPresent(TrustedLaunchVM vm, String name, String uid) {
        return reader.vm(vm.getMetadata().getNamespace(), name)
                .filter(found -> found.getMetadata().getUid().equals(uid))
                .isPresent();
    }
}
