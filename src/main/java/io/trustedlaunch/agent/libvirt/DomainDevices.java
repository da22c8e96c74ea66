package io.trustedlaunch.agent.libvirt;

import io.trustedlaunch.agent.domain.Acceleration;
import io.trustedlaunch.agent.domain.DomainSpec;
import io.trustedlaunch.agent.domain.DomainSpecBuilder;
import io.trustedlaunch.agent.domain.Drive;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Nic;
import io.trustedlaunch.api.vm.DevicePlace.Pci;
import io.trustedlaunch.api.vm.LinkState;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.libvirt.Domain;
import org.libvirt.LibvirtException;

/** The devices that a domain has now, in libvirt's description of it. */
record DomainDevices(LibvirtXml xml) {
    private static final String DEVICES = "/domain/devices/";

    /**
     * A disk with a file that the guest may write.
     *
     * @param device for example vda
     * @param alias its name for libvirt and QEMU
     */
    record LiveDisk(String device, Path file, String bus, String alias) {}

    /** @param alias its name for libvirt and QEMU */
    record LiveCard(String mac, String network, Optional<String> filter, LinkState link, String alias) {
        boolean isAs(Nic nic) {
            return network.equals(nic.network()) && filter.equals(nic.filter()) && link == nic.link();
        }
    }

    static DomainDevices of(Domain domain) throws LibvirtException {
        return new DomainDevices(LibvirtXml.parse(domain.getXMLDesc(0)));
    }

    List<LiveDisk> disks() {
        return xml.values(DEVICES + "disk[source/@file and not(readonly)]/target/@dev").stream()
                .map(this::disk)
                .toList();
    }

    private LiveDisk disk(String device) {
        String disk = DEVICES + "disk[target/@dev='" + device + "']";
        return new LiveDisk(
                device,
                Path.of(value(disk + "/source/@file").orElseThrow()),
                value(disk + "/target/@bus").orElse(""),
                value(disk + "/alias/@name").orElse(""));
    }

    /**
     * A drive for discs.
     *
     * @param device for example sda
     * @param disc empty: none is in it
     */
    record LiveDrive(String serial, String device, Optional<Path> disc) {}

    List<LiveDrive> drives() {
        return xml
                .values(DEVICES + "disk[@device='cdrom' and starts-with(serial, '" + Drive.PREFIX + "')]/target/@dev")
                .stream()
                .map(device -> DEVICES + "disk[target/@dev='" + device + "']")
                .map(drive -> new LiveDrive(
                        value(drive + "/serial").orElse(""),
                        value(drive + "/target/@dev").orElse(""),
                        value(drive + "/source/@file").map(Path::of)))
                .toList();
    }

    Optional<LiveDisk> disk(Path file) {
        return disks().stream().filter(disk -> disk.file().equals(file)).findFirst();
    }

    /** Those of the seed, too. */
    Set<String> diskDevices() {
        return Set.copyOf(xml.values(DEVICES + "disk/target/@dev"));
    }

    List<LiveCard> cards() {
        return IntStream.rangeClosed(1, xml.values(DEVICES + "interface").size())
                .mapToObj(number -> card(DEVICES + "interface[" + number + "]"))
                .toList();
    }

    private LiveCard card(String card) {
        return new LiveCard(
                value(card + "/mac/@address").orElse("").toLowerCase(Locale.ROOT),
                value(card + "/source/@network").orElse(""),
                value(card + "/filterref/@filter"),
                value(card + "/link/@state").filter("down"::equals).isPresent() ? LinkState.Down : LinkState.Up,
                value(card + "/alias/@name").orElse(""));
    }

    Optional<LiveCard> card(Nic nic) {
        return cardWith(nic.mac());
    }

    Optional<LiveCard> cardWith(String mac) {
        return cards().stream().filter(card -> card.mac().equalsIgnoreCase(mac)).findFirst();
    }

    boolean hasFreePort() {
        return !freePorts().isEmpty();
    }

    /**
     * The spec with the domain's processors, and without places that are taken by now: one on record may have been that of a device
     * that was removed.
     */
    DomainSpec withFreePlaces(DomainSpec spec) {
        Set<Integer> free = freePorts();
        return DomainSpecBuilder.builder(spec)
                .acceleration(acceleration())
                .places(spec.places().stream()
                        .filter(place -> place.parsed()
                                .filter(address -> address instanceof Pci pci && free.contains(pci.bus()))
                                .isPresent())
                        .toList())
                .build();
    }

    /** The guest may have been started on another host, or by an agent of another version. */
    Acceleration acceleration() {
        return Acceleration.ofDomain(
                value("/domain/@type").filter("kvm"::equals).isPresent(),
                !xml.values(DEVICES + "iommu").isEmpty(),
                !xml.values("/domain/cpu/feature[@name='svm' and @policy='require']")
                        .isEmpty());
    }

    /** The root ports that have no device, by the numbers of their buses. */
    private Set<Integer> freePorts() {
        Set<Integer> ports = numbers(DEVICES + "controller[@type='pci' and @model='pcie-root-port']/@index");
        ports.removeAll(numbers(DEVICES + "*/address[@type='pci']/@bus"));
        return ports;
    }

    private Set<Integer> numbers(String path) {
        return xml.values(path).stream().map(Integer::decode).collect(Collectors.toCollection(TreeSet::new));
    }

    private Optional<String> value(String path) {
        return xml.values(path).stream().findFirst();
    }
}
