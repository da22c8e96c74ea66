package io.trustedlaunch.agent.domain;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.Lists;
import io.trustedlaunch.api.image.OsType;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Nic;
import io.trustedlaunch.api.vm.DevicePlace;
import io.trustedlaunch.api.vm.DiskBus;
import io.trustedlaunch.api.vm.DiskBuses;
import io.trustedlaunch.api.vm.NetworkModel;
import io.trustedlaunch.api.vm.ScreenModel;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The domain of one incarnation.
 *
 * @param nics with MAC addresses in lower case, on active libvirt networks of the host, never host bridges
 * @param screen by default what machines of that osType have
 * @param buses of its disks; by default what machines of that osType have
 * @param networkModel by default what machines of that osType have
 * @param seed an ISO image with cloud-init or sysprep data for the guest
 * @param drives for discs
 * @param consoleLog the log of the serial console, one file for all incarnations of the VM
 * @param withoutFeatures of the processor, if the guest has nested virtualization
 * @param enlightenedVmcs with evmcs, if the guest has Hyper-V's enlightenments and nested virtualization of Intel
 * @param secureBoot always true through the API; false only in the test that proves what the firmware enforces
 * @param places where devices are, which fit; libvirt chooses the places of the others
 */
@RecordBuilder
public record DomainSpec(
        DomainIdentity identity,
        OsType osType,
        int cores,
        long memoryBytes,
        Disk osDisk,
        List<Disk> dataDisks,
        List<Nic> nics,
        ScreenModel screen,
        DiskBuses buses,
        NetworkModel networkModel,
        Optional<Path> seed,
        List<Drive> drives,
        Path consoleLog,
        Acceleration acceleration,
        List<String> withoutFeatures,
        boolean enlightenedVmcs,
        boolean secureBoot,
        List<DevicePlace> places) {

    private static final long MEBIBYTE = 1024L * 1024;
    private static final Pattern MAC = Pattern.compile("[0-9a-f]{2}(:[0-9a-f]{2}){5}");

    public DomainSpec {
        dataDisks = List.copyOf(dataDisks);
        nics = List.copyOf(nics);
        withoutFeatures = Lists.orEmpty(withoutFeatures);
        screen = screen == null ? ScreenModel.ofOs(osType) : screen;
        buses = buses == null ? DiskBuses.ofOs(osType) : buses;
        networkModel = networkModel == null ? NetworkModel.ofOs(osType) : networkModel;
        places = Lists.orEmpty(places);
        drives = Lists.orEmpty(drives);
        if (cores < 1) {
            throw new IllegalArgumentException("cores must be at least 1, not " + cores);
        }
        if (memoryBytes < MEBIBYTE) {
            throw new IllegalArgumentException("memory must be at least 1 MiB, not " + memoryBytes + " bytes");
        }
        seed.ifPresent(path -> SpecChecks.requireAbsolute("seed", path));
        SpecChecks.requireAbsolute("console log", consoleLog);
        requireDistinct(
                "disk name",
                Stream.concat(Stream.of(osDisk), dataDisks.stream()).map(Disk::name));
        requireDistinct(
                "disk path",
                Stream.concat(Stream.of(osDisk), dataDisks.stream()).map(Disk::path));
        nics.forEach(DomainSpec::requireValid);
        requireDistinct("drive name", drives.stream().map(Drive::name));
        requireDistinct("NIC name", nics.stream().map(Nic::name));
        requireDistinct("MAC address", nics.stream().map(Nic::mac));
    }

    /** Such disks come and go while the guest runs. */
    public boolean hasVirtioDisks() {
        return buses.os() == DiskBus.VirtIO || buses.data() == DiskBus.VirtIO;
    }

    DiskBus bus(Disk disk) {
        return disk.equals(osDisk) ? buses.os() : buses.data();
    }

    public UUID vm() {
        return identity.vm();
    }

    private static void requireValid(Nic nic) {
        SpecChecks.requirePrintable("NIC name", nic.name());
        SpecChecks.requirePrintable("network name", nic.network());
        if (!MAC.matcher(nic.mac()).matches()) {
            throw new IllegalArgumentException(
                    "NIC " + nic.name() + ": MAC address must be in lower case with colons, not " + nic.mac());
        }
    }

    private static void requireDistinct(String what, Stream<?> values) {
        Set<Object> seen = new HashSet<>();
        values.filter(value -> !seen.add(value)).findFirst().ifPresent(twice -> {
            throw new IllegalArgumentException("duplicate " + what + ": " + twice);
        });
    }
}
