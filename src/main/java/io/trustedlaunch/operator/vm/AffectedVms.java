package io.trustedlaunch.operator.vm;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import io.javaoperatorsdk.operator.processing.event.source.informer.ManagedInformerEventSource;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.GuestImage;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.TrustedLaunchVMStatus;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationSpec.VmRef;
import io.trustedlaunch.api.VMMigration;
import io.trustedlaunch.operator.kube.Conditions;
import io.trustedlaunch.operator.kube.Conditions.State;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Finds the VMs that an object concerns, or that concern a VM. */
final class AffectedVms {
    private static final String CONCERN = "concern";
    private static final String ALL = "all";
    private static final String UNSETTLED = "unsettled";

    private final IndexerResourceCache<TrustedLaunchVM> vms;

    AffectedVms(IndexerResourceCache<TrustedLaunchVM> vms) {
        this.vms = vms;
        vms.addIndexer(CONCERN, AffectedVms::concerns);
    }

    private static List<String> concerns(TrustedLaunchVM vm) {
        List<String> concerns = new ArrayList<>(List.of(
                ALL, "uid/" + vm.identity(), "image/" + vm.getSpec().imageRef().name()));
        concerns.add("in/" + vm.getMetadata().getNamespace());
        if (!VmFacts.constraintsOf(vm).vmAntiAffinity().required().isEmpty()) {
            concerns.add("apart/" + vm.getMetadata().getNamespace());
        }
        if (!isSettled(vm)) {
            concerns.add(UNSETTLED);
        } else if (vm.getStatus().nodeName() != null) {
            concerns.add("node/" + vm.getStatus().nodeName());
        }
        Optional.ofNullable(vm.getStatus())
                .map(TrustedLaunchVMStatus::migration)
                .filter(move -> move.outcome() == null)
                .ifPresent(move -> concerns.add("node/" + move.targetNode()));
        return concerns;
    }

    private static boolean isSettled(TrustedLaunchVM vm) {
        return vm.getStatus() != null
                && !vm.isMarkedForDeletion()
                && Conditions.find(vm.getStatus().conditions(), ConditionType.Ready)
                        .filter(ready -> ready.getStatus().equals(State.True.name()))
                        .isPresent();
    }

    List<TrustedLaunchVM> in(String namespace) {
        return vms.byIndex(CONCERN, "in/" + namespace);
    }

    List<TrustedLaunchVM> keepingApartIn(String namespace) {
        return vms.byIndex(CONCERN, "apart/" + namespace);
    }

    Set<ResourceID> all() {
        return ids(ALL).collect(Collectors.toSet());
    }

    /** Those that wait for something. */
    Set<ResourceID> unsettled() {
        return ids(UNSETTLED).collect(Collectors.toSet());
    }

    Set<ResourceID> fromImage(GuestImage image) {
        return ids("image/" + image.getMetadata().getName()).collect(Collectors.toSet());
    }

    /** Those that are there, and those that may be waiting for it. */
    Set<ResourceID> onNode(HasMetadata node) {
        return onNode(node.getMetadata().getName());
    }

    Set<ResourceID> onNode(String node) {
        return Stream.concat(ids("node/" + node), ids(UNSETTLED)).collect(Collectors.toSet());
    }

    /** Also whoever took the VM over since the life was made. */
    Set<ResourceID> ofIncarnation(VMIncarnation incarnation) {
        VmRef vm = incarnation.getSpec().vmRef();
        return Stream.concat(Stream.of(new ResourceID(vm.name(), vm.namespace())), ids("uid/" + vm.uid()))
                .collect(Collectors.toSet());
    }

    static Set<ResourceID> ofMigration(VMMigration move) {
        return Set.of(
                new ResourceID(move.getSpec().vmRef().name(), move.getMetadata().getNamespace()));
    }

    Set<ResourceID> ofKey(Secret secret) {
        return ids("uid/" + secret.getMetadata().getName()).collect(Collectors.toSet());
    }

    private Stream<ResourceID> ids(String concern) {
        return vms.byIndex(CONCERN, concern).stream().map(ResourceID::fromResource);
    }

    @SuppressWarnings("unchecked")
    void remember(ResourceID id, TrustedLaunchVM vm, TrustedLaunchVM before) {
        ((ManagedInformerEventSource<TrustedLaunchVM, ?, ?>) vms).handleRecentResourceUpdate(id, vm, before);
    }
}
