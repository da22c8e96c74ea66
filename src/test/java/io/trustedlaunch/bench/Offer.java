package io.trustedlaunch.bench;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.image.GuestImage;
import io.trustedlaunch.api.image.GuestImageSpec;
import io.trustedlaunch.api.image.GuestImageSpecBuilder;
import io.trustedlaunch.api.image.ImageEligibilityPolicy;
import io.trustedlaunch.api.image.ImageEligibilityPolicySpec;
import io.trustedlaunch.api.image.OsType;
import io.trustedlaunch.api.image.Provenance;
import io.trustedlaunch.api.node.StorageLocation;
import io.trustedlaunch.api.node.StorageLocationSpec;
import io.trustedlaunch.api.vm.GuestConfig;
import io.trustedlaunch.api.vm.NetworkInterface;
import io.trustedlaunch.api.vm.OsDisk;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMSpecBuilder;
import io.trustedlaunch.custody.Sha256;
import io.trustedlaunch.testkit.Cluster;
import io.trustedlaunch.testkit.Networks;
import io.trustedlaunch.testkit.SecretGrant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** What all VMs of the benchmark are made from: a storage location, an image in it, and user data in their namespace. */
final class Offer {
    /** The storage location's. */
    static final String FOLDER = "bench-vms";

    private static final int IMAGE_BYTES = 1 << 20;
    private static final int BOOT_SECTOR = 512;

    /** Of all objects. */
    private final String name = Cluster.uniqueName("bench");

    private final String namespace;

    /** @param root the storage location is a folder in it */
    Offer(Cluster cluster, Path root) throws IOException {
        Path folder = Files.createDirectories(root.resolve(FOLDER));
        StorageLocation location = new StorageLocation();
        location.setMetadata(new ObjectMetaBuilder().withName(name).build());
        location.setSpec(new StorageLocationSpec(folder.toString(), List.of()));
        cluster.create(location);
        Networks.offer(cluster.admin(), "default");
        ImageEligibilityPolicy policy = new ImageEligibilityPolicy();
        policy.setMetadata(new ObjectMetaBuilder().withName(name).build());
        policy.setSpec(new ImageEligibilityPolicySpec(
                Provenance.None,
                ImageEligibilityPolicySpec.Enforcement.Creation,
                ImageEligibilityPolicySpec.WhenSecureBootOff.Report,
                List.of(new ImageEligibilityPolicySpec.Rule(name, name, null, null, null))));
        cluster.create(policy);
        cluster.create(image(folder));
        this.namespace = cluster.namespace();
        cluster.create(SecretGrant.of(namespace));
        cluster.admin()
                .resource(new SecretBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName("init")
                        .endMetadata()
                        .withStringData(Map.of("user-data", "#cloud-config\n"))
                        .build())
                .create();
    }

    String namespace() {
        return namespace;
    }

    /** An empty disk with a boot sector. */
    private GuestImage image(Path folder) throws IOException {
        byte[] disk = new byte[IMAGE_BYTES];
        disk[BOOT_SECTOR - 2] = 0x55;
        disk[BOOT_SECTOR - 1] = (byte) 0xaa;
        Path file = Files.createDirectories(folder.resolve("images")).resolve("bench.raw");
        Files.write(file, disk);
        GuestImage image = new GuestImage();
        image.setMetadata(new ObjectMetaBuilder().withName(name).build());
        image.setSpec(GuestImageSpecBuilder.builder()
                .osType(OsType.Linux)
                .identifier(new GuestImageSpec.Identifier(name, "offer", "sku"))
                .version("1")
                .source(new GuestImageSpec.Source(
                        new GuestImageSpec.FileSource(new ObjectRef(name), "images/bench.raw"), null, null))
                .sha256(Sha256.of(disk))
                .build());
        return image;
    }

    /** A VM with one core, one card and user data, not created yet. */
    TrustedLaunchVM vm(String vmName) {
        return vm(vmName, Map.of());
    }

    /** @param labels of the nodes that it may run on */
    TrustedLaunchVM vm(String vmName, Map<String, String> labels) {
        TrustedLaunchVM vm = new TrustedLaunchVM();
        vm.setMetadata(new ObjectMetaBuilder()
                .withNamespace(namespace)
                .withName(vmName)
                .build());
        vm.setSpec(TrustedLaunchVMSpecBuilder.builder()
                .runStrategy(RunStrategy.Always)
                .imageRef(new ObjectRef(name))
                .storageLocationRef(new ObjectRef(name))
                .nodeSelector(labels)
                .cores(1)
                .memory(new Quantity("256Mi"))
                .osDisk(new OsDisk(new Quantity("1Gi")))
                .networkInterfaces(List.of(new NetworkInterface("nic0", "default", null)))
                .guestConfig(new GuestConfig(new GuestConfig.SecretSource(new ObjectRef("init")), null))
                .build());
        return vm;
    }
}
