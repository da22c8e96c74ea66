package io.trustedlaunch.api.vm;

import io.trustedlaunch.api.vm.DevicePlace.Address;
import io.trustedlaunch.api.vm.DevicePlace.Pci;
import io.trustedlaunch.api.vm.DevicePlace.Sata;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The places of a machine's devices. A node reports them, and others start the guest with them: so no place counts unless all are
 * places that libvirt itself could have chosen. Otherwise it would refuse the machine at each start.
 */
public final class DevicePlaces {
    /** 16 data disks and 8 cards need 57, each on a port of its own. */
    public static final int MAX = 64;

    /** That of the screen, if the guest had one at its first start. */
    private static final int FIRST_SLOT = 1;

    private static final int LAST_SLOT = 0x1e;

    private final DiskBuses buses;
    private final Map<String, Address> addresses;

    private DevicePlaces(DiskBuses buses, Map<String, Address> addresses) {
        this.buses = buses;
        this.addresses = addresses;
    }

    /** Whether a machine can have its devices there. It may have fewer, and others without a place. */
    public static boolean fit(DiskBuses buses, List<DevicePlace> places) {
        Map<String, Address> addresses = new HashMap<>();
        for (DevicePlace place : places) {
            Optional<Address> address = place.parsed();
            if (address.isEmpty() || addresses.put(place.device(), address.get()) != null) {
                return false;
            }
        }
        return places.size() <= MAX && new DevicePlaces(buses, addresses).fit();
    }

    /**
     * The places of the next machine. What is on record stays, whatever a node reports. A device that the guest does not have any
     * more loses its place, which another may have taken.
     *
     * @param before on record
     * @param reported of the guest that ran with that record; empty if it is not known
     */
    public static List<DevicePlace> next(DiskBuses buses, List<DevicePlace> before, List<DevicePlace> reported) {
        Map<String, DevicePlace> known = new HashMap<>();
        before.forEach(place -> known.put(place.device(), place));
        List<DevicePlace> both = reported.stream()
                .map(place -> known.getOrDefault(place.device(), place))
                .toList();
        // If those on record do not fit, no start has used them.
        return Stream.of(both, before, reported)
                .filter(places -> !places.isEmpty() && fit(buses, places))
                .findFirst()
                .orElse(List.of());
    }

    /** Those that a machine with other buses keeps: a disk that changes its bus loses its place. */
    public static List<DevicePlace> keptOn(DiskBuses buses, List<DevicePlace> places) {
        return places.stream()
                .filter(place -> buses.find(place.device())
                        .map(bus -> (bus == DiskBus.SATA)
                                == place.parsed().filter(Sata.class::isInstance).isPresent())
                        .orElse(true))
                .toList();
    }

    private boolean fit() {
        Set<Integer> rootPorts = numbersOf("root-port");
        Set<Integer> bridges = numbersOf("bridge");
        Set<Integer> buses = new HashSet<>(rootPorts);
        buses.addAll(bridges);
        // libvirt would add what is missing in between.
        return buses.size() == rootPorts.size() + bridges.size()
                && buses.stream().allMatch(number -> number <= buses.size())
                && new HashSet<>(addresses.values()).size() == addresses.size()
                && addresses.entrySet().stream().allMatch(place -> fits(place.getKey(), place.getValue()));
    }

    private Set<Integer> numbersOf(String kind) {
        Set<Integer> numbers = new HashSet<>();
        addresses.keySet().forEach(device -> DevicePlace.numberOf(device, kind).ifPresent(numbers::add));
        return numbers;
    }

    private boolean fits(String device, Address address) {
        return switch (address) {
            case Sata sata ->
                hasSataBus(device) && (sata.controller() == 0 || has(DevicePlace.sata(sata.controller())));
            case Pci pci -> !hasSataBus(device) && fits(device, pci);
        };
    }

    private boolean hasSataBus(String device) {
        return buses.find(device).filter(bus -> bus == DiskBus.SATA).isPresent();
    }

    private boolean fits(String device, Pci pci) {
        if (device.startsWith("root-port/")) {
            return isOfMachine(pci);
        }
        boolean onRootPort = pci.slot() == 0 && has(DevicePlace.rootPort(pci.bus()));
        boolean onBridge = device.startsWith("sata/") && pci.slot() > 0 && has(DevicePlace.bridge(pci.bus()));
        return pci.function() == 0 && (onRootPort || onBridge);
    }

    /** A guest looks at the other functions of a slot only if there is the first. */
    private boolean isOfMachine(Pci pci) {
        return pci.bus() == 0
                && pci.slot() >= FIRST_SLOT
                && pci.slot() <= LAST_SLOT
                && addresses.containsValue(new Pci(0, pci.slot(), 0));
    }

    private boolean has(String device) {
        return addresses.containsKey(device);
    }
}
