package io.trustedlaunch.agent.domain;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.image.OsType;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Nic;
import io.trustedlaunch.api.vm.DevicePlace;
import io.trustedlaunch.api.vm.DevicePlaces;
import io.trustedlaunch.api.vm.DiskBus;
import io.trustedlaunch.api.vm.DiskBuses;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class RootPortsTest {
    /** Each virtio disk is on a port, and the seed; SATA disks are not, and libvirt adds the port of their bridge. */
    @ParameterizedTest
    @CsvSource({
        "Linux, 0, 0, false, 7",
        "Linux, 1, 1, false, 9",
        "Linux, 2, 2, true, 12",
        "Linux, 16, 8, true, 32",
        "Windows, 0, 0, false, 6",
        "Windows, 2, 2, true, 8",
        "Windows, 5, 0, false, 6",
        "Windows, 5, 0, true, 6",
        "Windows, 16, 8, true, 14"
    })
    void fourAreSpare(OsType osType, int disks, int cards, boolean seed, int ports) {
        assertThat(RootPorts.atStart(spec(osType, disks, cards, seed))).isEqualTo(ports);
    }

    @Test
    void disksCountByTheirBus() {
        DomainSpec windows = spec(OsType.Windows, 2, 2, true);
        DomainSpec half = DomainSpecBuilder.builder(windows)
                .buses(DiskBuses.of(OsType.Windows, DiskBus.VirtIO, DiskBus.SATA))
                .build();
        DomainSpec virtio = DomainSpecBuilder.builder(windows)
                .buses(DiskBuses.of(OsType.Windows, DiskBus.VirtIO, null))
                .build();

        assertThat(RootPorts.atStart(half)).isEqualTo(RootPorts.atStart(windows) + 2);
        assertThat(RootPorts.atStart(virtio)).isEqualTo(RootPorts.atStart(windows) + 3);
    }

    /** An unused one counts, wherever it is. */
    @ParameterizedTest
    @CsvSource({"5, 9", "9, 9", "11, 11"})
    void thoseOnRecordStay(int onRecord, int ports) {
        DomainSpec spec = DomainSpecBuilder.builder(spec(OsType.Linux, 1, 1, false))
                .places(ports(onRecord, 1))
                .build();

        assertThat(RootPorts.atStart(spec)).isEqualTo(ports);
    }

    @ParameterizedTest
    @EnumSource(OsType.class)
    void whatIsMadeOfTheLargestMachineFitsTheRecord(OsType osType) {
        DomainSpec largest = spec(osType, 16, 8, true);
        int ports = RootPorts.atStart(largest);
        // With the bridge, its port, and two SATA controllers.
        int others = 2 + 8 + 18 + (osType == OsType.Windows ? 4 : 0);

        assertThat(ports + others).isLessThanOrEqualTo(DevicePlaces.MAX);
    }

    /** A node may have reported so many that no more fit. */
    @Test
    void thereAreNeverMoreThanTheRecordCanHave() {
        for (int onRecord : List.of(50, DevicePlaces.MAX)) {
            DomainSpec spec = DomainSpecBuilder.builder(spec(OsType.Linux, 16, 8, true))
                    .places(ports(onRecord, 1))
                    .build();
            assertThat(RootPorts.atStart(spec)).isEqualTo(onRecord);
        }
    }

    @Test
    void newOnesAreBehindBridgesToo() {
        List<DevicePlace> places = new ArrayList<>(ports(2, 2));
        places.add(new DevicePlace("bridge/3", "02:00.0"));
        DomainSpec spec = DomainSpecBuilder.builder(spec(OsType.Windows, 0, 0, false))
                .places(places)
                .build();

        assertThat(RootPorts.firstNew(spec)).isEqualTo(4);
        assertThat(RootPorts.added(spec)).isEqualTo(5);
    }

    private static List<DevicePlace> ports(int count, int slot) {
        return IntStream.range(0, count)
                .mapToObj(port ->
                        new DevicePlace("root-port/" + (port + 1), "00:%02x.%x".formatted(slot + port / 8, port % 8)))
                .toList();
    }

    private static DomainSpec spec(OsType osType, int disks, int cards, boolean seed) {
        return Specs.withOs(osType, Specs.small(Specs.VM, 1, Path.of("/folder")))
                .dataDisks(Stream.iterate(0, i -> i + 1)
                        .limit(disks)
                        .map(i -> new Disk("d" + i, Path.of("/folder/d" + i), DiskFormat.QCOW2))
                        .toList())
                .nics(IntStream.range(0, cards)
                        .mapToObj(i -> new Nic("nic" + i, "default", "52:54:00:12:34:5" + i, "None"))
                        .toList())
                .seed(seed ? Optional.of(Path.of("/folder/seed.iso")) : Optional.empty())
                .build();
    }
}
