package io.trustedlaunch.agent.domain;

import java.util.stream.Stream;

/** Network cards: virtio for Linux, e1000e for Windows, which brings a driver for it. */
final class InterfaceSection implements Section {
    @Override
    public Stream<Xml> of(DomainSpec spec) {
        return spec.nics().stream().map(nic -> card(spec, nic));
    }

    private static Xml card(DomainSpec spec, Nic nic) {
        boolean linux = spec.osType() == OsType.LINUX;
        Xml card = Xml.element("interface")
                .with("type", "network")
                .containing(
                        Xml.element("mac").with("address", nic.mac()),
                        Xml.element("source").with("network", nic.network()),
                        Xml.element("model").with("type", linux ? "virtio" : "e1000e"),
                        // No boot over the network: a trusted launch starts from its own disk or not at all.
                        Xml.element("rom").with("enabled", "no"));
        boolean translated = linux && spec.acceleration().vbs();
        return translated ? card.containing(Xml.element("driver").with("iommu", "on")) : card;
    }
}
