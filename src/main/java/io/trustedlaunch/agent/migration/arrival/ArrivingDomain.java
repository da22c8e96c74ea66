package io.trustedlaunch.agent.migration.arrival;

import io.trustedlaunch.agent.domain.Acceleration;
import io.trustedlaunch.agent.domain.DomainSpecBuilder;
import io.trustedlaunch.agent.domain.DomainXml;
import io.trustedlaunch.agent.hypervisor.FirmwareFiles;
import java.util.Optional;
import java.util.stream.Stream;

/** The domain of a guest that arrives, as its source's libvirt describes it. */
public final class ArrivingDomain {
    private static final long KIBIBYTES_IN_MEBIBYTE = 1024;
    private static final long MEBIBYTE = 1L << 20;

    private static final XmlComparison COMPARISON = new XmlComparison(LibvirtForms.ADDED, LibvirtForms.REWRITTEN);
    private static final XmlComparison VIRTIO =
            new XmlComparison(LibvirtForms.ADDED, LibvirtForms.REWRITTEN.and(LibvirtForms.VIRTIO_DISKS));

    private final ArrivalExpectation guest;
    private final XmlElement arrived;

    private ArrivingDomain(ArrivalExpectation guest, XmlElement arrived) {
        this.guest = guest;
        this.arrived = arrived;
    }

    /** Names the first thing in the description that this node does not expect of the guest; empty if there is none. */
    public static Optional<String> refusal(String xml, ArrivalExpectation guest) {
        try {
            return new ArrivingDomain(guest, PlainXml.parse(xml)).refusal();
        } catch (RefusedXmlException e) {
            return Optional.of("the domain's XML is refused: " + e.getMessage());
        }
    }

    private Optional<String> refusal() throws RefusedXmlException {
        if (guest.firmware().isEmpty()) {
            return Optional.of("this node has no firmware with Secure Boot and enrolled keys");
        }
        String rendered = DomainXml.started(
                DomainSpecBuilder.builder(guest.spec())
                        .acceleration(acceleration())
                        .build(),
                guest.variables());
        return (guest.spec().hasVirtioDisks() ? VIRTIO : COMPARISON)
                .refusal(asLibvirtWritesIt(PlainXml.parse(rendered.strip())), arrived);
    }

    /** The guest keeps the machine that its source gave it, whatever this host could do better. */
    private Acceleration acceleration() {
        return Acceleration.ofDomain(
                "kvm".equals(arrived.attributes().get("type")),
                arrived.at("devices", "iommu").findAny().isPresent(),
                arrived.at("cpu", "feature")
                        .anyMatch(feature -> "svm".equals(feature.attributes().get("name"))
                                && "require".equals(feature.attributes().get("policy"))));
    }

    private XmlElement asLibvirtWritesIt(XmlElement domain) {
        return domain.withChildren(domain.children().stream().map(child -> switch (child.name()) {
            case "memory" -> memory(child);
            case "os" -> firmware(child);
            case "devices" -> devices(child);
            default -> child;
        }));
    }

    /** The memory in KiB, and whole MiB. */
    private XmlElement memory(XmlElement memory) {
        long mebibytes = Math.ceilDiv(guest.spec().memoryBytes(), MEBIBYTE);
        return memory.with("unit", "KiB").withText(Long.toString(mebibytes * KIBIBYTES_IN_MEBIBYTE));
    }

    /** libvirt has chosen files by the features that we ask for; only a choice that this host offers is accepted. */
    private XmlElement firmware(XmlElement os) {
        FirmwareFiles files = guest.firmware().stream()
                .filter(candidate -> arrived.at("os", "loader")
                        .anyMatch(
                                loader -> loader.text().equals(candidate.code().toString())))
                .findFirst()
                .orElse(guest.firmware().getFirst());
        XmlElement loader = XmlElement.of("loader", files.code().toString())
                .with("readonly", "yes")
                .with("secure", "yes")
                .with("type", "pflash");
        return os.without("firmware")
                .withChildren(os.children().stream()
                        .filter(child -> !child.name().equals("firmware"))
                        .map(child -> child.name().equals("nvram")
                                ? child.with("template", files.variables().toString())
                                : child))
                .containing(loader);
    }

    /** The console is the serial port, and has its log. */
    private XmlElement devices(XmlElement devices) {
        XmlElement log = devices.at("serial", "log").findFirst().orElseThrow();
        Stream<XmlElement> withLog = devices.children().stream()
                .map(child -> child.name().equals("console") ? child.containing(log) : child);
        return devices.withChildren(withLog)
                .containing(XmlElement.of("emulator", guest.emulator().toString()));
    }
}
