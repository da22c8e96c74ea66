package io.trustedlaunch.agent.domain;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Builds the domain XML from its sections. */
public final class DomainXml {
    private static final List<Section> DEVICES = List.of(
            new DiskSection(),
            new InterfaceSection(),
            new TpmSection(),
            new ConsoleSection(),
            new GuestAgentSection(),
            new ScreenSection(),
            new IommuSection(),
            new EntropySection());

    private DomainXml() {}

    /**
     * The domain of a guest that starts.
     *
     * @param variables the file with the UEFI variables of this VM; explicit, so that libvirt uses the file that was
     *     checked
     */
    public static String render(DomainSpec spec, Path variables) {
        return render(spec, variables, ControllerSection.atStart());
    }

    /** What the domain of a guest that was started elsewhere has at least: it may have spare ports besides. */
    public static String started(DomainSpec spec, Path variables) {
        return render(spec, variables, ControllerSection.onRecord());
    }

    /** One card of the domain, to be added to a guest that runs. */
    public static String card(DomainSpec spec, String name) {
        return InterfaceSection.card(
                        spec,
                        spec.nics().stream()
                                .filter(nic -> nic.name().equals(name))
                                .findFirst()
                                .orElseThrow())
                .render();
    }

    /**
     * One data disk of the domain, to be added to a guest that runs.
     *
     * @param devices of the domain's disks, for example vda
     */
    public static String disk(DomainSpec spec, String name, Set<String> devices) {
        return DiskSection.disk(
                        spec,
                        spec.dataDisks().stream()
                                .filter(disk -> disk.name().equals(name))
                                .findFirst()
                                .orElseThrow(),
                        devices)
                .render();
    }

    /**
     * One drive of the domain, to have another disc while its guest runs.
     *
     * @param device of the drive, for example sda
     */
    public static String drive(DomainSpec spec, String name, String device) {
        return DiskSection.drive(
                        spec,
                        spec.drives().stream()
                                .filter(drive -> drive.name().equals(name))
                                .findFirst()
                                .orElseThrow(),
                        device)
                .render();
    }

    private static String render(DomainSpec spec, Path variables, ControllerSection controllers) {
        List<Section> sections = List.of(
                new IdentitySection(),
                new ProcessorSection(),
                new FirmwareSection(variables),
                new FeatureSection(),
                new ClockSection(),
                new LifecycleSection());
        Xml devices = Xml.element("devices").containing(controllers.of(spec)).containing(all(DEVICES, spec));
        return Xml.element("domain")
                .with("type", spec.acceleration().kvm() ? "kvm" : "qemu")
                .containing(all(sections, spec))
                .containing(devices)
                .render();
    }

    private static Stream<Xml> all(List<Section> sections, DomainSpec spec) {
        return sections.stream().flatMap(section -> section.of(spec));
    }
}
