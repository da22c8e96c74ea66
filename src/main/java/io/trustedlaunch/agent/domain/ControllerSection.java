package io.trustedlaunch.agent.domain;

import io.trustedlaunch.api.vm.DevicePlace;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The controllers that other devices are connected to, where their places are on record. A guest counts its buses by the root
 * ports, used or not. Without a record, libvirt adds what it needs.
 */
final class ControllerSection implements Section {
    @Override
    public Stream<Xml> of(DomainSpec spec) {
        return spec.places().stream()
                .map(DevicePlace::device)
                .flatMap(device ->
                        controller(device).map(controller -> DomainPlaces.placed(spec, device, controller)).stream());
    }

    private static Optional<Xml> controller(String device) {
        if (device.equals(DevicePlace.VIRTIO_SERIAL)) {
            return Optional.of(controller("virtio-serial", 0));
        }
        return pci(device, "root-port", "pcie-root-port")
                .or(() -> pci(device, "bridge", "pcie-to-pci-bridge"))
                .or(() -> DevicePlace.numberOf(device, "sata").map(number -> controller("sata", number)));
    }

    private static Optional<Xml> pci(String device, String kind, String model) {
        return DevicePlace.numberOf(device, kind)
                .map(number -> controller("pci", number).with("model", model));
    }

    private static Xml controller(String type, int index) {
        return Xml.element("controller").with("type", type).with("index", index);
    }
}
