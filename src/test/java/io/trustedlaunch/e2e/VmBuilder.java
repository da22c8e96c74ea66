package io.trustedlaunch.e2e;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.vm.ApprovedRestore;
import io.trustedlaunch.api.vm.DataDisk;
import io.trustedlaunch.api.vm.DeletionPolicy;
import io.trustedlaunch.api.vm.GuestConfig;
import io.trustedlaunch.api.vm.NetworkInterface;
import io.trustedlaunch.api.vm.OsDisk;
import io.trustedlaunch.api.vm.RestoreFrom;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMSpecBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A VM to create: by default one core, 512 MiB of memory and an interface on network {@code lab}. */
final class VmBuilder {
    private final String name;
    private final String namespace;
    private String image;
    private String location;
    private String memory = "512Mi";
    private String disk = "1Gi";
    private final List<DataDisk> dataDisks = new ArrayList<>();
    private String network = "lab";
    private Map<String, String> nodeSelector;
    private GuestConfig guestConfig;
    private int gracePeriodSeconds = 60;
    private DeletionPolicy deletionPolicy;
    private RestoreFrom restoreFrom;
    private ApprovedRestore approveRestore;
    private Map<String, String> annotations = Map.of();

    VmBuilder(String name, String namespace, String image, String location) {
        this.name = name;
        this.namespace = namespace;
        this.image = image;
        this.location = location;
    }

    String name() {
        return name;
    }

    VmBuilder image(String changed) {
        image = changed;
        return this;
    }

    VmBuilder location(String changed) {
        location = changed;
        return this;
    }

    VmBuilder memory(String changed) {
        memory = changed;
        return this;
    }

    VmBuilder disk(String changed) {
        disk = changed;
        return this;
    }

    VmBuilder dataDisk(String diskName, String size) {
        dataDisks.add(new DataDisk(diskName, new Quantity(size)));
        return this;
    }

    VmBuilder network(String changed) {
        network = changed;
        return this;
    }

    /** Firmware that finds nothing to boot on a disk tries each network, which takes half as long again. */
    VmBuilder withoutNetwork() {
        network = null;
        return this;
    }

    VmBuilder onNodesWith(String label, String value) {
        nodeSelector = Map.of(label, value);
        return this;
    }

    VmBuilder userData(String secret) {
        guestConfig = new GuestConfig(new GuestConfig.SecretSource(new ObjectRef(secret)), null);
        return this;
    }

    /** Ends the guest by force after a second, for tests whose guest need not shut down in order. */
    VmBuilder shortGracePeriod() {
        gracePeriodSeconds = 1;
        return this;
    }

    VmBuilder retained() {
        deletionPolicy = DeletionPolicy.Retain;
        return this;
    }

    /** Takes over the VM that had this UID. */
    VmBuilder restoring(String uid) {
        restoreFrom = new RestoreFrom(new RestoreFrom.RetainedVM(uid));
        return this;
    }

    /** Gets copies of the disks in that VMBackup. */
    VmBuilder copyOf(String backup) {
        restoreFrom = new RestoreFrom(null, new ObjectRef(backup));
        return this;
    }

    /** The same, and it starts while they are filled. */
    VmBuilder copyAtOnceOf(String backup) {
        restoreFrom = new RestoreFrom(null, new ObjectRef(backup), true);
        return this;
    }

    /** Goes back to that VMBackup first. */
    VmBuilder revertedTo(String backup, String approvedBy) {
        approveRestore = new ApprovedRestore(new ObjectRef(backup), approvedBy);
        return this;
    }

    /** Its annotation has the value of a restart that was asked for long ago. */
    VmBuilder onceRestarted() {
        annotations = Map.of(Api.RESTARTED_AT, "2026-01-01T12:00:00Z");
        return this;
    }

    TrustedLaunchVM build() {
        TrustedLaunchVM vm = new TrustedLaunchVM();
        vm.setMetadata(new ObjectMetaBuilder()
                .withName(name)
                .withNamespace(namespace)
                .withAnnotations(annotations)
                .build());
        vm.setSpec(TrustedLaunchVMSpecBuilder.builder()
                .runStrategy(RunStrategy.Always)
                .imageRef(new ObjectRef(image))
                .cores(1)
                .memory(new Quantity(memory))
                .storageLocationRef(new ObjectRef(location))
                .osDisk(new OsDisk(new Quantity(disk)))
                .dataDisks(List.copyOf(dataDisks))
                .networkInterfaces(network == null ? null : List.of(new NetworkInterface("nic0", network, null)))
                .guestConfig(guestConfig)
                .nodeSelector(nodeSelector)
                .terminationGracePeriodSeconds(gracePeriodSeconds)
                .deletionPolicy(deletionPolicy)
                .restoreFrom(restoreFrom)
                .approveRestore(approveRestore)
                .build());
        return vm;
    }
}
