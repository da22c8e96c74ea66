package io.trustedlaunch.agent.domain;

import java.nio.file.Path;
import java.util.stream.Stream;

/** UEFI: libvirt selects the firmware by features, so that no path of a distribution is needed here. */
record FirmwareSection(Path variables) implements Section {
    @Override
    public Stream<Xml> of(DomainSpec spec) {
        Xml type = Xml.element("type", "hvm").with("arch", "x86_64").with("machine", "q35");
        Xml features = Xml.element("firmware")
                .containing(feature("secure-boot", spec.secureBoot()), feature("enrolled-keys", spec.secureBoot()));
        return Stream.of(
                Xml.element("os").with("firmware", "efi").containing(type, features, Xml.element("nvram", variables)));
    }

    private static Xml feature(String name, boolean enabled) {
        return Xml.element("feature").with("enabled", enabled ? "yes" : "no").with("name", name);
    }
}
