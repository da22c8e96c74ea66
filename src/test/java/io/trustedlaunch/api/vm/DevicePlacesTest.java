package io.trustedlaunch.api.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.image.OsType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DevicePlacesTest {
    private static final List<DevicePlace> LINUX =
            places("root-port/1=00:01.0", "root-port/2=00:01.1", "disk/os=01:00.0", "nic/nic0=02:00.0");

    private static final List<DevicePlace> WINDOWS = places(
            "root-port/1=00:02.0",
            "root-port/2=00:02.1",
            "bridge/3=02:00.0",
            "sata/1=03:01.0",
            "nic/nic0=01:00.0",
            "disk/os=sata:0.0",
            "seed=sata:1.5");

    @Test
    void placesThatLibvirtChoosesFit() {
        assertThat(DevicePlaces.fit(DiskBuses.ofOs(OsType.Linux), LINUX)).isTrue();
        assertThat(DevicePlaces.fit(DiskBuses.ofOs(OsType.Windows), WINDOWS)).isTrue();
        assertThat(DevicePlaces.fit(DiskBuses.ofOs(OsType.Linux), List.of())).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "disk/os=02:00.0",
                "nic/nic1=02:00.0",
                "nic/nic1=03:00.0",
                "nic/nic1=01:01.0",
                "nic/nic1=01:00.1",
                "nic/nic1=00:05.0",
                "nic/nic1=sata:0.0",
                "disk/data=sata:0.1",
                "root-port/3=00:1f.0",
                "root-port/3=00:00.0",
                "root-port/3=00:02.1",
                "root-port/3=01:00.0",
                "root-port/4=00:02.0",
                "root-port/2=00:02.0",
                "bridge/2=00:02.0",
                "sata/1=00:02.0",
                "root-port/0=00:02.0",
                "root-port/100=00:02.0",
                "disk/../x=02:00.0",
                "disk/=02:00.0",
                "screen=02:00.0",
                "nic/nic1=0002:00.0",
                "nic/nic1=",
                "nic/nic1=zz:00.0"
            })
    void onePlaceThatNoMachineCanHaveMakesAllOfThemNotFit(String place) {
        assertThat(DevicePlaces.fit(DiskBuses.ofOs(OsType.Linux), and(LINUX, place)))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "disk/data=sata:0.0",
                "disk/data=sata:0.6",
                "disk/data=sata:2.0",
                "disk/data=01:00.0",
                "nic/nic1=03:02.0",
                "sata/2=03:00.0"
            })
    void neitherDoesOneOfADiskAtASataController(String place) {
        assertThat(DevicePlaces.fit(DiskBuses.ofOs(OsType.Windows), and(WINDOWS, place)))
                .isFalse();
    }

    /** libvirt gives its slot to a root port then, and puts a screen that comes later elsewhere. */
    @Test
    void windowsMayHaveNoScreen() {
        List<DevicePlace> noScreen = places(
                "root-port/1=00:01.0", "root-port/2=00:01.1", "nic/nic0=01:00.0", "disk/os=sata:0.0", "seed=sata:0.1");

        assertThat(DevicePlaces.fit(DiskBuses.ofOs(OsType.Windows), noScreen)).isTrue();
    }

    /** Windows' data disks on virtio, and its OS disk still on SATA. */
    @Test
    void aDiskHasAPlaceOnItsBus() {
        DiskBuses half = DiskBuses.of(OsType.Windows, DiskBus.VirtIO, DiskBus.SATA);
        List<DevicePlace> places = places(
                "root-port/1=00:02.0", "root-port/2=00:02.1", "disk/os=sata:0.0", "disk/data=01:00.0", "seed=sata:0.2");

        assertThat(DevicePlaces.fit(half, places)).isTrue();
        assertThat(DevicePlaces.fit(DiskBuses.ofOs(OsType.Windows), places)).isFalse();
        assertThat(DevicePlaces.fit(DiskBuses.of(OsType.Windows, DiskBus.VirtIO, null), places))
                .isFalse();
    }

    @Test
    void aDiskThatChangesItsBusLosesItsPlace() {
        List<DevicePlace> places =
                places("root-port/1=00:02.0", "nic/nic0=01:00.0", "disk/os=sata:0.0", "seed=sata:0.2");

        assertThat(DevicePlaces.keptOn(DiskBuses.ofOs(OsType.Windows), places)).isEqualTo(places);
        assertThat(DevicePlaces.keptOn(DiskBuses.of(OsType.Windows, DiskBus.VirtIO, null), places))
                .containsExactlyElementsOf(places("root-port/1=00:02.0", "nic/nic0=01:00.0", "seed=sata:0.2"));
    }

    @Test
    void aDiskMayHaveItsEpochAfterItsName() {
        List<DevicePlace> ports = places("root-port/1=00:01.0", "root-port/2=00:01.1");

        assertThat(DevicePlaces.fit(
                        DiskBuses.ofOs(OsType.Linux),
                        and(and(ports, "disk/" + "d".repeat(32) + ".12=01:00.0"), "disk/d=02:00.0")))
                .isTrue();
        assertThat(DevicePlaces.fit(DiskBuses.ofOs(OsType.Linux), and(ports, "disk/data.0=01:00.0")))
                .isFalse();
        assertThat(DevicePlaces.fit(DiskBuses.ofOs(OsType.Linux), and(ports, "nic/data.1=01:00.0")))
                .isFalse();
    }

    @Test
    void partsThatAreMissingOrTooManyDoNotFit() {
        assertThat(DevicePlaces.fit(DiskBuses.ofOs(OsType.Linux), List.of(new DevicePlace(null, "01:00.0"))))
                .isFalse();
        assertThat(DevicePlaces.fit(DiskBuses.ofOs(OsType.Linux), List.of(new DevicePlace("seed", null))))
                .isFalse();
        assertThat(DevicePlaces.fit(DiskBuses.ofOs(OsType.Linux), ports(DevicePlaces.MAX)))
                .isTrue();
        assertThat(DevicePlaces.fit(DiskBuses.ofOs(OsType.Linux), ports(DevicePlaces.MAX + 1)))
                .isFalse();
    }

    @Test
    void theLargestMachineHasRoom() {
        List<DevicePlace> largest = new ArrayList<>(ports(29));
        IntStream.rangeClosed(1, 16).forEach(i -> largest.add(place("disk/d" + i + "=%02x:00.0".formatted(i))));
        IntStream.rangeClosed(17, 24).forEach(i -> largest.add(place("nic/n" + i + "=%02x:00.0".formatted(i))));
        largest.addAll(places("disk/os=19:00.0", "seed=1a:00.0", "rng=1b:00.0", "virtio-serial=1c:00.0"));

        assertThat(DevicePlaces.fit(DiskBuses.ofOs(OsType.Linux), largest)).isTrue();
    }

    @Test
    void whatIsReportedFirstGoesOnRecord() {
        assertThat(next(List.of(), LINUX)).isEqualTo(LINUX);
        assertThat(next(LINUX, List.of())).isEqualTo(LINUX);
        assertThat(next(LINUX, LINUX)).isEqualTo(LINUX);
    }

    @Test
    void whatIsOnRecordStaysWhateverIsReported() {
        List<DevicePlace> moved =
                places("root-port/1=00:01.0", "root-port/2=00:01.1", "disk/os=02:00.0", "nic/nic0=01:00.0");

        assertThat(next(LINUX, moved)).isEqualTo(LINUX);
    }

    @Test
    void aDeviceWithoutAPlaceGetsTheOneThatLibvirtGaveIt() {
        List<DevicePlace> more = and(and(LINUX, "root-port/3=00:01.2"), "disk/data=03:00.0");

        assertThat(next(LINUX, more)).isEqualTo(more);
    }

    /** Otherwise the record would never fit again. */
    @Test
    void aDeviceThatTheGuestDoesNotHaveAnyMoreLeavesItsPlaceToAnother() {
        List<DevicePlace> another =
                places("root-port/1=00:01.0", "root-port/2=00:01.1", "disk/os=01:00.0", "seed=02:00.0");

        assertThat(next(LINUX, another)).isEqualTo(another);
    }

    @Test
    void aReportThatDoesNotFitChangesNothing() {
        assertThat(next(LINUX, and(LINUX, "nic/nic1=02:00.0"))).isEqualTo(LINUX);
        assertThat(next(List.of(), and(LINUX, "nic/nic1=02:00.0"))).isEmpty();
        assertThat(next(LINUX, ports(DevicePlaces.MAX + 1))).isEqualTo(LINUX);
    }

    @Test
    void aRecordThatDoesNotFitIsReplaced() {
        assertThat(next(and(LINUX, "nic/nic0=01:00.0"), WITHOUT_CARD)).isEqualTo(WITHOUT_CARD);
        assertThat(next(Collections.nCopies(2, new DevicePlace("seed", "x")), List.of()))
                .isEmpty();
    }

    private static final List<DevicePlace> WITHOUT_CARD = places("root-port/1=00:01.0", "disk/os=01:00.0");

    private static List<DevicePlace> next(List<DevicePlace> before, List<DevicePlace> reported) {
        return DevicePlaces.next(DiskBuses.ofOs(OsType.Linux), before, reported);
    }

    private static List<DevicePlace> ports(int count) {
        return IntStream.range(0, count)
                .mapToObj(port -> place("root-port/%d=00:%02x.%x".formatted(port + 1, 1 + port / 8, port % 8)))
                .toList();
    }

    private static List<DevicePlace> and(List<DevicePlace> places, String more) {
        return Stream.concat(places.stream(), Stream.of(place(more))).toList();
    }

    private static List<DevicePlace> places(String... places) {
        return Arrays.stream(places).map(DevicePlacesTest::place).toList();
    }

    private static DevicePlace place(String text) {
        int sign = text.indexOf('=');
        return new DevicePlace(text.substring(0, sign), text.substring(sign + 1));
    }
}
