package io.trustedlaunch.operator;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.LabelSelector;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.image.GuestImage;
import io.trustedlaunch.api.image.GuestImageSpec;
import io.trustedlaunch.api.image.GuestImageSpecBuilder;
import io.trustedlaunch.api.image.ImageEligibilityPolicy;
import io.trustedlaunch.api.image.ImageEligibilityPolicySpec;
import io.trustedlaunch.api.image.OsType;
import io.trustedlaunch.api.image.Provenance;
import io.trustedlaunch.api.vm.Affinity;
import io.trustedlaunch.api.vm.GuestConfig;
import io.trustedlaunch.api.vm.OsDisk;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMSpecBuilder;
import io.trustedlaunch.api.vm.VMAffinity;
import io.trustedlaunch.api.vm.VMAffinity.VMAffinityTerm;
import io.trustedlaunch.testkit.Cluster;
import java.util.List;
import java.util.Map;

/** An image that a test creates VMs from, with its own publisher. */
final class OfferedImage {
    private OfferedImage() {}

    /** Creates the image, with the name of its publisher, and a policy that allows it; returns the name. */
    static String allowed(Cluster cluster, String publisher) {
        ImageEligibilityPolicy policy = new ImageEligibilityPolicy();
        policy.setMetadata(new ObjectMetaBuilder().withName(publisher).build());
        policy.setSpec(new ImageEligibilityPolicySpec(
                Provenance.None,
                ImageEligibilityPolicySpec.Enforcement.Creation,
                ImageEligibilityPolicySpec.WhenSecureBootOff.Report,
                List.of(new ImageEligibilityPolicySpec.Rule("proof", publisher, null, null, null))));
        cluster.create(policy);
        return cluster.create(named(publisher, publisher, "0".repeat(64)))
                .getMetadata()
                .getName();
    }

    /** An image with the publisher's only identifier, not created yet. */
    static GuestImage named(String name, String publisher, String sha256) {
        GuestImage image = new GuestImage();
        image.setMetadata(new ObjectMetaBuilder().withName(name).build());
        image.setSpec(GuestImageSpecBuilder.builder()
                .osType(OsType.Linux)
                .identifier(new GuestImageSpec.Identifier(publisher, "offer", "sku"))
                .version("1")
                .source(new GuestImageSpec.Source(
                        new GuestImageSpec.FileSource(new ObjectRef("default"), "images/a.qcow2"), null, null))
                .sha256(sha256)
                .build());
        return image;
    }

    /** A small VM from the image, not created yet. */
    static TrustedLaunchVM vm(String namespace, String name, String image) {
        return vm(namespace, name, image, null);
    }

    static TrustedLaunchVM vm(String namespace, String name, String image, GuestConfig guestConfig) {
        return vm(namespace, name, image, guestConfig, null);
    }

    /** A VM with an anti-affinity to others with its label. */
    static TrustedLaunchVM apart(String namespace, String name, String image, String label) {
        VMAffinityTerm others =
                new VMAffinityTerm(new LabelSelector(Map.of("app", label), null), "kubernetes.io/hostname");
        TrustedLaunchVM vm =
                vm(namespace, name, image, null, new Affinity(null, null, new VMAffinity(List.of(others), null)));
        vm.getMetadata().setLabels(Map.of("app", label));
        return vm;
    }

    private static TrustedLaunchVM vm(
            String namespace, String name, String image, GuestConfig guestConfig, Affinity affinity) {
        TrustedLaunchVM vm = new TrustedLaunchVM();
        vm.setMetadata(
                new ObjectMetaBuilder().withNamespace(namespace).withName(name).build());
        vm.setSpec(TrustedLaunchVMSpecBuilder.builder()
                .runStrategy(RunStrategy.Always)
                .imageRef(new ObjectRef(image))
                .cores(2)
                .memory(new Quantity("1Gi"))
                .osDisk(new OsDisk(new Quantity("10Gi")))
                .guestConfig(guestConfig)
                .affinity(affinity)
                .build());
        return vm;
    }
}
