package io.trustedlaunch.agent.domain;

import io.trustedlaunch.api.image.OsType;
import io.trustedlaunch.api.vm.DevicePlace;
import io.trustedlaunch.api.vm.DevicePlace.Sata;
import io.trustedlaunch.api.vm.DiskBus;
import io.trustedlaunch.custody.Sha256;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Disks, on virtio or SATA. The seed is a CD for Windows, and a read-only virtio disk for Linux: cloud kernels have no AHCI
 * driver, and NoCloud finds it by its label.
 */
final class DiskSection implements Section {
    /** The disk models show no more of a serial number to the guest. */
    private static final int SERIAL_LENGTH = 20;

    /** Explicit. Otherwise libvirt would look for one in the file, which the guest may have changed. */
    private static final Xml NO_BACKING = Xml.element("backingStore");

    @Override
    public Stream<Xml> of(DomainSpec spec) {
        Letters letters = Letters.of(spec);
        List<Xml> disks = new ArrayList<>();
        disks.add(disk(spec, spec.osDisk(), letters.next(spec.osDisk()))
                .containing(Xml.element("boot").with("order", 1)));
        for (Disk data : spec.dataDisks()) {
            disks.add(disk(spec, data, letters.next(data)));
        }
        spec.seed()
                .ifPresent(seed -> disks.add(seed(
                        spec, seed, letters.next(DevicePlace.SEED, spec.buses().seed()))));
        for (Drive drive : spec.drives()) {
            disks.add(drive(spec, drive, letters.next(DevicePlace.disc(drive.name()), DiskBus.SATA)));
        }
        return disks.stream();
    }

    /** The firmware tries it only if the OS disk does not boot. */
    static Xml drive(DomainSpec spec, Drive drive, String device) {
        Xml empty = Xml.element("disk")
                .with("type", "file")
                .with("device", "cdrom")
                .containing(Xml.element("driver").with("name", "qemu").with("type", "raw"));
        Xml disc = drive.disc().map(file -> empty.containing(source(file))).orElse(empty);
        return DomainPlaces.placed(
                spec,
                DevicePlace.disc(drive.name()),
                disc.containing(
                        Xml.element("target").with("dev", device).with("bus", libvirtName(DiskBus.SATA)),
                        Xml.element("readonly"),
                        Xml.element("serial", drive.serial()),
                        Xml.element("boot").with("order", spec.drives().indexOf(drive) + 2)));
    }

    /**
     * The names of the disks' devices. libvirt takes the place of a SATA disk from the letters of its device, and refuses one that is
     * taken.
     *
     * @param taken letters by their numbers
     */
    private record Letters(DomainSpec spec, Map<DiskBus, Set<Integer>> taken) {
        static Letters of(DomainSpec spec) {
            Map<DiskBus, Set<Integer>> taken = new EnumMap<>(DiskBus.class);
            taken.put(DiskBus.VirtIO, new HashSet<>());
            taken.put(
                    DiskBus.SATA,
                    spec.places().stream()
                            .flatMap(place -> place.parsed().stream())
                            .flatMap(address -> address instanceof Sata sata ? Stream.of(index(sata)) : Stream.empty())
                            .collect(Collectors.toCollection(HashSet::new)));
            return new Letters(spec, taken);
        }

        String next(Disk disk) {
            return next(DevicePlace.disk(disk.name()), spec.bus(disk));
        }

        /** Takes the first that is free, unless the place of the disk is on record. */
        String next(String device, DiskBus bus) {
            return device(
                    bus,
                    DomainPlaces.address(spec, device)
                            .filter(Sata.class::isInstance)
                            .map(address -> index((Sata) address))
                            .orElseGet(() -> IntStream.iterate(0, index -> index + 1)
                                    .filter(taken.get(bus)::add)
                                    .findFirst()
                                    .orElseThrow()));
        }

        private static int index(Sata sata) {
            return sata.controller() * Sata.PORTS + sata.port();
        }
    }

    /** At the first device that is free. */
    static Xml disk(DomainSpec spec, Disk disk, Set<String> devices) {
        return disk(
                spec,
                disk,
                IntStream.iterate(0, index -> index + 1)
                        .mapToObj(index -> device(spec.bus(disk), index))
                        .filter(device -> !devices.contains(device))
                        .findFirst()
                        .orElseThrow());
    }

    /** libvirt does not connect to the socket itself, and sets no owner of it. */
    private static Xml backing(NbdBacking backing) {
        Xml host = Xml.element("host").with("transport", "unix").with("socket", backing.socket());
        return Xml.element("backingStore")
                .with("type", "network")
                .containing(
                        Xml.element("format").with("type", "raw"),
                        Xml.element("source")
                                .with("protocol", "nbd")
                                .with("name", backing.export())
                                .containing(host),
                        NO_BACKING);
    }

    private static Xml disk(DomainSpec spec, Disk disk, String device) {
        return DomainPlaces.placed(
                spec,
                DevicePlace.disk(disk.name()),
                Xml.element("disk")
                        .with("type", "file")
                        .with("device", "disk")
                        .containing(
                                driver(spec, disk),
                                source(disk.path()),
                                disk.backing().map(DiskSection::backing).orElse(NO_BACKING),
                                target(spec.bus(disk), device),
                                Xml.element("serial", serial(disk.name()))));
    }

    /**
     * No host cache: data that the guest flushed must be on the disk and not in this host's memory, also for the target
     * of a migration.
     */
    private static Xml driver(DomainSpec spec, Disk disk) {
        Xml driver = Xml.element("driver")
                .with("name", "qemu")
                .with("type", disk.format().libvirtName())
                .with("cache", "none");
        Xml policies = withErrorPolicies(driver, disk).with("discard", "unmap");
        boolean translated = spec.acceleration().vbs() && spec.bus(disk) == DiskBus.VirtIO;
        return translated ? policies.with("iommu", "on") : policies;
    }

    /**
     * A guest whose backup cannot be read stands still until it can: a write of a part of a cluster also reads the rest of it
     * from there.
     */
    private static Xml withErrorPolicies(Xml driver, Disk disk) {
        return disk.backing().isPresent()
                ? driver.with("error_policy", "stop").with("rerror_policy", "stop")
                : driver.with("error_policy", "enospace");
    }

    /** The agent has set the owner. If libvirt did, it would reset it on the source after a migration. */
    private static Xml source(Path file) {
        return Xml.element("source")
                .with("file", file)
                .containing(Xml.element("seclabel").with("model", "dac").with("relabel", "no"));
    }

    private static Xml target(DiskBus bus, String device) {
        Xml target = Xml.element("target").with("dev", device).with("bus", libvirtName(bus));
        // "Not rotating": Windows then discards free blocks.
        return bus == DiskBus.SATA ? target.with("rotation_rate", 1) : target;
    }

    private static Xml seed(DomainSpec spec, Path iso, String device) {
        return DomainPlaces.placed(
                spec,
                DevicePlace.SEED,
                Xml.element("disk")
                        .with("type", "file")
                        .with("device", spec.osType() == OsType.Windows ? "cdrom" : "disk")
                        .containing(
                                Xml.element("driver").with("name", "qemu").with("type", "raw"),
                                source(iso),
                                Xml.element("target")
                                        .with("dev", device)
                                        .with("bus", libvirtName(spec.buses().seed())),
                                Xml.element("readonly")));
    }

    private static String libvirtName(DiskBus bus) {
        return switch (bus) {
            case VirtIO -> "virtio";
            case SATA -> "sata";
        };
    }

    private static String device(DiskBus bus, int index) {
        return switch (bus) {
            case VirtIO -> "vd" + letters(index);
            case SATA -> "sd" + letters(index);
        };
    }

    /** a … z, aa, ab … */
    static String letters(int index) {
        String last = String.valueOf((char) ('a' + index % 26));
        return index < 26 ? last : letters(index / 26 - 1) + last;
    }

    /** The name if it fits; otherwise its beginning and a digest, so that two long names differ. */
    static String serial(String name) {
        if (name.length() <= SERIAL_LENGTH) {
            return name;
        }
        return name.substring(0, 11) + "-"
                + Sha256.of(name.getBytes(StandardCharsets.UTF_8)).substring(0, 8);
    }
}
