package io.trustedlaunch.cli.plugin;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.node.StorageLocation;
import io.trustedlaunch.api.node.VMNetwork;
import io.trustedlaunch.api.vm.DataDisk;
import io.trustedlaunch.api.vm.Disc;
import io.trustedlaunch.api.vm.DiskBus;
import io.trustedlaunch.api.vm.GuestConfig;
import io.trustedlaunch.api.vm.NetworkInterface;
import io.trustedlaunch.api.vm.NetworkModel;
import io.trustedlaunch.api.vm.OsDisk;
import io.trustedlaunch.api.vm.OsDiskSource;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.ScreenModel;
import io.trustedlaunch.api.vm.SecurityProfile;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMSpecBuilder;
import io.trustedlaunch.api.vm.VirtualizationBasedSecurity;
import io.trustedlaunch.cli.CommandException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** The VM to create. Options that are not given are left to the API server's defaults. */
final class VmOptions {
    /** The drive of the disc that a guest is installed from. */
    private static final String INSTALL = "install";

    @Option(
            names = "--image",
            paramLabel = "IMAGE",
            description =
                    "Name of a GuestImage, of form Disk unless --empty-disk is given. To list those that can be used:"
                            + " kubectl tlvm images.")
    String image;

    @Option(names = "--cores", paramLabel = "N", description = "Number of virtual CPUs.")
    Integer cores;

    @Option(names = "--memory", paramLabel = "SIZE", description = "Memory, for example 8Gi.")
    String memory;

    @Option(names = "--disk-size", paramLabel = "SIZE", description = "Size of the OS disk, for example 128Gi.")
    String diskSize;

    @Option(
            names = "--empty-disk",
            description =
                    "Nothing is on the OS disk: the guest installs itself from --image, a GuestImage of form Disc,"
                            + " which is in drive install unless --disc puts it into another one.")
    boolean emptyDisk;

    @Option(
            names = "--data-disk",
            paramLabel = "NAME=SIZE",
            description = "Name and size of a data disk. Can be repeated.")
    private Map<String, String> dataDisks = new LinkedHashMap<>();

    @Option(
            names = "--disc",
            paramLabel = "NAME=IMAGE",
            description = "Name of a drive, and the GuestImage of form Disc in it. Can be repeated.")
    private Map<String, String> discs = new LinkedHashMap<>();

    @Option(
            names = "--network",
            paramLabel = "NETWORK",
            description = "Network for a network interface of the VM. Can be repeated.")
    private List<String> networks = List.of();

    @Option(
            names = "--disk-bus",
            paramLabel = "BUS",
            description =
                    "Bus of the VM's disks: ${COMPLETION-CANDIDATES}. Default: SATA for Windows, VirtIO for Linux.")
    private DiskBus diskBus;

    @Option(
            names = "--network-model",
            paramLabel = "MODEL",
            description =
                    "Model of the VM's network cards: ${COMPLETION-CANDIDATES}. Default: E1000e for Windows, VirtIO for Linux.")
    private NetworkModel networkModel;

    @Option(
            names = "--screen",
            paramLabel = "MODEL",
            description = "Screen of the VM: ${COMPLETION-CANDIDATES}. Default: VGA for Windows, None for Linux.")
    private ScreenModel screen;

    @Option(
            names = "--vbs",
            paramLabel = "WANTED",
            description = "Nested virtualization and an IOMMU for virtualization-based security:"
                    + " ${COMPLETION-CANDIDATES}. Default: Offered for Windows, None for Linux.")
    private VirtualizationBasedSecurity vbs;

    @Option(
            names = "--storage-location",
            paramLabel = "NAME",
            description = "StorageLocation of the VM's files. Default: default.")
    private String storageLocation;

    @Option(
            names = "--cloud-init-secret",
            paramLabel = "SECRET",
            description = "Secret with the key user-data, for a guest with cloud-init.")
    private String cloudInitSecret;

    @Option(
            names = "--sysprep-secret",
            paramLabel = "SECRET",
            description = "Secret with the key unattend.xml, for a Windows guest.")
    private String sysprepSecret;

    @Option(names = "--halted", description = "Do not start the VM: spec.runStrategy is Halted.")
    private boolean halted;

    /** @throws CommandException if a network or the storage location is not offered to the namespace */
    void requireOffered(Offers offers) {
        networks.forEach(network -> offers.require(VMNetwork.class, network));
        if (storageLocation != null) {
            offers.require(StorageLocation.class, storageLocation);
        }
    }

    /** @throws CommandException if a value is invalid */
    TrustedLaunchVM vm(String namespace, String name) {
        TrustedLaunchVM vm = new TrustedLaunchVM();
        vm.setMetadata(
                new ObjectMetaBuilder().withNamespace(namespace).withName(name).build());
        vm.setSpec(TrustedLaunchVMSpecBuilder.builder()
                .runStrategy(halted ? RunStrategy.Halted : RunStrategy.Always)
                .imageRef(new ObjectRef(image))
                .securityProfile(vbs == null ? null : new SecurityProfile(null, null, null, vbs))
                .cores(cores)
                .memory(quantity("--memory", memory))
                .storageLocationRef(storageLocation == null ? null : new ObjectRef(storageLocation))
                .osDisk(new OsDisk(quantity("--disk-size", diskSize), null, emptyDisk ? OsDiskSource.Empty : null))
                .diskBus(diskBus)
                .networkModel(networkModel)
                .screen(screen)
                .dataDisks(disks())
                .discs(discs())
                .networkInterfaces(interfaces())
                .guestConfig(guestConfig())
                .build());
        return vm;
    }

    private List<DataDisk> disks() {
        List<DataDisk> disks = new ArrayList<>();
        dataDisks.forEach((disk, size) -> disks.add(new DataDisk(disk, quantity("--data-disk", size))));
        return disks.isEmpty() ? null : disks;
    }

    /** The firmware tries them in this order. */
    private List<Disc> discs() {
        Map<String, String> drives = new LinkedHashMap<>();
        if (emptyDisk && !discs.containsValue(image)) {
            if (discs.containsKey(INSTALL)) {
                throw new CommandException("--disc " + INSTALL + "=" + discs.get(INSTALL)
                        + " cannot be combined with --empty-disk, which puts --image into drive " + INSTALL
                        + ": give the drive another name, or put " + image + " into a drive with --disc");
            }
            drives.put(INSTALL, image);
        }
        drives.putAll(discs);
        if (drives.size() > Disc.MAX) {
            throw new CommandException("a VM has at most " + Disc.MAX + " drives, and it would have "
                    + String.join(", ", drives.keySet())
                    + ": omit a --disc, and insert that disc later with kubectl tlvm"
                    + " disc insert");
        }
        return drives.entrySet().stream()
                .map(drive -> new Disc(drive.getKey(), new ObjectRef(drive.getValue())))
                .toList();
    }

    private List<NetworkInterface> interfaces() {
        List<NetworkInterface> interfaces = new ArrayList<>();
        for (String network : networks) {
            interfaces.add(new NetworkInterface("nic" + interfaces.size(), network, null));
        }
        return interfaces.isEmpty() ? null : interfaces;
    }

    private GuestConfig guestConfig() {
        if (cloudInitSecret != null && sysprepSecret != null) {
            throw new CommandException("--cloud-init-secret and --sysprep-secret cannot be combined: give one of them");
        }
        return cloudInitSecret == null && sysprepSecret == null
                ? null
                : new GuestConfig(secret(cloudInitSecret), secret(sysprepSecret));
    }

    private static GuestConfig.SecretSource secret(String name) {
        return name == null ? null : new GuestConfig.SecretSource(new ObjectRef(name));
    }

    /** @throws CommandException if it is no quantity, or not greater than zero */
    static Quantity quantity(String option, String text) {
        try {
            Quantity quantity = Quantity.parse(text);
            if (quantity.getNumericalAmount().signum() > 0) {
                return quantity;
            }
        } catch (IllegalArgumentException e) {
            throw new CommandException(option + " must be a quantity such as 8Gi: " + text);
        }
        throw new CommandException(option + " must be greater than zero: " + text);
    }
}
