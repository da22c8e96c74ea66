package io.trustedlaunch.e2e;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.DataDisk;
import io.trustedlaunch.api.DeletionPolicy;
import io.trustedlaunch.api.GuestConfig;
import io.trustedlaunch.api.NetworkInterface;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.OsDisk;
import io.trustedlaunch.api.RestoreFrom;
import io.trustedlaunch.api.RunStrategy;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.TrustedLaunchVMSpecBuilder;
import java.util.List;
import java.util.Map;

/** A VM of the proof guest to be created: one core, 512 MiB, a card on the network {@code lab}; each can be changed. */
final class VmDraft {
    private final String name;
    private final String namespace;
    private String image;
    private String location;
    private String memory = "512Mi";
    private String disk = "1Gi";
    private List<DataDisk> dataDisks;
    private String network = "lab";
    private Map<String, String> nodeSelector;
    private GuestConfig guestConfig;
    private int gracePeriodSeconds = 60;
    private DeletionPolicy deletionPolicy;
    private RestoreFrom restoreFrom;

    VmDraft(String name, String namespace, String image, String location) {
        this.name = name;
        this.namespace = namespace;
        this.image = image;
        this.location = location;
    }

    String name() {
        return name;
    }

    VmDraft image(String changed) {
        image = changed;
        return this;
    }

    VmDraft location(String changed) {
        location = changed;
        return this;
    }

    VmDraft memory(String changed) {
        memory = changed;
        return this;
    }

    VmDraft disk(String changed) {
        disk = changed;
        return this;
    }

    VmDraft dataDisk(String diskName, String size) {
        dataDisks = List.of(new DataDisk(diskName, new Quantity(size)));
        return this;
    }

    VmDraft network(String changed) {
        network = changed;
        return this;
    }

    /** Firmware that finds nothing to start on a disk asks each network for something to start, for half as long again. */
    VmDraft withoutNetwork() {
        network = null;
        return this;
    }

    VmDraft onNodesWith(String label, String value) {
        nodeSelector = Map.of(label, value);
        return this;
    }

    VmDraft userData(String secret) {
        guestConfig = new GuestConfig(new GuestConfig.SecretSource(new ObjectRef(secret)), null);
        return this;
    }

    /** Its power is cut after a second, for tests in which the guest need not have booted. */
    VmDraft impatient() {
        gracePeriodSeconds = 1;
        return this;
    }

    VmDraft retained() {
        deletionPolicy = DeletionPolicy.Retain;
        return this;
    }

    /** Takes over the VM that had this UID. */
    VmDraft restoring(String uid) {
        restoreFrom = new RestoreFrom(new RestoreFrom.RetainedVM(uid));
        return this;
    }

    TrustedLaunchVM build() {
        TrustedLaunchVM vm = new TrustedLaunchVM();
        vm.setMetadata(
                new ObjectMetaBuilder().withName(name).withNamespace(namespace).build());
        vm.setSpec(TrustedLaunchVMSpecBuilder.builder()
                .runStrategy(RunStrategy.Always)
                .imageRef(new ObjectRef(image))
                .cores(1)
                .memory(new Quantity(memory))
                .storageLocationRef(new ObjectRef(location))
                .osDisk(new OsDisk(new Quantity(disk)))
                .dataDisks(dataDisks)
                .networkInterfaces(network == null ? null : List.of(new NetworkInterface("nic0", network, null)))
                .guestConfig(guestConfig)
                .nodeSelector(nodeSelector)
                .shutdownGracePeriodSeconds(gracePeriodSeconds)
                .deletionPolicy(deletionPolicy)
                .restoreFrom(restoreFrom)
                .build());
        return vm;
    }
}
