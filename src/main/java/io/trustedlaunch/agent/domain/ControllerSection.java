package io.trustedlaunch.agent.domain;

import io.trustedlaunch.api.vm.DevicePlace;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The controllers that other devices are connected to: those whose places are on record, and behind them spare root ports. A guest
 * counts its buses by the root ports, used or not. libvirt chooses where further ones are; it gives devices without a place the
 * first ports that are free, so that the spare ones are the last.
 */
final class ControllerSection implements Section {
    private final boolean withSparePorts;

    private ControllerSection(boolean withSparePorts) {
        this.withSparePorts = withSparePorts;
    }

    /** Those of a guest that starts. */
    static ControllerSection atStart() {
        return new ControllerSection(true);
    }

    /** Without spare ports: how many there are depends on the devices that the guest was started with. */
    static ControllerSection onRecord() {
        return new ControllerSection(false);
    }

    @Override
    public Stream<Xml> of(DomainSpec spec) {
        Stream<Xml> onRecord = spec.places().stream()
                .map(DevicePlace::device)
                .flatMap(device ->
                        controller(device).map(controller -> DomainPlaces.placed(spec, device, controller)).stream());
        return withSparePorts ? Stream.concat(onRecord, spare(spec)) : onRecord;
    }

    private static Stream<Xml> spare(DomainSpec spec) {
        int first = RootPorts.firstNew(spec);
        return IntStream.range(first, first + RootPorts.added(spec)).mapToObj(ControllerSection::rootPort);
    }

    private static Optional<Xml> controller(String device) {
        if (device.equals(DevicePlace.VIRTIO_SERIAL)) {
            return Optional.of(controller("virtio-serial", 0));
        }
        return DevicePlace.numberOf(device, "root-port")
                .map(ControllerSection::rootPort)
                .or(() -> DevicePlace.numberOf(device, "bridge")
                        .map(number -> controller("pci", number).with("model", "pcie-to-pci-bridge")))
                .or(() -> DevicePlace.numberOf(device, "sata").map(number -> controller("sata", number)));
    }

    private static Xml rootPort(int number) {
        return controller("pci", number).with("model", "pcie-root-port");
    }

    private static Xml controller(String type, int index) {
        return Xml.element("controller").with("type", type).with("index", index);
    }
}
