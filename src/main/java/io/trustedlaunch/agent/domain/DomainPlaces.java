package io.trustedlaunch.agent.domain;

import io.trustedlaunch.api.incarnation.DiscDrive;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Machine;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Nic;
import io.trustedlaunch.api.vm.DevicePlace;
import io.trustedlaunch.api.vm.DevicePlace.Address;
import io.trustedlaunch.api.vm.DevicePlace.Pci;
import io.trustedlaunch.api.vm.DevicePlace.Sata;
import io.trustedlaunch.api.vm.DevicePlaces;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/** The places of devices in libvirt's XML of a domain: as libvirt writes them, and as it is asked for them. */
public final class DomainPlaces {
    private static final Set<String> BUSES = Set.of("disk", "controller", "interface", "rng");

    private DomainPlaces() {}

    /**
     * The places of the machine's devices in a domain. Empty unless all of them fit: of a domain that has arrived, they are also
     * another host's word.
     */
    public static List<DevicePlace> read(String domainXml, Machine machine) {
        List<DevicePlace> places = new ArrayList<>();
        try {
            Element domain = DomainMetadata.parse(domainXml).getDocumentElement();
            children(domain, "devices")
                    .flatMap(DomainPlaces::children)
                    .filter(device -> BUSES.contains(device.getTagName()))
                    .forEach(device -> name(device, machine)
                            .flatMap(name -> address(device).flatMap(address -> DevicePlace.of(name, address)))
                            .ifPresent(places::add));
        } catch (SAXException | IOException | ParserConfigurationException e) {
            throw new IllegalArgumentException("cannot parse libvirt's XML of a domain", e);
        }
        return DevicePlaces.fit(machine.diskBuses(), places) ? places : List.of();
    }

    private static Optional<String> name(Element device, Machine machine) {
        return switch (device.getTagName()) {
            case "disk" -> disk(device, machine);
            case "interface" -> nic(device, machine);
            case "controller" -> controller(device);
            default -> Optional.of(DevicePlace.RNG);
        };
    }

    /** A disk has its identity as its serial number. */
    private static Optional<String> disk(Element disk, Machine machine) {
        Optional<String> serial = children(disk, "serial").findFirst().map(Node::getTextContent);
        if (serial.isEmpty()) {
            return children(disk, "readonly").findFirst().map(seed -> DevicePlace.SEED);
        }
        Optional<String> drive = machine.discs().stream()
                .map(DiscDrive::name)
                .filter(name -> new Drive(name, Optional.empty()).serial().equals(serial.get()))
                .findFirst();
        if (drive.isPresent()) {
            return drive.map(DevicePlace::disc);
        }
        return Stream.concat(
                        Stream.of(Disk.OS),
                        machine.dataDisks().stream().map(data -> data.identity().toString()))
                .filter(name -> DiskSection.serial(name).equals(serial.get()))
                .findFirst()
                .map(DevicePlace::disk);
    }

    private static Optional<String> nic(Element card, Machine machine) {
        Optional<String> mac = children(card, "mac").findFirst().map(element -> element.getAttribute("address"));
        return machine.nics().stream()
                .filter(nic -> mac.filter(nic.mac()::equalsIgnoreCase).isPresent())
                .findFirst()
                .map(Nic::name)
                .map(DevicePlace::nic);
    }

    private static Optional<String> controller(Element controller) {
        Optional<Integer> index = number(controller, "index", 10).filter(number -> number > 0);
        return switch (controller.getAttribute("type")) {
            case "usb" -> Optional.of(DevicePlace.USB);
            case "virtio-serial" -> Optional.of(DevicePlace.VIRTIO_SERIAL);
            // The first is the machine's own.
            case "sata" -> index.map(DevicePlace::sata);
            case "pci" ->
                switch (controller.getAttribute("model")) {
                    case "pcie-root-port" -> index.map(DevicePlace::rootPort);
                    case "pcie-to-pci-bridge" -> index.map(DevicePlace::bridge);
                    default -> Optional.empty();
                };
            default -> Optional.empty();
        };
    }

    private static Optional<Address> address(Element device) {
        return children(device, "address").findFirst().flatMap(address -> switch (address.getAttribute("type")) {
            case "pci" ->
                number(address, "domain", 16)
                        .filter(domain -> domain == 0)
                        .flatMap(domain -> number(address, "bus", 16))
                        .flatMap(bus -> number(address, "slot", 16)
                                .flatMap(slot ->
                                        number(address, "function", 16).map(function -> new Pci(bus, slot, function))));
            case "drive" ->
                number(address, "controller", 10)
                        .flatMap(controller -> number(address, "unit", 10).map(unit -> new Sata(controller, unit)));
            default -> Optional.empty();
        });
    }

    private static Optional<Integer> number(Element element, String attribute, int radix) {
        String text = element.getAttribute(attribute);
        String digits = radix == 16 && text.startsWith("0x") ? text.substring(2) : text;
        try {
            return Optional.of(Integer.parseInt(digits, radix));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    private static Stream<Element> children(Element parent, String name) {
        return children(parent).filter(child -> child.getTagName().equals(name));
    }

    private static Stream<Element> children(Element parent) {
        NodeList nodes = parent.getChildNodes();
        return IntStream.range(0, nodes.getLength())
                .mapToObj(nodes::item)
                .filter(Element.class::isInstance)
                .map(Element.class::cast);
    }

    /** The device at its place, if that is on record. */
    static Xml placed(DomainSpec spec, String device, Xml element) {
        return address(spec, device)
                .map(address -> isFirstOfSlot(spec, address) ? xml(address).with("multifunction", "on") : xml(address))
                .map(element::containing)
                .orElse(element);
    }

    private static boolean isFirstOfSlot(DomainSpec spec, Address address) {
        return address instanceof Pci first
                && first.function() == 0
                && spec.places().stream()
                        .flatMap(place -> place.parsed().stream())
                        .anyMatch(other -> other instanceof Pci pci
                                && pci.bus() == first.bus()
                                && pci.slot() == first.slot()
                                && pci.function() > 0);
    }

    static Optional<Address> address(DomainSpec spec, String device) {
        return spec.places().stream()
                .filter(place -> place.device().equals(device))
                .findFirst()
                .flatMap(DevicePlace::parsed);
    }

    /** As libvirt writes it, so that a guest that arrives is compared with it. */
    private static Xml xml(Address address) {
        Xml xml = Xml.element("address");
        return switch (address) {
            case Pci pci ->
                xml.with("type", "pci")
                        .with("domain", "0x0000")
                        .with("bus", hex("0x%02x", pci.bus()))
                        .with("slot", hex("0x%02x", pci.slot()))
                        .with("function", hex("0x%x", pci.function()));
            case Sata sata ->
                xml.with("type", "drive")
                        .with("controller", sata.controller())
                        .with("bus", 0)
                        .with("target", 0)
                        .with("unit", sata.port());
        };
    }

    private static String hex(String format, int number) {
        return String.format(Locale.ROOT, format, number);
    }
}
