package io.trustedlaunch.agent.domain;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.migration.arrival.Recordings;
import io.trustedlaunch.api.image.OsType;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Nic;
import io.trustedlaunch.api.vm.DevicePlace;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Reads recordings of what libvirt 9.0 and 11.3 wrote, and asks for the same places again. */
class DomainPlacesTest {
    private final DomainSpec linux = Specs.full(OsType.Linux, Acceleration.EMULATED);
    private final DomainSpec windows = Specs.full(OsType.Windows, Acceleration.EMULATED);

    @ParameterizedTest
    @CsvSource({"linux-9", "linux-11", "linux-kvm-9", "linux-kvm-11"})
    void theDevicesOfALinuxGuestAreOnAPortEach(String recording) {
        assertThat(text(Places.asIn(recording, linux).places()))
                .containsExactlyInAnyOrder(
                        "disk/os 04:00.0",
                        "disk/data 05:00.0",
                        "disk/a-name-longer-than-a-serial 06:00.0",
                        "seed 07:00.0",
                        "root-port/1 00:01.0",
                        "root-port/2 00:01.1",
                        "root-port/3 00:01.2",
                        "root-port/4 00:01.3",
                        "root-port/5 00:01.4",
                        "root-port/6 00:01.5",
                        "root-port/7 00:01.6",
                        "root-port/8 00:01.7",
                        "root-port/9 00:02.0",
                        "virtio-serial 03:00.0",
                        "nic/nic0 01:00.0",
                        "nic/nic1 02:00.0",
                        "rng 08:00.0");
    }

    @ParameterizedTest
    @CsvSource({"windows-9", "windows-11", "windows-kvm-9", "windows-kvm_nested_intel-11"})
    void theDisksOfAWindowsGuestAreAtItsSataController(String recording) {
        assertThat(text(Places.asIn(recording, windows).places()))
                .containsExactlyInAnyOrder(
                        "disk/os sata:0.0",
                        "disk/data sata:0.1",
                        "disk/a-name-longer-than-a-serial sata:0.2",
                        "seed sata:0.3",
                        "usb 03:00.0",
                        "root-port/1 00:02.0",
                        "root-port/2 00:02.1",
                        "root-port/3 00:02.2",
                        "root-port/4 00:02.3",
                        "root-port/5 00:02.4",
                        "virtio-serial 04:00.0",
                        "nic/nic0 01:00.0",
                        "nic/nic1 02:00.0");
    }

    @ParameterizedTest
    @EnumSource(OsType.class)
    void whatIsAskedForIsWhatIsRead(OsType osType) {
        DomainSpec spec = placed(osType);

        assertThat(read(spec)).containsExactlyInAnyOrderElementsOf(spec.places());
    }

    @ParameterizedTest
    @EnumSource(OsType.class)
    void noDeviceMovesWhenTheListsAreInAnotherOrder(OsType osType) {
        DomainSpec spec = placed(osType);
        DomainSpec turned = DomainSpecBuilder.builder(spec)
                .dataDisks(spec.dataDisks().reversed())
                .nics(spec.nics().reversed())
                .build();

        assertThat(read(turned)).containsExactlyInAnyOrderElementsOf(spec.places());
    }

    @ParameterizedTest
    @EnumSource(OsType.class)
    void noDeviceMovesWhenOthersAreRemoved(OsType osType) {
        DomainSpec spec = placed(osType);
        DomainSpec fewer = DomainSpecBuilder.builder(spec)
                .dataDisks(List.of(spec.dataDisks().getLast()))
                .nics(List.of(spec.nics().getLast()))
                .seed(Optional.empty())
                .build();

        assertThat(byDevice(read(fewer))).isEqualTo(without(byDevice(spec.places()), "disk/data", "nic/nic0", "seed"));
    }

    /** libvirt takes the place of a disk at a SATA controller from the letters of its device. */
    @ParameterizedTest
    @EnumSource(OsType.class)
    void noDeviceMovesWhenAnotherIsAddedBeforeIt(OsType osType) {
        DomainSpec spec = placed(osType);
        Disk added = new Disk("added", Path.of("/added.qcow2"), DiskFormat.QCOW2);
        DomainSpec more = DomainSpecBuilder.builder(spec)
                .dataDisks(List.of(
                        added, spec.dataDisks().getFirst(), spec.dataDisks().getLast()))
                .build();

        assertThat(read(more)).containsExactlyInAnyOrderElementsOf(spec.places());
        assertThat(read(withCard(more))).containsExactlyInAnyOrderElementsOf(spec.places());
        assertThat(render(more))
                .containsPattern("(?s)/added.qcow2.*?dev=\"" + (osType == OsType.Linux ? "vdb" : "sde") + "\"");
        assertThat(render(more).split("dev=\"sd[a-e]\"|dev=\"vd[a-e]\"", -1)).hasSize(6);
    }

    private static DomainSpec withCard(DomainSpec spec) {
        Nic added = new Nic("added", "default", "52:54:00:12:34:58", "None");
        return DomainSpecBuilder.builder(spec)
                .nics(List.of(added, spec.nics().getFirst(), spec.nics().getLast()))
                .build();
    }

    @Test
    void aPlaceOnRecordOfADiskThatIsNotThereIsNotGivenToAnother() {
        List<DevicePlace> places = List.of(
                new DevicePlace("disk/os", "sata:0.0"),
                new DevicePlace("disk/removed", "sata:0.1"),
                new DevicePlace("disk/data", "sata:0.2"));

        assertThat(render(DomainSpecBuilder.builder(windows).places(places).build()))
                .contains("dev=\"sda\"", "dev=\"sdc\"", "dev=\"sdd\"", "dev=\"sde\"")
                .doesNotContain("dev=\"sdb\"");
    }

    @ParameterizedTest
    @CsvSource({
        "bus='0x05', bus='0x04'",
        "bus='0x05', bus='0x15'",
        "bus='0x05', bus='0xffffffff'",
        "bus='0x05', bus='x'",
        "slot='0x01' function='0x1', slot='0x1f' function='0x2'",
        "slot='0x01' function='0x0', slot='0x03' function='0x0'",
        "domain='0x0000' bus='0x05', domain='0x0001' bus='0x25'",
        "index='3' model='pcie-root-port', index='33' model='pcie-root-port'",
        "index='3' model='pcie-root-port', index='2' model='pcie-root-port'"
    })
    void ofPlacesThatDoNotFitNoneIsRead(String text, String changed) {
        String xml = new String(Recordings.domain("linux-9"), UTF_8);
        assertThat(xml).contains(text);

        List<DevicePlace> read = DomainPlaces.read(xml.replace(text, changed), Specs.machine(OsType.Linux));

        assertThat(read.isEmpty()
                        || read.stream().noneMatch(place -> place.device().equals("disk/data")))
                .isTrue();
    }

    /** More than six disks at SATA controllers, which are on a bridge. */
    @Test
    void furtherSataControllersHavePlacesToo() {
        List<DevicePlace> places = List.of(
                new DevicePlace("root-port/1", "00:02.0"),
                new DevicePlace("bridge/2", "01:00.0"),
                new DevicePlace("sata/1", "02:01.0"),
                new DevicePlace("disk/os", "sata:0.0"),
                new DevicePlace("disk/data", "sata:1.2"));
        DomainSpec spec = DomainSpecBuilder.builder(windows).places(places).build();

        assertThat(read(spec)).containsExactlyInAnyOrderElementsOf(places);
        assertThat(render(spec)).contains("dev=\"sda\"", "dev=\"sdb\"", "dev=\"sdc\"", "dev=\"sdi\"");
    }

    private DomainSpec placed(OsType osType) {
        return osType == OsType.Linux ? Places.asIn("linux-9", linux) : Places.asIn("windows-9", windows);
    }

    private static List<DevicePlace> read(DomainSpec spec) {
        return DomainPlaces.read(render(spec), Specs.machine(spec.osType()));
    }

    private static String render(DomainSpec spec) {
        return DomainXml.render(spec, Path.of("/variables"));
    }

    private static List<String> text(List<DevicePlace> places) {
        return places.stream()
                .map(place -> place.device() + " " + place.address())
                .toList();
    }

    private static Map<String, String> byDevice(List<DevicePlace> places) {
        Map<String, String> addresses = new HashMap<>();
        places.forEach(place -> addresses.put(place.device(), place.address()));
        return addresses;
    }

    private static Map<String, String> without(Map<String, String> places, String... devices) {
        places.keySet().removeAll(List.of(devices));
        return places;
    }
}
