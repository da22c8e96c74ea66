package io.trustedlaunch.agent.domain;

import io.trustedlaunch.api.vm.DevicePlace;
import io.trustedlaunch.api.vm.DevicePlace.Sata;
import io.trustedlaunch.api.vm.DevicePlaces;
import io.trustedlaunch.api.vm.DiskBus;

/**
 * The PCIe root ports of a machine. Each of its PCI devices is on a port of its own, and some ports are spare when it starts: a
 * device that is added while the guest runs needs one, and no port can be added then.
 */
public final class RootPorts {
    private static final int SPARE = 4;
    private static final String ROOT_PORT = "root-port";
    private static final String BRIDGE = "bridge";

    private RootPorts() {}

    /** How many ports the machine of a guest has that starts now. Those on record stay, used or not, and count as spare ones. */
    public static int atStart(DomainSpec spec) {
        int wanted = Math.min(users(spec) + SPARE, DevicePlaces.MAX - others(spec));
        return Math.max(wanted, onRecord(spec, ROOT_PORT));
    }

    /** The devices that need one. A bridge that libvirt adds, for further SATA controllers, comes with a port of its own. */
    private static int users(DomainSpec spec) {
        // virtio-serial and the random number generator, or the USB controller
        int always = 2;
        return always + spec.nics().size() + disks(spec, DiskBus.VirtIO) + onRecord(spec, BRIDGE);
    }

    private static int disks(DomainSpec spec, DiskBus bus) {
        return (spec.buses().os() == bus ? 1 : 0)
                + (spec.buses().data() == bus ? spec.dataDisks().size() : 0)
                + (spec.buses().seed() == bus && spec.seed().isPresent() ? 1 : 0)
                + (bus == DiskBus.SATA ? spec.drives().size() : 0);
    }

    private static int bridges(DomainSpec spec) {
        int needed = disks(spec, DiskBus.SATA) > Sata.PORTS ? 1 : 0;
        return Math.max(needed, onRecord(spec, BRIDGE));
    }

    /** Everything else whose place goes on record. */
    private static int others(DomainSpec spec) {
        int controllers = Math.max(0, disks(spec, DiskBus.SATA) - 1) / Sata.PORTS;
        return 2
                + spec.nics().size()
                + disks(spec, DiskBus.VirtIO)
                + disks(spec, DiskBus.SATA)
                + bridges(spec)
                + controllers;
    }

    /** The number of the first port that is behind all on record: by their numbers a guest counts its buses. */
    static int firstNew(DomainSpec spec) {
        return onRecord(spec, ROOT_PORT) + onRecord(spec, BRIDGE) + 1;
    }

    static int added(DomainSpec spec) {
        return atStart(spec) - onRecord(spec, ROOT_PORT);
    }

    private static int onRecord(DomainSpec spec, String kind) {
        return (int) spec.places().stream()
                .filter(place -> DevicePlace.numberOf(place.device(), kind).isPresent())
                .count();
    }
}
