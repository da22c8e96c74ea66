package io.trustedlaunch.agent.domain;

import io.trustedlaunch.api.image.OsType;
import io.trustedlaunch.api.vm.DevicePlace;
import io.trustedlaunch.api.vm.DevicePlace.Sata;
import io.trustedlaunch.custody.Sha256;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Disks: virtio for Linux; SATA for Windows, which has a driver for AHCI but none for virtio. The seed is a CD for
 * Windows, and a read-only virtio disk for Linux: cloud kernels have no AHCI driver, and NoCloud finds it by its label.
 */
final class DiskSection implements Section {
    /** The disk models show no more of a serial number to the guest. */
    private static final int SERIAL_LENGTH = 20;

    /** Explicit. Otherwise libvirt would look for one in the file, which the guest may have changed. */
    private static final Xml NO_BACKING = Xml.element("backingStore");

    @Override
    public Stream<Xml> of(DomainSpec spec) {
        Set<Integer> taken = takenBySata(spec);
        List<Xml> disks = new ArrayList<>();
        disks.add(disk(spec, spec.osDisk(), index(spec, spec.osDisk(), taken))
                .containing(Xml.element("boot").with("order", 1)));
        for (Disk data : spec.dataDisks()) {
            disks.add(disk(spec, data, index(spec, data, taken)));
        }
        spec.seed().ifPresent(seed -> disks.add(seed(spec, seed, taken)));
        return disks.stream();
    }

    /** libvirt takes the place of a SATA disk from the letters of its device, and refuses one that is taken. */
    private static Set<Integer> takenBySata(DomainSpec spec) {
        return spec.places().stream()
                .flatMap(place -> place.parsed().stream())
                .flatMap(address -> address instanceof Sata sata ? Stream.of(index(sata)) : Stream.empty())
                .collect(Collectors.toCollection(HashSet::new));
    }

    /** At the first device that is free. */
    static Xml disk(DomainSpec spec, Disk disk, Set<String> devices) {
        int free = IntStream.iterate(0, index -> index + 1)
                .filter(index -> !devices.contains(device(spec, index)))
                .findFirst()
                .orElseThrow();
        return disk(spec, disk, free);
    }

    private static int index(Sata sata) {
        return sata.controller() * Sata.PORTS + sata.port();
    }

    private static int index(DomainSpec spec, Disk disk, Set<Integer> taken) {
        return index(spec, DevicePlace.disk(disk.name()), taken);
    }

    /** Takes the first index that is free, unless the place of the disk is on record. */
    private static int index(DomainSpec spec, String device, Set<Integer> taken) {
        return DomainPlaces.address(spec, device)
                .filter(Sata.class::isInstance)
                .map(address -> index((Sata) address))
                .orElseGet(() -> IntStream.iterate(0, index -> index + 1)
                        .filter(taken::add)
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

    private static Xml disk(DomainSpec spec, Disk disk, int index) {
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
                                target(spec, index),
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
        boolean translated = spec.acceleration().vbs() && spec.osType() == OsType.Linux;
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

    private static Xml target(DomainSpec spec, int index) {
        Xml target = Xml.element("target").with("dev", device(spec, index)).with("bus", bus(spec));
        // "Not rotating": Windows then discards free blocks.
        return spec.osType() == OsType.Windows ? target.with("rotation_rate", 1) : target;
    }

    private static Xml seed(DomainSpec spec, Path iso, Set<Integer> taken) {
        int index = index(spec, DevicePlace.SEED, taken);
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
                                        .with("dev", device(spec, index))
                                        .with("bus", bus(spec)),
                                Xml.element("readonly")));
    }

    private static String bus(DomainSpec spec) {
        return switch (spec.osType()) {
            case Linux -> "virtio";
            case Windows -> "sata";
        };
    }

    private static String device(DomainSpec spec, int index) {
        return switch (spec.osType()) {
            case Linux -> "vd" + letters(index);
            case Windows -> "sd" + letters(index);
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
