package io.trustedlaunch.agent.migration.arrival;

/**
 * The elements that libvirt 9 to 11 adds to our domains before it sends them, and the values that it replaces. Nothing here
 * names a file of the host, a device of the host, or an account.
 */
final class LibvirtForms {
    private static final String NUMBER = "[0-9]{1,20}";
    private static final String HEXADECIMAL = "0x[0-9a-f]{1,8}";
    private static final String TOKEN = "[A-Za-z0-9_.+-]{1,64}";

    /** The alias of the machine type is replaced by its version, and the host's CPU model by a named one. */
    static final AllowedXml REWRITTEN = AllowedXml.of("""
            domain/os/type@machine = pc-q35-[a-z0-9.]{1,32}
            domain/cpu@mode = custom|host-model
            domain/cpu@check = none|partial|full
            """);

    /**
     * A disk that was added while the guest ran has the first name that was free then. No guest sees the name of a virtio disk; that
     * of a SATA disk is its place.
     */
    static final AllowedXml VIRTIO_DISKS = AllowedXml.of("domain/devices/disk/target@dev = vd[a-z]{1,2}");

    /** A guest's CPU: a model and what it differs in. It gives the guest no more than the host's CPU has. */
    static final String CPU = """
            CPU@mode = maximum|custom|host-model
            CPU@match = exact
            CPU@check = none|partial|full
            CPU@migratable = on
            CPU/model = TOKEN
            CPU/model@fallback = allow|forbid
            CPU/vendor = TOKEN
            CPU/topology@clusters = 1
            CPU/feature
            CPU/feature@policy = require|disable|optional|forbid
            CPU/feature@name = TOKEN
            CPU/maxphysaddr
            CPU/maxphysaddr@mode = emulate|passthrough
            CPU/maxphysaddr@bits = NUMBER
            CPU/maxphysaddr@limit = NUMBER
            """;

    private static final String DOMAIN = """
            # The balloon's target. There is no balloon.
            domain/currentMemory = NUMBER
            domain/currentMemory@unit = KiB

            # libvirt's default control group.
            domain/resource
            domain/resource/partition = /machine

            # Written since libvirt 10; both files are raw here.
            domain/os/loader@format = raw
            domain/os/nvram@format = raw
            domain/os/nvram@templateFormat = raw

            # The default confinement of QEMU; since libvirt was restarted, also its default account. A label, or another type,
            # would replace it.
            domain/seclabel
            domain/seclabel@type = dynamic
            domain/seclabel@model = apparmor|selinux|dac
            domain/seclabel@relabel = yes

            # The end of the chain of images, as libvirt 9 found it.
            domain/devices/disk/backingStore

            # A guest has opened its drive.
            domain/devices/disk/target@tray = open
            # Controllers that other devices are connected to. How many root ports are spare depends on what the guest was started
            # with; no machine of ours has more than 40.
            domain/devices/controller
            domain/devices/controller@type = pci|sata|virtio-serial
            domain/devices/controller@index = [0-9]|[1-3][0-9]|40
            domain/devices/controller@model = pcie-root|pcie-root-port|pcie-to-pci-bridge
            domain/devices/controller/model
            domain/devices/controller/model@name = pcie-root-port|pcie-pci-bridge
            domain/devices/controller/target
            domain/devices/controller/target@chassis = NUMBER
            domain/devices/controller/target@port = HEXADECIMAL

            # More than 255 processors.
            domain/devices/iommu/driver@eim = on

            # A guest that an agent of an earlier version has started.
            domain/devices/iommu/driver@caching_mode = on

            # The keyboard and mouse that QEMU's machine always has.
            domain/devices/input
            domain/devices/input@type = mouse|keyboard
            domain/devices/input@bus = ps2

            # Models of devices that have only one.
            domain/devices/serial/target/model
            domain/devices/serial/target/model@name = isa-serial
            domain/devices/video/model@vram = NUMBER
            domain/devices/video/model@heads = 1
            domain/devices/video/model@primary = yes
            """;

    /** The places of devices in the guest's machine, which must be the same on both hosts. */
    private static final String ADDRESS = """
            domain/devices/DEVICE/address
            domain/devices/DEVICE/address@type = pci|drive|usb|virtio-serial
            domain/devices/DEVICE/address@domain = HEXADECIMAL
            domain/devices/DEVICE/address@bus = HEXADECIMAL|NUMBER
            domain/devices/DEVICE/address@slot = HEXADECIMAL
            domain/devices/DEVICE/address@function = HEXADECIMAL
            domain/devices/DEVICE/address@multifunction = on
            domain/devices/DEVICE/address@controller = NUMBER
            domain/devices/DEVICE/address@target = NUMBER
            domain/devices/DEVICE/address@unit = NUMBER
            domain/devices/DEVICE/address@port = NUMBER
            """;

    static final AllowedXml ADDED = AllowedXml.of(patterns(DOMAIN
            + CPU.replace("CPU", "domain/cpu")
            + address("disk")
            + address("controller")
            + address("interface")
            + address("channel")
            + address("input")
            + address("video")
            + address("rng")));

    private LibvirtForms() {}

    static String patterns(String list) {
        return list.replace("NUMBER", NUMBER)
                .replace("HEXADECIMAL", HEXADECIMAL)
                .replace("TOKEN", TOKEN);
    }

    private static String address(String device) {
        return ADDRESS.replace("DEVICE", device);
    }
}
