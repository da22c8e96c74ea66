package io.trustedlaunch.agent.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.agent.domain.Disk;
import io.trustedlaunch.agent.domain.DomainSpec;
import io.trustedlaunch.agent.domain.DomainSpecBuilder;
import io.trustedlaunch.agent.domain.Drive;
import io.trustedlaunch.agent.domain.Specs;
import io.trustedlaunch.agent.tpm.TpmSecret;
import io.trustedlaunch.api.image.OsType;
import io.trustedlaunch.api.incarnation.DiscDrive;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Machine;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Nic;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecMachineBuilder;
import io.trustedlaunch.api.vm.DevicePlace;
import io.trustedlaunch.api.vm.DevicePlaces;
import io.trustedlaunch.api.vm.DiskBus;
import io.trustedlaunch.api.vm.DiskBuses;
import io.trustedlaunch.api.vm.LinkState;
import io.trustedlaunch.api.vm.NetworkModel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The contract of {@link GuestDevices}, for the fake and the real ones. The guests have no system, and let go of nothing. */
public abstract class GuestDevicesContract {
    protected static final TpmSecret SECRET = TpmSecret.of(
            "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff".getBytes(StandardCharsets.US_ASCII));

    private static final String MAC = "52:54:00:12:34:56";
    private static final long MIB = 1 << 20;

    private final UUID vm = UUID.randomUUID();

    protected abstract Hypervisor hypervisor();

    /** A spec of a new VM, with an empty OS disk only. */
    protected abstract DomainSpec spec(UUID vm, long epoch);

    /** Makes the VM's working copy, as a first start does. */
    protected abstract void prepare(DomainSpec spec);

    /** A new, empty disk. */
    protected abstract Disk disk(String name, long bytes);

    protected abstract void holdDevices(UUID vm);

    protected abstract String network();

    /** Also active, and another one. */
    protected abstract String otherNetwork();

    /** The card of the VM's domain, under any name. */
    protected abstract Nic card(UUID vm, String mac);

    protected final UUID vm() {
        return vm;
    }

    @Test
    void withoutADomainNothingIsChanged() {
        DomainSpec spec = with(OsType.Linux, 1, List.of(disk("data", MIB)), List.of(card("nic0", network())));
        HypervisorFailure missing = new HypervisorFailure.DomainMissing(vm);

        assertThat(failure(() -> devices().of(vm))).isEqualTo(missing);
        assertThat(failure(() -> devices().growDisk(vm, spec.osDisk().path(), MIB)))
                .isEqualTo(missing);
        assertThat(failure(() -> devices().updateCard(spec, "nic0"))).isEqualTo(missing);
        assertThat(failure(() -> devices().attachCard(spec, "nic0"))).isEqualTo(missing);
        assertThat(failure(() -> devices().detachCard(vm, MAC))).isEqualTo(missing);
        assertThat(failure(() -> devices().attachDisk(spec, "data"))).isEqualTo(missing);
        assertThat(failure(() -> devices().detachDisk(vm, spec.osDisk().path())))
                .isEqualTo(missing);
    }

    @ParameterizedTest
    @EnumSource(OsType.class)
    void disksGrowWhileTheGuestRunsAndNeverShrink(OsType osType) {
        Disk data = disk("data", 8 * MIB);
        DomainSpec spec = start(with(osType, 1, List.of(data), List.of()));
        hypervisor().resume(vm);

        for (long bytes : List.of(16 * MIB, 16 * MIB, 32 * MIB, 4 * MIB)) {
            devices().growDisk(vm, data.path(), bytes);
            devices().growDisk(vm, spec.osDisk().path(), 128 * bytes);
        }

        assertThat(devices().of(vm).disks())
                .containsExactlyInAnyOrder(
                        new GuestDevices.Devices.Disk(data.path(), 32 * MIB),
                        new GuestDevices.Devices.Disk(spec.osDisk().path(), 128 * 32 * MIB));
        Path other = data.path().resolveSibling("other.qcow2");
        assertThat(failure(() -> devices().growDisk(vm, other, MIB)))
                .isInstanceOf(HypervisorFailure.OperationFailed.class);
    }

    @ParameterizedTest
    @EnumSource(OsType.class)
    void aCardIsConnectedToAnotherNetworkAndDisconnected(OsType osType) {
        List<Nic> changes = List.of(
                card("nic0", otherNetwork()),
                new Nic("nic0", otherNetwork(), MAC, "None"),
                new Nic("nic0", otherNetwork(), MAC, "None", LinkState.Down),
                new Nic("nic0", network(), MAC, "clean-traffic", LinkState.Down),
                card("nic0", network()));
        start(with(osType, 1, List.of(), List.of(card("nic0", network()))));
        List<DevicePlace> places = places(osType);
        hypervisor().resume(vm);

        for (Nic change : changes) {
            DomainSpec changed = with(osType, 1, List.of(), List.of(change));
            devices().updateCard(changed, "nic0");
            devices().updateCard(changed, "nic0");

            assertThat(card(vm, MAC)).isEqualTo(change);
        }
        assertThat(places(osType)).containsExactlyInAnyOrderElementsOf(places);
    }

    @Test
    void aCardWithoutNetworkOrFilterIsNeitherChangedNorAdded() {
        Nic card = card("nic0", network());
        start(with(OsType.Linux, 1, List.of(), List.of(card)));
        DomainSpec none = with(
                OsType.Linux,
                1,
                List.of(),
                List.of(card("nic0", "no-such-net"), new Nic("nic1", "no-such-net", "52:54:00:12:34:57", "None")));
        DomainSpec unfiltered = with(
                OsType.Linux,
                1,
                List.of(),
                List.of(
                        new Nic("nic0", network(), MAC, "no-such-filter"),
                        new Nic("nic1", network(), "52:54:00:12:34:57", "no-such-filter")));
        HypervisorFailure noNetwork = new HypervisorFailure.NetworkMissing("no-such-net");
        HypervisorFailure noFilter = new HypervisorFailure.NetworkFilterMissing("no-such-filter");

        assertThat(failure(() -> devices().updateCard(none, "nic0"))).isEqualTo(noNetwork);
        assertThat(failure(() -> devices().attachCard(none, "nic1"))).isEqualTo(noNetwork);
        assertThat(failure(() -> devices().updateCard(unfiltered, "nic0"))).isEqualTo(noFilter);
        assertThat(failure(() -> devices().attachCard(unfiltered, "nic1"))).isEqualTo(noFilter);
        assertThat(failure(() -> devices().updateCard(none, "nic1")))
                .isInstanceOf(HypervisorFailure.OperationFailed.class);
        assertThat(card(vm, MAC)).isEqualTo(card);
        assertThat(devices().of(vm).cards()).containsExactly(new GuestDevices.Devices.Card(MAC));
    }

    /** In both shapes: a machine that starts has four spare ports, and what is added stays where it is from then on. */
    @ParameterizedTest
    @EnumSource(OsType.class)
    void cardsAreAddedInSparePortsAndStayThere(OsType osType) {
        List<Nic> cards = new ArrayList<>(List.of(card("nic0", network())));
        start(with(osType, 1, List.of(), cards));
        hypervisor().resume(vm);
        List<DevicePlace> before = places(osType);

        for (int i = 1; i <= 4; i++) {
            cards.add(new Nic(
                    "nic" + i, network(), "52:54:00:12:34:6" + i, "clean-traffic", i == 2 ? LinkState.Down : null));
            DomainSpec more = with(osType, 1, List.of(), cards);
            devices().attachCard(more, "nic" + i);
            devices().attachCard(more, "nic" + i);
        }
        cards.add(new Nic("nic5", network(), "52:54:00:12:34:65", "None"));
        DomainSpec tooMany = with(osType, 1, List.of(), cards);
        assertThat(failure(() -> devices().attachCard(tooMany, "nic5")))
                .isEqualTo(new HypervisorFailure.NoFreePort(vm));

        cards.removeLast();
        assertThat(devices().of(vm).cards())
                .containsExactlyInAnyOrderElementsOf(cards.stream()
                        .map(nic -> new GuestDevices.Devices.Card(nic.mac()))
                        .toList());
        for (Nic card : cards) {
            assertThat(card(vm, card.mac()))
                    .isEqualTo(new Nic("nic0", card.network(), card.mac(), card.trafficFilter(), card.linkState()));
        }
        List<DevicePlace> after = places(osType);
        assertThat(after).containsAll(before).hasSize(before.size() + 4);

        hypervisor().destroy(vm);
        hypervisor().createPaused(placed(with(osType, 2, List.of(), cards.reversed()), after), SECRET);
        assertThat(places(osType)).containsAll(after).hasSize(after.size() + 4);
        assertThat(rootPorts(places(osType))).hasSize(rootPorts(after).size() + 4);
    }

    @Test
    void disksAreAddedInSparePortsAndStayThere() {
        Disk first = disk("a", 2 * MIB);
        Disk second = disk("b", 4 * MIB);
        start(with(OsType.Linux, 1, List.of(first), List.of()));
        List<DevicePlace> before = places(OsType.Linux);

        DomainSpec more = with(OsType.Linux, 1, List.of(second, first), List.of());
        devices().attachDisk(more, "b");
        devices().attachDisk(more, "b");

        assertThat(devices().of(vm).disks())
                .contains(
                        new GuestDevices.Devices.Disk(first.path(), 2 * MIB),
                        new GuestDevices.Devices.Disk(second.path(), 4 * MIB))
                .hasSize(3);
        List<DevicePlace> after = places(OsType.Linux);
        assertThat(after).containsAll(before).hasSize(before.size() + 1);
        assertThat(after).extracting(DevicePlace::device).contains("disk/b");

        hypervisor().destroy(vm);
        hypervisor().createPaused(placed(with(OsType.Linux, 2, List.of(second, first), List.of()), after), SECRET);
        assertThat(places(OsType.Linux)).containsAll(after).hasSize(after.size() + 1);
    }

    /** Its place on record may be another's by now. */
    @Test
    void aDeviceWhosePlaceIsTakenGetsAnother() {
        Disk first = disk("a", MIB);
        Disk second = disk("b", MIB);
        start(with(OsType.Linux, 1, List.of(), List.of()));
        devices().attachDisk(with(OsType.Linux, 1, List.of(first), List.of()), "a");
        String taken = places(OsType.Linux).stream()
                .filter(place -> place.device().equals("disk/a"))
                .map(DevicePlace::address)
                .findFirst()
                .orElseThrow();

        devices()
                .attachDisk(
                        placed(
                                with(OsType.Linux, 1, List.of(first, second), List.of()),
                                List.of(new DevicePlace("disk/b", taken))),
                        "b");

        assertThat(devices().of(vm).disks()).hasSize(3);
    }

    @Test
    void aSataDiskIsNeitherAddedNorRemovedWhileItsGuestRuns() {
        Disk first = disk("a", MIB);
        Disk second = disk("b", MIB);
        start(with(OsType.Windows, 1, List.of(first), List.of()));
        DomainSpec more = with(OsType.Windows, 1, List.of(first, second), List.of());

        assertThat(failure(() -> devices().attachDisk(more, "b")))
                .isEqualTo(new HypervisorFailure.NotWhileRunning(vm, second.path()));
        assertThat(failure(() -> devices().detachDisk(vm, first.path())))
                .isEqualTo(new HypervisorFailure.NotWhileRunning(vm, first.path()));
        devices().attachDisk(more, "a");
        devices().detachDisk(vm, second.path());
        assertThat(devices().of(vm).disks()).hasSize(2);
    }

    /** Data disks first, then the OS disk, and all the way back; the cards change their model where they are. */
    @Test
    void aMachineOfWindowsGoesToVirtioAndBack() {
        Disk first = disk("a", MIB);
        Disk second = disk("b", MIB);
        List<Nic> cards = List.of(card("nic0", network()));
        start(with(OsType.Windows, 1, List.of(first), cards));
        List<DevicePlace> onSata = placesOn(null, null);

        startAgain(2, DiskBus.VirtIO, DiskBus.SATA, List.of(first), cards, onSata);
        List<DevicePlace> half = placesOn(DiskBus.VirtIO, DiskBus.SATA);
        assertThat(half).contains(place("disk/os", onSata), place("nic/nic0", onSata));
        assertThat(place("disk/a", half)).isNotEqualTo(place("disk/a", onSata));
        devices().attachDisk(on(2, DiskBus.VirtIO, DiskBus.SATA, List.of(first, second), cards), "b");
        assertThat(devices().of(vm).disks()).hasSize(3);
        half = placesOn(DiskBus.VirtIO, DiskBus.SATA);

        startAgain(3, DiskBus.VirtIO, null, List.of(first, second), cards, half);
        List<DevicePlace> onVirtio = placesOn(DiskBus.VirtIO, null);
        assertThat(onVirtio)
                .contains(place("disk/a", half), place("disk/b", half), place("nic/nic0", onSata))
                .doesNotContain(place("disk/os", half));

        startAgain(4, null, null, List.of(first, second), cards, onVirtio);
        assertThat(placesOn(null, null))
                .extracting(DevicePlace::address)
                .filteredOn(address -> address.startsWith("sata:"))
                .hasSize(3);
        assertThat(placesOn(null, null)).contains(place("nic/nic0", onSata));
    }

    private void startAgain(
            long epoch, DiskBus all, DiskBus os, List<Disk> disks, List<Nic> cards, List<DevicePlace> before) {
        hypervisor().destroy(vm);
        hypervisor()
                .createPaused(
                        placed(
                                on(epoch, all, os, disks, cards),
                                DevicePlaces.keptOn(DiskBuses.of(OsType.Windows, all, os), before)),
                        SECRET);
    }

    private DomainSpec on(long epoch, DiskBus all, DiskBus os, List<Disk> disks, List<Nic> cards) {
        return DomainSpecBuilder.builder(with(OsType.Windows, epoch, disks, cards))
                .buses(DiskBuses.of(OsType.Windows, all, os))
                .networkModel(all == null ? NetworkModel.E1000e : NetworkModel.VirtIO)
                .build();
    }

    private List<DevicePlace> placesOn(DiskBus all, DiskBus os) {
        List<DevicePlace> places = hypervisor()
                .places(
                        vm,
                        VMIncarnationSpecMachineBuilder.builder(machine(OsType.Windows))
                                .diskBus(all)
                                .osDiskBus(os)
                                .build());
        assertThat(places).isNotEmpty();
        return places;
    }

    private static DevicePlace place(String device, List<DevicePlace> places) {
        return places.stream()
                .filter(place -> place.device().equals(device))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void whatAGuestDoesNotLetGoOfStaysHoweverOftenItIsAsked() {
        Disk data = disk("data", MIB);
        start(with(OsType.Linux, 1, List.of(data), List.of(card("nic0", network()))));
        holdDevices(vm);
        hypervisor().resume(vm);
        GuestDevices.Devices before = devices().of(vm);

        for (int times = 0; times < 2; times++) {
            devices().detachDisk(vm, data.path());
            devices().detachCard(vm, MAC);
        }

        assertThat(devices().of(vm)).isEqualTo(before);
    }

    @Test
    void toRemoveADeviceThatIsNotThereIsSuccess() {
        start(with(OsType.Linux, 1, List.of(), List.of()));

        devices().detachCard(vm, MAC);
        devices().detachDisk(vm, Path.of("/nowhere/data.qcow2"));

        assertThat(devices().of(vm).cards()).isEmpty();
    }

    @Test
    void aDiskWhoseFileIsMissingIsNotAdded() {
        Path missing = disk("a", MIB).path().resolveSibling("missing.qcow2");
        Disk disk = new Disk("b", missing, disk("c", MIB).format());
        start(with(OsType.Linux, 1, List.of(), List.of()));

        assertThat(failure(() -> devices().attachDisk(with(OsType.Linux, 1, List.of(disk), List.of()), "b")))
                .isInstanceOf(HypervisorFailure.OperationFailed.class);
        assertThat(devices().of(vm).disks()).hasSize(1);
    }

    /** In both shapes. A drive is at its place as disks are, and no disc of one guest is another's. */
    @ParameterizedTest
    @EnumSource(OsType.class)
    void aDiscIsInsertedChangedAndEjectedWhileTheGuestRuns(OsType osType) {
        Path first = disc("one");
        Path second = disc("two");
        start(drives(osType, 1, Optional.of(first), Optional.empty()));
        hypervisor().resume(vm);
        assertThat(devices().of(vm).discs()).containsExactly(Map.entry("disc_one", first));
        List<DevicePlace> places = hypervisor().places(vm, machineWithDrives(osType));
        assertThat(places).extracting(DevicePlace::device).contains("disc/one", "disc/two");

        for (int times = 0; times < 2; times++) {
            devices().changeDisc(drives(osType, 1, Optional.of(second), Optional.empty()), "one");
            devices().changeDisc(drives(osType, 1, Optional.of(second), Optional.of(first)), "two");
        }
        assertThat(devices().of(vm).discs()).containsOnly(Map.entry("disc_one", second), Map.entry("disc_two", first));

        for (int times = 0; times < 2; times++) {
            devices().changeDisc(drives(osType, 1, Optional.empty(), Optional.of(first)), "one");
        }
        assertThat(devices().of(vm).discs()).containsExactly(Map.entry("disc_two", first));
        assertThat(devices().of(vm).disks()).as("no disk").hasSize(1);

        hypervisor().destroy(vm);
        hypervisor().createPaused(placed(drives(osType, 2, Optional.empty(), Optional.empty()), places), SECRET);
        assertThat(hypervisor().places(vm, machineWithDrives(osType))).containsAll(places);
    }

    @Test
    void aDiscWhoseFileIsMissingIsNotInserted() {
        Path first = disc("one");
        start(drives(OsType.Linux, 1, Optional.of(first), Optional.empty()));
        Path missing = first.resolveSibling("missing.iso");

        assertThat(failure(() ->
                        devices().changeDisc(drives(OsType.Linux, 1, Optional.of(missing), Optional.empty()), "one")))
                .isInstanceOf(HypervisorFailure.OperationFailed.class);
        assertThat(failure(() -> devices()
                        .changeDisc(
                                DomainSpecBuilder.builder(drives(OsType.Linux, 1, Optional.empty(), Optional.empty()))
                                        .drives(List.of(new Drive("third", Optional.empty())))
                                        .build(),
                                "third")))
                .as("a drive that the domain does not have")
                .isInstanceOf(HypervisorFailure.OperationFailed.class);
    }

    private DomainSpec drives(OsType osType, long epoch, Optional<Path> one, Optional<Path> two) {
        return DomainSpecBuilder.builder(with(osType, epoch, List.of(), List.of()))
                .drives(List.of(new Drive("one", one), new Drive("two", two)))
                .build();
    }

    private static Machine machineWithDrives(OsType osType) {
        return VMIncarnationSpecMachineBuilder.builder(machine(osType))
                .discs(List.of(DiscDrive.empty("one"), DiscDrive.empty("two")))
                .build();
    }

    /** A file that the hypervisor may read. */
    protected abstract Path disc(String name);

    protected final GuestDevices devices() {
        return hypervisor().devices();
    }

    protected final DomainSpec start(DomainSpec spec) {
        prepare(spec);
        hypervisor().createPaused(spec, SECRET);
        return spec;
    }

    protected final DomainSpec with(OsType osType, long epoch, List<Disk> disks, List<Nic> cards) {
        return Specs.withOs(osType, spec(vm, epoch))
                .dataDisks(disks)
                .nics(cards)
                .build();
    }

    protected static DomainSpec placed(DomainSpec spec, List<DevicePlace> places) {
        return DomainSpecBuilder.builder(spec).places(places).build();
    }

    protected final List<DevicePlace> places(OsType osType) {
        return hypervisor().places(vm, machine(osType));
    }

    protected static List<DevicePlace> rootPorts(List<DevicePlace> places) {
        return places.stream()
                .filter(place -> place.device().startsWith("root-port/"))
                .toList();
    }

    /** All disks and cards of these tests. */
    private static Machine machine(OsType osType) {
        return VMIncarnationSpecMachineBuilder.builder()
                .osType(osType)
                .dataDisks(Stream.of("a", "b", "data")
                        .map(name -> new VMIncarnationSpec.Disk(name, new Quantity("1Mi")))
                        .toList())
                .nics(Stream.concat(
                                Stream.of(new Nic("nic0", "", MAC, "None")),
                                Stream.of(1, 2, 3, 4).map(i -> new Nic("nic" + i, "", "52:54:00:12:34:6" + i, "None")))
                        .toList())
                .build();
    }

    private static Nic card(String name, String network) {
        return new Nic(name, network, MAC, "clean-traffic");
    }

    protected static HypervisorFailure failure(ThrowingCallable call) {
        HypervisorException thrown = catchThrowableOfType(HypervisorException.class, call);
        assertThat(thrown).as("a HypervisorException").isNotNull();
        return thrown.failure();
    }
}
