package io.trustedlaunch.testkit;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.LabelSelector;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.incarnation.VMMigrationSpec;
import io.trustedlaunch.api.vm.Affinity;
import io.trustedlaunch.api.vm.NetworkInterface;
import io.trustedlaunch.api.vm.OsDisk;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMSpec;
import io.trustedlaunch.api.vm.TrustedLaunchVMSpecBuilder;
import io.trustedlaunch.api.vm.VMAffinity;
import io.trustedlaunch.api.vm.VMAffinity.VMAffinityTerm;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** A valid VM, {@code finance/payroll}; a test changes by name what it is about. */
public final class Vms {
    public static final String NAMESPACE = "finance";
    public static final String NAME = "payroll";
    public static final String UID = "5e8f51bc-0031-4c5f-9f5a-6f8e1f0b7c11";
    public static final String EK = "ab".repeat(32);

    private Vms() {}

    /** As the API server has it when it was just applied. */
    public static TrustedLaunchVM vm(TrustedLaunchVMSpec spec) {
        TrustedLaunchVM vm = new TrustedLaunchVM();
        vm.setMetadata(new ObjectMetaBuilder()
                .withNamespace(NAMESPACE)
                .withName(NAME)
                .withUid(UID)
                .withResourceVersion("1")
                .withGeneration(1L)
                .build());
        vm.setSpec(spec);
        return vm;
    }

    public static TrustedLaunchVMSpecBuilder spec() {
        return TrustedLaunchVMSpecBuilder.builder()
                .runStrategy(RunStrategy.Always)
                .imageRef(new ObjectRef(GuestImages.NAME))
                .cores(2)
                .memory(new Quantity("1Gi"))
                .storageLocationRef(new ObjectRef("default"))
                .osDisk(new OsDisk(new Quantity("10Gi")))
                .networkInterfaces(List.of(new NetworkInterface("nic0", "default", null)))
                .terminationGracePeriodSeconds(60);
    }

    /** That an API server takes, and nobody starts; not created yet. */
    public static TrustedLaunchVM halted(String namespace, UnaryOperator<TrustedLaunchVMSpecBuilder> change) {
        TrustedLaunchVM vm = new TrustedLaunchVM();
        vm.setMetadata(
                new ObjectMetaBuilder().withNamespace(namespace).withName(NAME).build());
        vm.setSpec(change.apply(TrustedLaunchVMSpecBuilder.builder()
                        .runStrategy(RunStrategy.Halted)
                        .imageRef(new ObjectRef("none"))
                        .cores(2)
                        .memory(new Quantity("1Gi"))
                        .osDisk(new OsDisk(new Quantity("10Gi"))))
                .build());
        return vm;
    }

    /** On no node with a VM that has these labels. */
    public static Affinity apartFrom(Map<String, String> labels) {
        VMAffinityTerm term = new VMAffinityTerm(new LabelSelector(labels, null), "kubernetes.io/hostname");
        return new Affinity(null, null, new VMAffinity(List.of(term), null));
    }

    /** @param targetNode null: any */
    public static VMMigration migration(String name, String targetNode) {
        VMMigration migration = new VMMigration();
        migration.setMetadata(new ObjectMetaBuilder()
                .withNamespace(NAMESPACE)
                .withName(name)
                .withUid("uid-of-" + name)
                .withCreationTimestamp("2026-01-01T00:00:00Z")
                .build());
        migration.setSpec(new VMMigrationSpec(new ObjectRef(NAME), targetNode));
        return migration;
    }
}
