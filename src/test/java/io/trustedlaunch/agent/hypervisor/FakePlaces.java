package io.trustedlaunch.agent.hypervisor;

import io.trustedlaunch.agent.domain.Disk;
import io.trustedlaunch.agent.domain.DomainSpec;
import io.trustedlaunch.agent.domain.Drive;
import io.trustedlaunch.agent.domain.RootPorts;
import io.trustedlaunch.api.image.OsType;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Nic;
import io.trustedlaunch.api.vm.DevicePlace;
import io.trustedlaunch.api.vm.DevicePlace.Address;
import io.trustedlaunch.api.vm.DevicePlace.Pci;
import io.trustedlaunch.api.vm.DevicePlace.Sata;
import io.trustedlaunch.api.vm.DiskBus;
import io.trustedlaunch.api.vm.ScreenModel;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The places of a domain's devices. One without a place gets the first that is free, as libvirt does: each has a root port of its own. */
final class FakePlaces {
    private static final String ROOT_PORT = "root-port";
    private static final int FUNCTIONS = 8;

    private final DomainSpec spec;
    private final Map<String, Address> places = new LinkedHashMap<>();

    private FakePlaces(DomainSpec spec) {
        this.spec = spec;
    }

    /** Of a domain that is made now. */
    static FakePlaces atStart(DomainSpec spec) {
        FakePlaces fake = new FakePlaces(spec);
        spec.places()
                .forEach(place -> fake.places.put(place.device(), place.parsed().orElseThrow()));
        List<String> devices = devices(spec);
        devices.forEach(fake::place);
        fake.addRootPorts(RootPorts.atStart(spec));
        fake.places.keySet().removeIf(device -> !devices.contains(device) && !device.startsWith(ROOT_PORT));
        return fake;
    }

    /** The same on another host, from where it goes its own way. */
    FakePlaces copy() {
        FakePlaces copy = new FakePlaces(spec);
        copy.places.putAll(places);
        return copy;
    }

    List<DevicePlace> list() {
        return places.entrySet().stream()
                .map(place -> DevicePlace.of(place.getKey(), place.getValue()).orElseThrow())
                .toList();
    }

    /** Returns false if no port is free. */
    boolean attach(DomainSpec spec, String device) {
        Optional<Address> onRecord = spec.places().stream()
                .filter(place -> place.device().equals(device))
                .findFirst()
                .flatMap(DevicePlace::parsed);
        Optional<Address> free = Stream.concat(
                        onRecord.stream(),
                        IntStream.rangeClosed(1, (int) rootPorts()).mapToObj(port -> new Pci(port, 0, 0)))
                .filter(address -> !places.containsValue(address))
                .findFirst();
        free.ifPresent(address -> places.put(device, address));
        return free.isPresent();
    }

    void detach(String device) {
        places.remove(device);
    }

    private long rootPorts() {
        return places.keySet().stream()
                .filter(device -> device.startsWith(ROOT_PORT))
                .count();
    }

    private static List<String> devices(DomainSpec spec) {
        return Stream.of(
                        spec.nics().stream().map(Nic::name).map(DevicePlace::nic),
                        Stream.of(DevicePlace.VIRTIO_SERIAL),
                        Stream.concat(Stream.of(spec.osDisk()), spec.dataDisks().stream())
                                .map(Disk::name)
                                .map(DevicePlace::disk),
                        spec.seed().stream().map(seed -> DevicePlace.SEED),
                        spec.drives().stream().map(Drive::name).map(DevicePlace::disc),
                        Stream.of(spec.osType() == OsType.Linux ? DevicePlace.RNG : DevicePlace.USB))
                .flatMap(names -> names)
                .toList();
    }

    private void place(String device) {
        boolean sata = spec.buses().find(device).filter(DiskBus.SATA::equals).isPresent();
        places.computeIfAbsent(device, name -> sata ? free(number -> new Sata(0, number)) : free(this::onRootPort));
    }

    private interface Candidate {
        Address at(int number);
    }

    private Address free(Candidate candidate) {
        return IntStream.iterate(0, number -> number + 1)
                .mapToObj(candidate::at)
                .filter(address -> !places.containsValue(address))
                .findFirst()
                .orElseThrow();
    }

    private Address onRootPort(int number) {
        return new Pci(number + 1, 0, 0);
    }

    private void addRootPorts(int count) {
        int slot = spec.screen() == ScreenModel.VGA ? 2 : 1;
        IntStream.range(0, count)
                .forEach(port -> places.putIfAbsent(
                        DevicePlace.rootPort(port + 1), new Pci(0, slot + port / FUNCTIONS, port % FUNCTIONS)));
    }
}
