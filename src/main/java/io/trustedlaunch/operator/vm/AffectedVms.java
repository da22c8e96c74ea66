package io.trustedlaunch.operator.vm;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.image.GuestImage;
import io.trustedlaunch.api.image.ImageCopy;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.VmRef;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.restore.DiskFill;
import io.trustedlaunch.api.restore.RestoreRun;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.controller.Conditions;
import io.trustedlaunch.controller.Conditions.State;
import io.trustedlaunch.operator.vm.facts.VmObject;
import io.trustedlaunch.operator.vm.plan.MacAddresses;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Finds the VMs that a change of another object affects. */
final class AffectedVms {
    private static final String INDEX = "affected";
    private static final String ALL = "all";
    private static final String UNSETTLED = "unsettled";

    private final IndexerResourceCache<TrustedLaunchVM> vms;

    AffectedVms(IndexerResourceCache<TrustedLaunchVM> vms) {
        this.vms = vms;
        vms.addIndexer(INDEX, AffectedVms::keys);
    }

    private static List<String> keys(TrustedLaunchVM vm) {
        List<String> keys = new ArrayList<>(List.of(
                ALL, "uid/" + vm.identity(), "image/" + vm.getSpec().imageRef().name()));
        vm.getSpec().discs().stream()
                .filter(disc -> disc.imageRef() != null)
                .forEach(disc -> keys.add("image/" + disc.imageRef().name()));
        keys.add("in/" + vm.getMetadata().getNamespace());
        vm.getSpec()
                .networkInterfaces()
                .forEach(nic -> keys.add(macKey(nic.network(), MacAddresses.of(vm.identity(), nic))));
        VmObject known = new VmObject(vm);
        if (!known.constraints().vmAntiAffinity().required().isEmpty()) {
            keys.add("anti-affinity/" + vm.getMetadata().getNamespace());
        }
        if (!isSettled(vm)) {
            keys.add(UNSETTLED);
            keys.add("waiting-for-image/" + vm.getSpec().imageRef().name());
        } else {
            known.nodeName().ifPresent(node -> keys.add("node/" + node));
        }
        known.openMigration().ifPresent(migration -> keys.add("node/" + migration.targetNode()));
        return keys;
    }

    private static boolean isSettled(TrustedLaunchVM vm) {
        return vm.getStatus() != null
                && !vm.isMarkedForDeletion()
                && Conditions.find(vm.getStatus().conditions(), ConditionType.Ready)
                        .filter(ready -> ready.getStatus().equals(State.True.name()))
                        .isPresent();
    }

    List<TrustedLaunchVM> everyVm() {
        return vms.byIndex(INDEX, ALL);
    }

    List<TrustedLaunchVM> in(String namespace) {
        return vms.byIndex(INDEX, "in/" + namespace);
    }

    List<TrustedLaunchVM> withMac(String network, String mac) {
        return vms.byIndex(INDEX, macKey(network, mac));
    }

    private static String macKey(String network, String mac) {
        return "mac/" + network + "/" + mac;
    }

    List<TrustedLaunchVM> withAntiAffinityIn(String namespace) {
        return vms.byIndex(INDEX, "anti-affinity/" + namespace);
    }

    Set<ResourceID> all() {
        return ids(ALL).collect(Collectors.toSet());
    }

    /** Those that are not Ready. */
    Set<ResourceID> unsettled() {
        return ids(UNSETTLED).collect(Collectors.toSet());
    }

    /** Those of the object's namespace that are not Ready. */
    Set<ResourceID> unsettledBesides(HasMetadata object) {
        return in(object.getMetadata().getNamespace()).stream()
                .filter(vm -> !isSettled(vm))
                .map(ResourceID::fromResource)
                .collect(Collectors.toSet());
    }

    Set<ResourceID> fromImage(GuestImage image) {
        return ids("image/" + image.getMetadata().getName()).collect(Collectors.toSet());
    }

    /** Those that are not Ready, and so may not have their disks yet. */
    Set<ResourceID> waitingForImage(ImageCopy copy) {
        return ids("waiting-for-image/" + copy.getSpec().image().name()).collect(Collectors.toSet());
    }

    /** Those on the node, and those that may be waiting for it. */
    Set<ResourceID> onNode(HasMetadata node) {
        return onNode(node.getMetadata().getName());
    }

    Set<ResourceID> onNode(String node) {
        return Stream.concat(ids("node/" + node), ids(UNSETTLED)).collect(Collectors.toSet());
    }

    /** Includes a VM that took this one over after the incarnation was created. */
    Set<ResourceID> ofIncarnation(VMIncarnation incarnation) {
        VmRef vm = incarnation.getSpec().vmRef();
        return Stream.concat(Stream.of(new ResourceID(vm.name(), vm.namespace())), ids("uid/" + vm.uid()))
                .collect(Collectors.toSet());
    }

    static Set<ResourceID> ofMigration(VMMigration migration) {
        return Set.of(new ResourceID(
                migration.getSpec().vmRef().name(), migration.getMetadata().getNamespace()));
    }

    static Set<ResourceID> ofRestoreRun(RestoreRun run) {
        return of(run.getSpec().vmRef());
    }

    static Set<ResourceID> ofDiskFill(DiskFill run) {
        return of(run.getSpec().vmRef());
    }

    private static Set<ResourceID> of(VmRef vm) {
        return Set.of(new ResourceID(vm.name(), vm.namespace()));
    }

    Set<ResourceID> ofKey(Secret secret) {
        return ids("uid/" + secret.getMetadata().getName()).collect(Collectors.toSet());
    }

    private Stream<ResourceID> ids(String key) {
        return vms.byIndex(INDEX, key).stream().map(ResourceID::fromResource);
    }
}
