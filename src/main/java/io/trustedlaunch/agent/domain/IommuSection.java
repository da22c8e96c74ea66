package io.trustedlaunch.agent.domain;

import java.util.stream.Stream;

/** The IOMMU that VBS needs for protection from devices. Intel's model also works for guests on AMD. */
final class IommuSection implements Section {
    @Override
    public Stream<Xml> of(DomainSpec spec) {
        if (!spec.acceleration().vbs()) {
            return Stream.empty();
        }
        // Not caching_mode, which is for devices of the host: Linux then flushes each mapping on its own.
        Xml driver = Xml.element("driver").with("intremap", "on");
        return Stream.of(Xml.element("iommu").with("model", "intel").containing(driver));
    }
}
