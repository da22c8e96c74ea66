package io.trustedlaunch.agent.hypervisor;

import io.trustedlaunch.agent.domain.Disk;
import io.trustedlaunch.agent.domain.DomainSpec;
import io.trustedlaunch.api.image.OsType;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Nic;
import io.trustedlaunch.api.vm.DevicePlace;
import io.trustedlaunch.api.vm.DevicePlace.Address;
import io.trustedlaunch.api.vm.DevicePlace.Pci;
import io.trustedlaunch.api.vm.DevicePlace.Sata;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Gives devices without a place the first one that is free, as libvirt does: each has a root port of its own. */
final class FakePlaces {
    private static final int FUNCTIONS = 8;

    private final DomainSpec spec;
    private final Map<String, Address> places = new LinkedHashMap<>();

    private FakePlaces(DomainSpec spec) {
        this.spec = spec;
        spec.places().forEach(place -> places.put(place.device(), place.parsed().orElseThrow()));
    }

    static List<DevicePlace> of(DomainSpec spec) {
        FakePlaces fake = new FakePlaces(spec);
        List<String> devices = fake.devices();
        devices.forEach(fake::place);
        fake.addRootPorts();
        return fake.places.entrySet().stream()
                .filter(place ->
                        devices.contains(place.getKey()) || place.getKey().startsWith("root-port/"))
                .map(place -> DevicePlace.of(place.getKey(), place.getValue()).orElseThrow())
                .toList();
    }

    private List<String> devices() {
        return Stream.of(
                        spec.nics().stream().map(Nic::name).map(DevicePlace::nic),
                        Stream.of(DevicePlace.VIRTIO_SERIAL),
                        Stream.concat(Stream.of(spec.osDisk()), spec.dataDisks().stream())
                                .map(Disk::name)
                                .map(DevicePlace::disk),
                        spec.seed().stream().map(seed -> DevicePlace.SEED),
                        Stream.of(spec.osType() == OsType.Linux ? DevicePlace.RNG : DevicePlace.USB))
                .flatMap(names -> names)
                .toList();
    }

    private void place(String device) {
        boolean sata =
                spec.osType() == OsType.Windows && (device.startsWith("disk/") || device.equals(DevicePlace.SEED));
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

    private void addRootPorts() {
        int last = places.values().stream()
                .mapToInt(address -> address instanceof Pci pci ? pci.bus() : 0)
                .max()
                .orElse(0);
        int slot = spec.osType() == OsType.Windows ? 2 : 1;
        IntStream.range(0, last)
                .forEach(port -> places.putIfAbsent(
                        DevicePlace.rootPort(port + 1), new Pci(0, slot + port / FUNCTIONS, port % FUNCTIONS)));
    }
}
