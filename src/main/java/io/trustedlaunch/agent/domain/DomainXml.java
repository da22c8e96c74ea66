package io.trustedlaunch.agent.domain;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Builds the domain XML from its sections. */
public final class DomainXml {
    private static final List<Section> DEVICES = List.of(
            new ControllerSection(),
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
     * @param variables the file with the UEFI variables of this VM; explicit, so that libvirt uses the file that was
     *     checked
     */
    public static String render(DomainSpec spec, Path variables) {
        List<Section> sections = List.of(
                new IdentitySection(),
                new ProcessorSection(),
                new FirmwareSection(variables),
                new FeatureSection(),
                new ClockSection(),
                new LifecycleSection());
        Xml devices = Xml.element("devices").containing(all(DEVICES, spec));
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
